internal import CPixelKernels

/// Copies and conversions that turn what a file holds into the native class planes of a tile.
public enum PlaneLoading {
    /// Copies a strided run of pixels into planes of `tileStride` elements each.
    ///
    /// **Units.** Strides and `offset` are in elements of `elementByteCount` (1, 2, 4 or 8) bytes. `swap` reverses the
    /// bytes of each element, which turns big-endian into little-endian or back.
    public static func gather(
        from bytes: RawSpan, offset: Int, elementByteCount: Int, swap: Bool, classStride: Int, pixelStride: Int,
        classCount: Int, pixelCount: Int, into planes: inout [UInt8], at pixel: Int, tileStride: Int
    ) {
        precondition(pixelCount > 0 && classCount > 0 && offset >= 0, "nothing to gather")
        precondition(classStride >= 0 && pixelStride >= 0, "negative strides")
        let last = offset + (classCount - 1) * classStride + (pixelCount - 1) * pixelStride
        precondition((last + 1) * elementByteCount <= bytes.byteCount, "elements beyond the bytes")
        precondition(
            pixel >= 0 && ((classCount - 1) * tileStride + pixel + pixelCount) * elementByteCount <= planes.count,
            "planes too small")
        unsafe bytes.withUnsafeBytes { raw in
            unsafe planes.withUnsafeMutableBytes { planes in
                guard let source = raw.baseAddress, let target = planes.baseAddress else { return }
                unsafe mlk_gather(
                    source.advanced(by: offset * elementByteCount), UInt32(elementByteCount), swap, classStride,
                    pixelStride, UInt32(classCount), UInt32(pixelCount),
                    target.advanced(by: pixel * elementByteCount), tileStride)
            }
        }
    }

    /// Widens a tile to double planes, `PlaneTile.capacity` elements apart.
    public static func widen(_ tile: PlaneTile, in bytes: RawSpan, into planes: inout [Double]) {
        tile.check(in: bytes)
        let needed = tile.classCount * PlaneTile.capacity
        if planes.count < needed { planes = Array(repeating: 0, count: needed) }
        unsafe bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            unsafe mlk_widen(
                tile.type.kernelType, base.advanced(by: tile.offset * tile.type.byteCount), tile.stride,
                UInt32(tile.classCount), UInt32(tile.count), &planes, PlaneTile.capacity)
        }
    }

    /// Widens planes of bfloat16 to float32, exactly: its two bytes are the upper ones of a float32.
    public static func widen(bfloat16 planes: [UInt8], into wide: inout [UInt8]) {
        let count = planes.count / 2
        if wide.count < 4 * count { wide = Array(repeating: 0, count: 4 * count) }
        unsafe planes.withUnsafeBytes { source in
            unsafe wide.withUnsafeMutableBytes { target in
                for index in 0..<count {
                    let bits = unsafe source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
                    unsafe target.storeBytes(of: UInt32(bits) << 16, toByteOffset: 4 * index, as: UInt32.self)
                }
            }
        }
    }

    /// Widens a tile into longer planes of double, `stride` apart, from pixel `at` on.
    public static func copy(_ tile: PlaneTile, in bytes: RawSpan, into planes: inout [Double], at: Int, stride: Int) {
        tile.check(in: bytes)
        precondition(at >= 0 && (tile.classCount - 1) * stride + at + tile.count <= planes.count, "planes too small")
        unsafe bytes.withUnsafeBytes { raw in
            unsafe planes.withUnsafeMutableBufferPointer { planes in
                guard let base = raw.baseAddress, let target = planes.baseAddress else { return }
                unsafe mlk_widen(
                    tile.type.kernelType, base.advanced(by: tile.offset * tile.type.byteCount), tile.stride,
                    UInt32(tile.classCount), UInt32(tile.count), target.advanced(by: at), stride)
            }
        }
    }

    /// Softmax over classes of widened planes, shifted by the maximum.
    ///
    /// **Edge cases.** A pixel with a NaN or infinite logit becomes NaN in at least one class.
    public static func softmax(_ planes: inout [Double], classCount: Int, count: Int) {
        precondition(count <= PlaneTile.capacity && planes.count >= classCount * PlaneTile.capacity, "not a tile")
        unsafe mlk_softmax(&planes, PlaneTile.capacity, UInt32(classCount), UInt32(count))
    }
}

extension PlaneLoading {
    /// The value of a float16, exactly.
    public static func widened(half: UInt16) -> Double {
        Double(mlk_half_to_float(half))
    }
}

/// Which label each of the 256 values of a byte stands for.
public struct ByteLabels: Sendable {
    let kernelTable: mlk_label_table

    /// - Parameters:
    ///   - classes: the label of each value, -1 where it is ignored.
    ///   - unusable: stands in `classes` for a value that is no label.
    public init(_ classes: [Int32], unusable: Int32) {
        precondition(classes.count == 256, "a byte has 256 values")
        kernelTable = unsafe mlk_make_label_table(classes, unusable)
    }
}

extension PlaneLoading {
    /// Replaces `labels` by what `table` gives for each of `count` bytes. Returns whether any of them is unusable.
    public static func lookUp(
        _ bytes: RawSpan, offset: Int, count: Int, table: ByteLabels, into labels: inout [Int32]
    ) -> Bool {
        precondition(offset >= 0 && count >= 0 && offset + count <= bytes.byteCount, "beyond the bytes")
        var isBad = false
        labels = unsafe [Int32](capacity: count) { target in
            unsafe bytes.withUnsafeBytes { raw in
                guard let source = raw.baseAddress else { return 0 }
                isBad = unsafe withUnsafePointer(to: table.kernelTable) {
                    unsafe mlk_look_up(
                        source.advanced(by: offset).assumingMemoryBound(to: UInt8.self), count, $0, target)
                }
                return count
            }
        }
        return isBad
    }
}

/// Counts labels by class, leaving out ignored pixels (-1), and returns how many pixels are counted. `labels` are below
/// `counts.count`.
public func countLabels(_ labels: Span<Int32>, into counts: inout [UInt64]) -> Int {
    unsafe labels.withUnsafeBufferPointer { labels in
        guard let base = labels.baseAddress else { return 0 }
        return Int(unsafe mlk_count(base, UInt32(labels.count), UInt32(counts.count), &counts))
    }
}

extension PlaneLoading {
    /// Enlarges a row: each value lies between two stored ones.
    ///
    /// **Shapes.** `low`, `high` and `shares` have one element per enlarged value; stored values begin at `start`,
    /// enlarged ones at `place`.
    public static func enlarge(
        _ row: [Double], at start: Int, low: [Int], high: [Int], shares: [Double], into out: inout [Double],
        at place: Int
    ) {
        precondition(low.count == high.count && low.count == shares.count, "places of unlike axes")
        precondition(place >= 0 && place + low.count <= out.count, "beyond the enlarged row")
        guard let last = high.last else { return }
        precondition(start >= 0 && start + last < row.count, "beyond the stored row")
        unsafe row.withUnsafeBufferPointer { row in
            unsafe out.withUnsafeMutableBufferPointer { out in
                unsafe mlk_enlarge_row(row.baseAddress! + start, low, high, shares, low.count, out.baseAddress! + place)
            }
        }
    }

    /// Joins two rows, of which the second one counts for `share`.
    public static func join(
        _ above: [Double], _ below: [Double], at start: Int, share: Double, count: Int, into out: inout [Double],
        at place: Int
    ) {
        precondition(start >= 0 && start + count <= above.count && start + count <= below.count, "beyond a row")
        precondition(place >= 0 && place + count <= out.count, "beyond the planes")
        guard count > 0 else { return }
        unsafe above.withUnsafeBufferPointer { above in
            unsafe below.withUnsafeBufferPointer { below in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    unsafe mlk_join_rows(
                        above.baseAddress! + start, below.baseAddress! + start, share, count, out.baseAddress! + place)
                }
            }
        }
    }
}
