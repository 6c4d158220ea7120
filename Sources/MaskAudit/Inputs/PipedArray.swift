import Locking
import NumPyFiles

/// An array that comes through standard input and can be read once.
final class PipedArray: Sendable {
    let header: ArrayHeader
    private let stream: ArrayStream
    private let isTaken = Mutex(false)

    /// The path that means standard input, and the one that leads there.
    static let path = "-"
    static let devicePath = "/dev/stdin"
    static let name = "standard input"

    /// Reads the header.
    ///
    /// **Errors.** What is not an NPY stream: an archive has its directory at its end, so it cannot be piped.
    init() throws(AuditError) {
        stream = try AuditError.wrapping(try ArrayStream.standardInput())
        header = stream.header
    }

    /// The stream, for its one reader.
    func take() throws(AuditError) -> ArrayStream {
        let isFirst = isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
        guard isFirst else {
            throw .input(
                Self.name, "is needed a second time and can be read once", remedy: "save it to a file and name that")
        }
        return stream
    }
}
