/// The first bytes of a file, fewer where it ends before.
public func firstBytes(path: String, count: Int) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path: path)
    return try file.bytes(at: 0, count: min(count, file.byteCount))
}

/// A whole text file, without a byte order mark.
///
/// **Errors.** More than `limit` bytes, or bytes that are not UTF-8.
public func readTextFile(path: String, limit: Int) throws(FileError) -> String {
    let file = try OpenFile(path: path)
    guard file.byteCount <= limit else {
        throw FileError(.textTooLong, file: path, found: UInt64(file.byteCount), expected: UInt64(limit))
    }
    var bytes = try file.bytes(at: 0, count: file.byteCount)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw FileError(.textNotUTF8, file: path) }
    return text
}

/// Writes a file that appears at its path when it is whole.
///
/// **Errors.** As of `AtomicTextFile`.
public func writeFile(_ bytes: [UInt8], path: String) throws(FileError) {
    let output = try AtomicTextFile(path: path)
    try output.write(bytes)
    try output.commit()
}
