import NumPyFiles

/// What a folder of images holds.
struct FolderListing {
    /// Paths of its .npy and .npz files, whatever the case of the suffix, in natural order of their names.
    var files: [String]

    /// **Edge cases.** Hidden files, such as the `._x.npy` that macOS leaves behind, and subfolders are passed over.
    /// **Errors.** A folder without such files, which says what it has instead.
    init(_ path: String) throws(AuditError) {
        let names = try AuditError.wrapping { () throws(ArrayFileError) in try fileNames(inFolder: path) }
            .filter { !$0.hasPrefix(".") }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        files = names.filter { name in arraySuffixes.contains { name.lowercased().hasSuffix($0) } }
            .sorted(by: isNaturallyOrdered).map { prefix + $0 }
        guard files.isEmpty else { return }
        if let folder = names.first(where: { pathKind(prefix + $0) == .folder }) {
            throw .input(
                path, "is a folder without .npy or .npz files; it has subfolders, which are not searched",
                remedy: "name the folder with the files, such as \(prefix)\(printable(folder))")
        }
        throw .input(
            path,
            names.isEmpty ? "is an empty folder" : "is a folder of \(names.count) files without .npy or .npz files",
            remedy: "name a file, or a folder with one .npy or .npz an image")
    }
}

/// How the names of files end that hold arrays.
let arraySuffixes = [".npy", ".npz"]

/// A file's name without folder, `.npy` and `.npz`.
func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let suffix = arraySuffixes.first { name.lowercased().hasSuffix($0) }
    return String(name.dropLast(suffix?.count ?? 0))
}
