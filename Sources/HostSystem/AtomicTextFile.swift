internal import Locking

/// A text file that appears at its path when it is whole, and with all others of its set; dropped without `commit()` nothing
/// is left of it.
///
/// Several threads may append. The lock makes each piece go in whole, and in the order in which the calls took it.
///
/// **Errors.** A folder that does not exist, no permission, a path that leads to a folder, a full disk.
public final class AtomicTextFile: Sendable {
    private let output: OutputHandle
    private let set: OutputSet?
    private let pending = Mutex<[UInt8]>([])

    private static let bufferBytes = 1 << 16

    /// - Parameter set: the outputs that it appears with; nil where it appears alone.
    public init(path: String, in set: OutputSet? = nil) throws(FileError) {
        output = try OutputHandle(path: path)
        self.set = set
    }

    /// Appends.
    public func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

    /// Appends UTF-8; large pieces go to the file as they are.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        try pending.withLock { pending throws(FileError) in
            if bytes.count < Self.bufferBytes {
                pending.append(contentsOf: bytes)
                if pending.count >= Self.bufferBytes { try flush(&pending) }
            } else {
                try flush(&pending)
                try output.write(unsafe bytes.span.bytes)
            }
        }
    }

    /// Hands what was appended to the file system; `commit()` does so too.
    public func flush() throws(FileError) {
        try pending.withLock { pending throws(FileError) in try flush(&pending) }
    }

    /// Ends the file, which appears now or with its set; nothing may follow.
    public func commit() throws(FileError) {
        try flush()
        try OutputSet.add(output, to: set)
    }

    private func flush(_ pending: inout [UInt8]) throws(FileError) {
        try output.write(unsafe pending.span.bytes)
        pending.removeAll(keepingCapacity: true)
    }
}
