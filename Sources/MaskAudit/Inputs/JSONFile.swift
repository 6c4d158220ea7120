import NumPyFiles

extension JSONValue {
    /// What a JSON file holds.
    ///
    /// **Errors.** A file that cannot be read, is larger than 64 MiB or no JSON, with line and column.
    public init(path: String) throws(AuditError) {
        let text = try AuditError.wrapping(try readTextFile(path: path, limit: 64 << 20))
        do {
            try self.init(parsing: text)
        } catch {
            throw .input(
                InputFault(
                    file: printable(path),
                    finding: "line \(error.line) column \(error.column) is no JSON: \(error.finding)"))
        }
    }
}
