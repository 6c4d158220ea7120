/// Records as bytes, in a temporary file or one that is kept: counts and arrays as they lie in memory.
public enum RecordCoding {
    public static func append<Element: BitwiseCopyable>(_ values: [Element], to bytes: inout [UInt8]) {
        unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// A place in bytes that are read back. The bytes may be anyone's: what is not there is nil.
    public struct Reader {
        private var offset = 0

        public init() {}

        /// The next `count` values.
        public mutating func take<Element: BitwiseCopyable>(_ count: Int, from bytes: RawSpan) -> [Element]? {
            let stride = MemoryLayout<Element>.stride
            // Divided, since a count times a stride may not fit.
            guard count >= 0, count <= (bytes.byteCount - offset) / stride else { return nil }
            let part = bytes.extracting(offset..<offset + count * stride)
            offset += part.byteCount
            return unsafe Array(capacity: count) { start in
                unsafe part.withUnsafeBytes { bytes in
                    unsafe UnsafeMutableRawBufferPointer(start: start, count: part.byteCount).copyMemory(from: bytes)
                }
                return count
            }
        }

        /// Whether all of the bytes were taken.
        public func isAtEnd(of bytes: RawSpan) -> Bool { offset == bytes.byteCount }
    }

    /// Whether words hold one bit per pixel of runs that start at whole words each, and no bit after the end of a run.
    public static func isBitmap(_ words: [UInt64], of runs: [Int]) -> Bool {
        var end = 0
        for run in runs {
            end += (run + 63) / 64
            guard end <= words.count, run % 64 == 0 || words[end - 1] >> UInt64(run % 64) == 0 else { return false }
        }
        return end == words.count
    }
}

extension Sequence<UInt64> {
    /// How many bits are set.
    var bitCount: Int { reduce(0) { $0 + $1.nonzeroBitCount } }
}
