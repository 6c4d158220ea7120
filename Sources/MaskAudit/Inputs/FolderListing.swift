import NumPyFiles

/// What a folder of images holds.
struct FolderListing {
    /// Paths of its .npy files, whatever the case of the suffix, in natural order of their names.
    var files: [String]
    /// Names of archives beside them, which are not read.
    var archives: [String]

    /// **Edge cases.** Hidden files, such as the `._x.npy` that macOS leaves behind, and subfolders are passed over.
    /// **Errors.** A folder without .npy files, which says what it has instead.
    init(_ path: String) throws(AuditError) {
        let names = try AuditError.wrapping { () throws(ArrayFileError) in try fileNames(inFolder: path) }
            .filter { !$0.hasPrefix(".") }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        archives = names.filter { $0.lowercased().hasSuffix(".npz") }
        files = names.filter { $0.lowercased().hasSuffix(npySuffix) }.sorted(by: isNaturallyOrdered).map { prefix + $0 }
        guard files.isEmpty else { return }
        if let archive = archives.first {
            throw .input(
                path, "is a folder with \(archives.count) .npz and no .npy files",
                remedy: "name the archives themselves, as in \(prefix)\(printable(archive))")
        }
        if let folder = names.first(where: { pathKind(prefix + $0) == .folder }) {
            throw .input(
                path, "is a folder without .npy files; it has subfolders, which are not searched",
                remedy: "name the folder with the files, such as \(prefix)\(printable(folder))")
        }
        throw .input(
            path, names.isEmpty ? "is an empty folder" : "is a folder of \(names.count) files without .npy files",
            remedy: "name a file, or a folder with one .npy an image")
    }
}

extension InputResolver {
    /// Archives in folders of .npy files, which are passed over.
    func warnings() -> [String] {
        selection.paths.compactMap { path in
            guard path != PipedArray.path, pathKind(path) == .folder,
                let listing = try? FolderListing(path), let first = listing.archives.first
            else { return nil }
            let more = listing.archives.count > 1 ? " and \(listing.archives.count - 1) more" : ""
            return "\(path): \(printable(first))\(more) left out, of a folder only .npy files are read"
        }
    }
}

private let npySuffix = ".npy"

/// A file's name without folder and `.npy`.
func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.lowercased().hasSuffix(npySuffix) ? String(name.dropLast(npySuffix.count)) : name
}
