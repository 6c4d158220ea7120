internal import Libc

/// Writes a file that appears at its path when it is whole.
///
/// **Errors** as of `AtomicTextFile`.
public func writeFile(_ bytes: [UInt8], path: String) throws(ArrayFileError) {
    let output = try OutputHandle(path: path)
    try output.write(unsafe bytes.span.bytes)
    try output.commit()
}

/// Makes a folder unless it is there.
///
/// **Errors** a parent folder that is not there, no permission, a file of that name.
public func makeFolder(path: String) throws(ArrayFileError) {
    if pathKind(path) == .folder { return }
    guard !path.utf8.contains(0), unsafe mkdir(path, 0o777) == 0 else {
        let code = errno
        let kind: ArrayFileError.Code =
            switch code {
            case ENOENT, ENOTDIR: .missing
            case EACCES, EPERM, EROFS: .permissionDenied
            default: .system
            }
        throw ArrayFileError(kind, file: path, text: kind == .missing ? "create" : "make the folder", systemError: code)
    }
}
