/// A text file that appears at its path when it is whole; dropped without `commit()` nothing is left of it.
public final class AtomicTextFile {
    private let output: OutputHandle
    private var pending: [UInt8] = []

    /// **Errors** a folder that does not exist, no permission, a path that leads to a folder.
    public init(path: String) throws(ArrayFileError) { output = try OutputHandle(path: path) }

    /// Appends.
    public func write(_ text: String) throws(ArrayFileError) {
        pending.append(contentsOf: text.utf8)
        if pending.count >= 1 << 16 { try flush() }
    }

    /// Renames the file into place; nothing may follow.
    public func commit() throws(ArrayFileError) {
        try flush()
        try output.commit()
    }

    private func flush() throws(ArrayFileError) {
        let bytes = pending
        pending = []
        try output.write(unsafe bytes.span.bytes)
    }
}
