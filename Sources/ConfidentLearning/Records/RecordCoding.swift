/// Records as bytes, for a temporary file that this process reads back: arrays as they lie in memory.
public enum RecordCoding {
    public static func append<Element: BitwiseCopyable>(_ values: [Element], to bytes: inout [UInt8]) {
        unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// A place in the bytes that are read back. They are our own: a record that is too short is a precondition.
    public struct Reader {
        private var offset = 0

        public init() {}

        public mutating func take<Element: BitwiseCopyable>(_ count: Int, from bytes: RawSpan) -> [Element] {
            let length = count * MemoryLayout<Element>.stride
            precondition(count >= 0 && length <= bytes.byteCount - offset, "a record shorter than it says")
            defer { offset += length }
            let part = bytes.extracting(offset..<offset + length)
            return unsafe Array(capacity: count) { start in
                unsafe part.withUnsafeBytes { bytes in
                    let target = unsafe UnsafeMutableRawBufferPointer(start: start, count: length)
                    unsafe target.copyMemory(from: bytes)
                }
                return count
            }
        }
    }
}
