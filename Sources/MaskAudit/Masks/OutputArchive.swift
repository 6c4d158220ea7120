import Locking
import NumPyFiles

/// Whether a key is that of an array such as `label_issues`, or that of one image's below it, `label_issues/NAME`.
///
/// By bytes: as characters, a slash is one with a combining mark that a name begins with.
func isKey(_ key: String, under array: String) -> Bool { key == array || key.utf8.starts(with: (array + "/").utf8) }

/// The output file, shared by the threads that fill it one after another.
final class OutputArchive: Sendable {
    private let writer: Mutex<ArchiveWriter>
    /// How its members are written.
    let compression: ArchiveCompression

    /// - Parameters:
    ///   - path: of the file, or `-` for standard output.
    ///   - files: those that it appears with.
    init(path: String, isStored: Bool, in files: RunFiles) throws(AuditError) {
        compression = isStored ? .stored : .deflated
        do throws(ArrayFileError) {
            writer = Mutex(
                try ArchiveWriter(
                    path == "-" ? .standardOutput : .file(path: path), compression: compression, in: files.finished))
        } catch {
            throw .file(error)
        }
    }

    private func withWriter(_ body: (ArchiveWriter) throws(ArrayFileError) -> Void) throws(AuditError) {
        let failure = writer.withLock { writer -> ArrayFileError? in
            do throws(ArrayFileError) {
                try body(writer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw .file(failure) }
    }

    func begin(key: String, header: ArrayHeader) throws(AuditError) {
        try withWriter { (writer) throws(ArrayFileError) in try writer.begin(key: key, header: header) }
    }

    func append(_ chunk: DeflatedChunk) throws(AuditError) {
        try withWriter { (writer) throws(ArrayFileError) in try writer.append(chunk) }
    }

    func end() throws(AuditError) {
        try withWriter { (writer) throws(ArrayFileError) in try writer.end() }
    }

    /// Writes a whole member, along one axis unless `shape` says otherwise.
    func add<Element: ArrayElement>(key: String, shape: [Int]? = nil, _ values: [Element]) throws(AuditError) {
        try withWriter { (writer) throws(ArrayFileError) in
            try writer.add(key: key, shape: shape ?? [values.count], elements: values.span)
        }
    }

    /// Ends the archive, which appears with all outputs of the run.
    func finish() throws(AuditError) {
        try withWriter { (writer) throws(ArrayFileError) in try writer.commit() }
    }
}
