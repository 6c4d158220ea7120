import Locking

/// A text file that appears at its path when it is whole; dropped without `commit()` nothing is left of it.
public final class AtomicTextFile: Sendable {
    private let output: OutputHandle
    private let pending = Mutex<[UInt8]>([])

    private static let bufferBytes = 1 << 16

    /// **Errors** a folder that does not exist, no permission, a path that leads to a folder.
    public init(path: String) throws(ArrayFileError) { output = try OutputHandle(path: path) }

    /// Appends.
    public func write(_ text: String) throws(ArrayFileError) { try write(Array(text.utf8)) }

    /// Appends UTF-8; large pieces go to the file as they are.
    public func write(_ bytes: [UInt8]) throws(ArrayFileError) {
        try pending.withLock { pending throws(ArrayFileError) in
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
    public func flush() throws(ArrayFileError) {
        try pending.withLock { pending throws(ArrayFileError) in try flush(&pending) }
    }

    /// Renames the file into place; nothing may follow.
    public func commit() throws(ArrayFileError) {
        try flush()
        try output.commit()
    }

    private func flush(_ pending: inout [UInt8]) throws(ArrayFileError) {
        try output.write(unsafe pending.span.bytes)
        pending.removeAll(keepingCapacity: true)
    }
}
