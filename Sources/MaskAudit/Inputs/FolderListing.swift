import NumPyFiles

/// What a folder of images holds.
struct FolderListing {
    /// Paths of its .npy and .npz files, whatever the case of the suffix, in natural order of their names.
    var files: [String]

    /// **Edge cases.** Hidden files, such as the `._x.npy` that macOS leaves behind, and subfolders are passed over.
    /// **Errors.** A file whose name is not UTF-8, so that its image could not be named; a folder without such files, which
    /// says what it has instead.
    init(_ path: String) throws(AuditError) {
        let found = try AuditError.wrapping(try fileNames(inFolder: path))
            .filter { $0.bytes.first != UInt8(ascii: ".") }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        if let odd = found.first(where: { $0.text == nil && arraySuffix($0.bytes) != nil }) {
            throw .input(
                prefix + odd.escaped, "the name is not UTF-8, so the image cannot be named", remedy: "rename the file")
        }
        let names = found.compactMap(\.text)
        files = names.filter { arraySuffix($0.utf8) != nil }.sorted(by: isNaturallyOrdered).map { prefix + $0 }
        guard files.isEmpty else { return }
        if let folder = names.first(where: { pathKind(prefix + $0) == .folder }) {
            throw .input(
                path, "is a folder without .npy or .npz files; it has subfolders, which are not searched",
                remedy: "name the folder with the files, such as \(prefix)\(printable(folder))")
        }
        throw .input(
            path,
            found.isEmpty ? "is an empty folder" : "is a folder of \(found.count) files without .npy or .npz files",
            remedy: "name a file, or a folder with one .npy or .npz an image")
    }
}

/// How the names of files end that hold arrays.
let arraySuffixes = [".npy", ".npz"]

/// Which of `arraySuffixes` a name ends in, whatever its case; nil for none.
private func arraySuffix(_ name: some BidirectionalCollection<UInt8>) -> String? {
    arraySuffixes.first { suffix in
        name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) { ($0 &- 65 < 26 ? $0 | 0x20 : $0) == $1 }
    }
}

/// A file's name without folder, `.npy` and `.npz`.
///
/// By bytes: as characters, a slash or a dot may be one with a mark beside it.
func stem(_ path: String) -> String {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    return String(decoding: name.dropLast(arraySuffix(name)?.utf8.count ?? 0), as: UTF8.self)
}
