/// Where a path leads, whether a file is there or not: equal for `a.npz`, `./a.npz` and links to it.
public struct FilePlace: Hashable, Sendable {
    private let folder: FileIdentity?
    private let file: FileIdentity?
    private let name: String

    public init(path: String) {
        file = FileIdentity(path: path)
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { String(path[...$0]) } ?? "."
        folder = file == nil ? FileIdentity(path: parent) : nil
        // A folder that is not there has nothing but its name.
        name = file != nil ? "" : folder == nil ? path : slash.map { String(path[path.index(after: $0)...]) } ?? path
    }
}
