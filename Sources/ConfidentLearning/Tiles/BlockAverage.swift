internal import CPixelKernels

/// How the labels of a block become one label.
public enum BlockLabelMode: String, CaseIterable, Sendable {
    /// The mean of the class numbers, rounded half to even, as cleanlab does it.
    case mean
    /// The most frequent class, and the lowest of several equally frequent ones.
    case majority
}

/// Downsampling by averaging factor x factor blocks.
///
/// **Source.** cleanlab `segmentation/filter.py`, `downsample_arrays`. Here ignored pixels take no part in a block's
/// label.
public struct BlockAverage: Sendable {
    public let factor: Int
    public let labelMode: BlockLabelMode
    /// Classes that are ignored as labels. A mean may round to one of them; the block is then ignored as well.
    let ignoredClasses: Set<Int32>

    public init(factor: Int, labelMode: BlockLabelMode, ignoredClasses: Set<Int32>) {
        precondition(factor > 0, "a block has at least one pixel")
        self.factor = factor
        self.labelMode = labelMode
        self.ignoredClasses = ignoredClasses
    }

    /// The labels of the blocks of some rows.
    ///
    /// **Shapes.** `labels` (rows, width), both multiples of the factor, negative where ignored. The result is
    /// (rows / factor, width / factor), negative for a block that holds ignored pixels only.
    public func labels(_ labels: Span<Int32>, width: Int) -> [Int32] {
        let rows = width == 0 ? 0 : labels.count / width
        precondition(rows % factor == 0 && width % factor == 0 && rows * width == labels.count, "a block that is cut")
        let small = labelMode == .mean ? means(labels, rows: rows, width: width) : majorities(labels, rows, width)
        return ignoredClasses.isEmpty ? small : small.map { ignoredClasses.contains($0) ? -1 : $0 }
    }

    private func means(_ labels: Span<Int32>, rows: Int, width: Int) -> [Int32] {
        let blocks = (rows / factor) * (width / factor)
        var sums = [Int64](repeating: 0, count: blocks)
        var counts = sums
        precondition(factor <= 1 << 16, "more labels than a sum of 32 bits takes")
        var rowSums = [UInt32](repeating: 0, count: 2 * width)
        unsafe labels.withUnsafeBufferPointer { labels in
            guard let base = labels.baseAddress else { return }
            unsafe mlk_block_label_sums(base, UInt32(rows), UInt32(width), UInt32(factor), &rowSums, &sums, &counts)
        }
        return zip(sums, counts).map { sum, count in
            count == 0 ? -1 : Int32((Double(sum) / Double(count)).rounded(.toNearestOrEven))
        }
    }

    private func majorities(_ labels: Span<Int32>, _ rows: Int, _ width: Int) -> [Int32] {
        var small: [Int32] = []
        small.reserveCapacity(labels.count / (factor * factor))
        var block: [Int32] = []
        for top in stride(from: 0, to: rows, by: factor) {
            for left in stride(from: 0, to: width, by: factor) {
                block.removeAll(keepingCapacity: true)
                for y in top..<top + factor {
                    for x in left..<left + factor {
                        let label = labels[y * width + x]
                        if label >= 0 { block.append(label) }
                    }
                }
                small.append(Self.majority(&block))
            }
        }
        return small
    }

    private static func majority(_ block: inout [Int32]) -> Int32 {
        guard let first = block.first else { return -1 }
        guard block.contains(where: { $0 != first }) else { return first }
        block.sort()
        var best: Int32 = -1
        var bestCount = 0
        var start = 0
        while start < block.count {
            var end = start
            while end < block.count && block[end] == block[start] { end += 1 }
            if end - start > bestCount {
                bestCount = end - start
                best = block[start]
            }
            start = end
        }
        return best
    }

    /// Adds up probabilities over the blocks of some rows.
    ///
    /// **Shapes.** `bytes` holds K planes of `type` and shape (rows, width), plane k from element `offset + k * stride`
    /// on. `sums` receives (K, rows / factor, width / factor) in double, plane k from `at + k * sumStride` on.
    /// `rowSums` is scratch, kept by the caller from call to call.
    public func addUp(
        _ bytes: RawSpan, type: PlaneType, classCount: Int, offset: Int, stride: Int, rows: Int, width: Int,
        into sums: inout [Double], at: Int, sumStride: Int, rowSums: inout [Double]
    ) {
        precondition(rows % factor == 0 && width % factor == 0 && classCount > 0, "a block that is cut")
        let blocks = (rows / factor) * (width / factor)
        precondition(
            (offset + (classCount - 1) * stride + rows * width) * type.byteCount <= bytes.byteCount,
            "planes beyond the bytes")
        precondition(at >= 0 && (classCount - 1) * sumStride + at + blocks <= sums.count, "planes too small")
        if rowSums.count < width { rowSums = Array(repeating: 0, count: width) }
        unsafe bytes.withUnsafeBytes { raw in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                guard let base = raw.baseAddress, let target = sums.baseAddress else { return }
                for classIndex in 0..<classCount {
                    unsafe mlk_block_sums(
                        type.kernelType, base.advanced(by: (offset + classIndex * stride) * type.byteCount),
                        UInt32(rows), UInt32(width), UInt32(factor), &rowSums,
                        target.advanced(by: at + classIndex * sumStride))
                }
            }
        }
    }

    /// Turns sums over blocks into probabilities: divides by their sum over classes, which also makes means of them.
    ///
    /// **Edge cases.** A block that sums to 0 stays 0.
    ///
    /// **Shapes.** `sums` (K, count) in double, planes `count` apart.
    public func normalize(_ sums: inout [Double], classCount: Int, count: Int) {
        precondition(sums.count >= classCount * count, "planes too small")
        for first in Swift.stride(from: 0, to: count, by: PlaneTile.capacity) {
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                guard let base = sums.baseAddress else { return }
                unsafe mlk_normalize(
                    base.advanced(by: first), count, UInt32(classCount), UInt32(min(PlaneTile.capacity, count - first)))
            }
        }
    }
}
