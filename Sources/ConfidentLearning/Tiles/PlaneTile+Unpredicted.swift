extension PlaneTile {
    /// Sets the labels of pixels to -1 that have no prediction: 0 in every class.
    ///
    /// **Shapes.** The tile's first pixel has the label `labels[first]`.
    /// **Cost.** Reads the first class of every pixel, and further classes only of pixels that are 0 so far.
    public func ignoreUnpredicted(_ labels: inout [Int32], from first: Int = 0, in bytes: RawSpan) {
        check(in: bytes)
        precondition(first >= 0 && first + count <= labels.count, "a pixel without a label")
        var left = (0..<count).filter { labels[first + $0] >= 0 }
        for classIndex in 0..<classCount where !left.isEmpty {
            let plane = offset + classIndex * stride
            left.removeAll { !isZero(plane + $0, in: bytes) }
        }
        for pixel in left { labels[first + pixel] = -1 }
    }

    private func isZero(_ element: Int, in bytes: RawSpan) -> Bool {
        let at = element * type.byteCount
        // All bits but the sign.
        return switch type {
        case .float16: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self) << 1 == 0
        case .float32: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self) << 1 == 0
        case .float64: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self) << 1 == 0
        }
    }
}
