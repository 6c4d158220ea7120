internal import CHostSystem
internal import Libc

/// The names in a folder, without `.` and `..`, in order of their bytes.
public func fileNames(inFolder path: String) throws(FileError) -> [ByteName] {
    let folder = unsafe try FileError.made(file: path) { unsafe host_folder_open(path, &$0, &$1) }
    defer { unsafe host_folder_close(folder) }
    var names: [ByteName] = []
    while true {
        var name: UnsafePointer<CChar>?
        try FileError.check(file: path) { unsafe host_folder_next(folder, &name, &$0) }
        guard let found = unsafe name else { break }
        names.append(unsafe ByteName([UInt8](UnsafeRawBufferPointer(start: found, count: strlen(found)))))
    }
    return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
}

/// Makes a folder unless it is there; whether it was made.
///
/// **Errors.** A parent folder that is not there, no permission, a file of that name.
func makeFolder(path: String) throws(FileError) -> Bool {
    if pathKind(path) == .folder { return false }
    guard !path.utf8.contains(0), unsafe mkdir(path, 0o777) == 0 else {
        let error = errno
        let code = FileError.Code(systemError: error)
        throw FileError(
            code, file: path, text: code == .missing ? "create" : "make the folder", systemError: error)
    }
    return true
}
