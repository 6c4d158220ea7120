internal import CNpyIO

/// Device and inode: equal where two paths lead to one file.
public struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil where the path leads to nothing.
    public init?(path: String) {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        guard unsafe npio_path_identity(path, &device, &inode) else { return nil }
        self.device = device
        self.inode = inode
    }
}

public enum PathKind: Hashable, Sendable {
    case missing, file, folder, other
}

/// What a path leads to, through symbolic links.
public func pathKind(_ path: String) -> PathKind {
    switch Int(unsafe npio_path_kind(path)) {
    case Int(NPIO_PATH_MISSING): .missing
    case Int(NPIO_PATH_FILE): .file
    case Int(NPIO_PATH_FOLDER): .folder
    default: .other
    }
}

/// The names in a folder, without `.` and `..`, in order of their bytes. Names that are not UTF-8 are left out.
public func fileNames(inFolder path: String) throws(ArrayFileError) -> [String] {
    var folder: OpaquePointer?
    try ArrayFileError.check(file: path) { unsafe npio_folder_open(path, &folder, &$0) }
    guard let folder = unsafe folder else { return [] }
    defer { unsafe npio_folder_close(folder) }
    var names: [String] = []
    while true {
        var name: UnsafePointer<CChar>?
        try ArrayFileError.check(file: path) { unsafe npio_folder_next(folder, &name, &$0) }
        guard let found = unsafe name else { break }
        if let text = unsafe String(validatingCString: found) { names.append(text) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// The first bytes of a file, fewer where it ends before.
public func firstBytes(path: String, count: Int) throws(ArrayFileError) -> [UInt8] {
    let file = try OpenFile(path: path)
    return try file.bytes(at: 0, count: min(count, file.byteCount))
}

/// A whole text file, without a byte order mark.
///
/// **Errors** more than `limit` bytes, or bytes that are not UTF-8.
public func readTextFile(path: String, limit: Int) throws(ArrayFileError) -> String {
    let file = try OpenFile(path: path)
    guard file.byteCount <= limit else {
        throw ArrayFileError(.textTooLong, file: path, found: UInt64(file.byteCount), expected: UInt64(limit))
    }
    var bytes = try file.bytes(at: 0, count: file.byteCount)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw ArrayFileError(.textNotUTF8, file: path) }
    return text
}
