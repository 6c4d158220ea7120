internal import CHostSystem

public enum PathKind: Hashable, Sendable {
    case missing, file, folder, other
}

/// What a path leads to, through symbolic links.
public func pathKind(_ path: String) -> PathKind {
    switch Int(unsafe host_path_kind(path)) {
    case Int(HOST_PATH_MISSING): .missing
    case Int(HOST_PATH_FILE): .file
    case Int(HOST_PATH_FOLDER): .folder
    default: .other
    }
}

/// Device and inode: equal where two paths lead to one file.
public struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil where the path leads to nothing.
    public init?(path: String) {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        guard unsafe host_path_identity(path, &device, &inode) else { return nil }
        self.device = device
        self.inode = inode
    }
}

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
