internal import CPixelKernels

/// How the labels of a block become one label.
public enum BlockLabelMode: String, CaseIterable, Sendable {
    /// The mean of the class numbers, rounded half to even, as cleanlab does it.
    case mean
    /// The most frequent class; the lowest of equally frequent ones.
    case majority
}

/// Downsampling by averaging factor x factor blocks.
///
/// **Source.** cleanlab `segmentation/filter.py`, `downsample_arrays`; ignored pixels take no part in a block's label.
public struct BlockAverage: Sendable {
    public let factor: Int
    public let labelMode: BlockLabelMode
    /// Classes that are ignored as labels; a mean may round to one of them, and then the block is ignored as well.
    let ignoredClasses: Set<Int32>

    public init(factor: Int, labelMode: BlockLabelMode, ignoredClasses: Set<Int32>) {
        precondition(factor > 0, "a block has at least one pixel")
        self.factor = factor
        self.labelMode = labelMode
        self.ignoredClasses = ignoredClasses
    }

    /// Labels of the blocks of some rows.
    ///
    /// **Shapes.** `labels` (rows, width), both multiples of the factor, negative where ignored; result
    /// (rows / factor, width / factor), negative for a block of ignored pixels only.
    public func labels(_ labels: Span<Int32>, width: Int) -> [Int32] {
        let rows = width == 0 ? 0 : labels.count / width
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
                let label = labelMode == .mean ? Self.mean(block) : Self.majority(&block)
                small.append(ignoredClasses.contains(label) ? -1 : label)
            }
        }
        return small
    }

    private static func mean(_ block: [Int32]) -> Int32 {
        guard !block.isEmpty else { return -1 }
        let sum = block.reduce(0) { $0 + Int($1) }
        return Int32((Double(sum) / Double(block.count)).rounded(.toNearestOrEven))
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

    /// Probabilities of the blocks of some rows: mean over each block, then divided by their sum over classes.
    ///
    /// **Shapes.** `bytes` holds K planes of `type`, plane k from element `offset + k * stride` on, (rows, width)
    /// each; result (K, rows / factor, width / factor) in double. A block that sums to 0 stays 0.
    public func probabilities(
        in bytes: RawSpan, type: PlaneType, classCount: Int, offset: Int, stride: Int, rows: Int, width: Int,
        into small: inout [Double], rowSums: inout [Double]
    ) {
        precondition(rows % factor == 0 && width % factor == 0, "a block that is cut")
        let blocks = (rows / factor) * (width / factor)
        precondition(
            (offset + (classCount - 1) * stride + rows * width) * type.byteCount <= bytes.byteCount,
            "planes beyond the bytes")
        small.removeAll(keepingCapacity: true)
        small.append(contentsOf: repeatElement(0, count: classCount * blocks))
        if rowSums.count < width { rowSums = Array(repeating: 0, count: width) }
        guard blocks > 0 else { return }
        unsafe bytes.withUnsafeBytes { raw in
            unsafe small.withUnsafeMutableBufferPointer { small in
                guard let base = raw.baseAddress, let target = small.baseAddress else { return }
                for classIndex in 0..<classCount {
                    unsafe mlk_block_sums(
                        type.kernelType, base.advanced(by: (offset + classIndex * stride) * type.byteCount),
                        UInt32(rows), UInt32(width), UInt32(factor), &rowSums,
                        target.advanced(by: classIndex * blocks))
                }
            }
        }
        for block in 0..<blocks {
            var sum = 0.0
            for classIndex in 0..<classCount { sum += small[classIndex * blocks + block] }
            guard sum != 0 else { continue }
            for classIndex in 0..<classCount { small[classIndex * blocks + block] /= sum }
        }
    }
}
