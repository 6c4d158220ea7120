import NumPyFiles

/// The lines of a text file of names, without empty ones at its end.
///
/// **Errors.** A file that cannot be read, is larger than 16 MiB or not UTF-8.
package func textLines(_ path: String) throws(AuditError) -> [String] {
    let text = try AuditError.wrapping(try readTextFile(path: path, limit: 16 << 20))
    // A carriage return and line feed are one Character to Swift, and both are newlines.
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
}
