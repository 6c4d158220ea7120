internal import Locking

/// A nameless temporary file, to be appended to and read back from any thread. Its space is freed with the last
/// reference.
///
/// Appending takes no lock: a thread reserves its range of the file by one atomic addition and then writes there alone.
public final class SpoolFile: Sendable {
    private let output: OutputHandle
    private let size = Atomic<Int>(0)

    /// **Errors.** A folder that does not exist or may not be written to.
    public init(folder: String) throws(FileError) { output = try OutputHandle(folder: folder) }

    /// Appends and gives the offset at which the bytes start.
    public func append(_ bytes: RawSpan) throws(FileError) -> Int {
        let (offset, _) = size.wrappingAdd(bytes.byteCount, ordering: .relaxed)
        try output.write(bytes, at: offset)
        return offset
    }

    /// Replaces `buffer` by `count` bytes that were appended before; others are a precondition.
    public func read(at offset: Int, count: Int, into buffer: inout [UInt8]) throws(FileError) {
        precondition(
            offset >= 0 && count >= 0 && offset + count <= size.load(ordering: .relaxed), "bytes outside the spool")
        if buffer.count != count {
            buffer.removeAll(keepingCapacity: true)
            buffer.append(contentsOf: repeatElement(0, count: count))
        }
        try output.read(at: offset, into: &buffer)
    }

    /// The same bytes as a file to map; `path` is for messages.
    package func reopened(named path: String) throws(FileError) -> OpenFile {
        try OpenFile(reopening: output, path: path)
    }
}
