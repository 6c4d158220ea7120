import NumPyFiles

extension DType {
    /// Whole numbers that it holds exactly, from 0 on as many as an `Int` and a file have.
    var wholeNumbers: ClosedRange<Int> {
        switch kind {
        case .bool: 0...1
        case .raw: 0...0
        case .unsignedInteger: 0...(byteCount == 8 ? Int.max : 1 << (8 * byteCount) - 1)
        case .signedInteger:
            byteCount == 8 ? Int.min...Int.max : (-1 << (8 * byteCount - 1))...(1 << (8 * byteCount - 1) - 1)
        case .float: byteCount == 2 ? -2048...2048 : byteCount == 4 ? -(1 << 24)...(1 << 24) : -(1 << 53)...(1 << 53)
        }
    }
}
