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

/// Which file it is, and what tells whether it was written to since: device, inode, size, and the times at which its bytes
/// and its entry changed.
public struct FileStamp: Hashable, Sendable {
    fileprivate let device: UInt64
    fileprivate let inode: UInt64
    private let byteCount: UInt64
    private let times: [Int64]
    /// False for a folder, a pipe or a device.
    public let isRegular: Bool

    init(_ stamp: host_stamp) {
        device = stamp.device
        inode = stamp.inode
        byteCount = stamp.size
        times = [
            stamp.written_seconds, stamp.written_nanoseconds, stamp.changed_seconds, stamp.changed_nanoseconds,
        ]
        isRegular = stamp.is_regular
    }

    /// Of what a path leads to; nil where it leads to nothing.
    public init?(path: String) {
        var stamp = host_stamp()
        guard unsafe host_path_stamp(path, &stamp) else { return nil }
        self.init(stamp)
    }

    /// The fault of a path that no longer leads to this, as it was; nil where it does.
    public func change(of path: String) -> FileError? {
        let now = FileStamp(path: path)
        if now == self { return nil }
        return FileError(.changed, file: path, found: now?.byteCount ?? byteCount, expected: byteCount)
    }
}

/// Where a path leads, whether a file is there or not: equal for `a.npz`, `./a.npz` and links to it.
public struct FilePlace: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    /// The name in the folder that device and inode are of, where no file is there.
    private let name: String?

    private init(device: UInt64, inode: UInt64, name: String?) {
        (self.device, self.inode, self.name) = (device, inode, name)
    }

    public init(_ stamp: FileStamp) { self.init(device: stamp.device, inode: stamp.inode, name: nil) }

    public init(path: String) {
        if let stamp = FileStamp(path: path) {
            self.init(stamp)
            return
        }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        guard let folder = FileStamp(path: slash.map { String(Substring(path.utf8[...$0])) } ?? ".") else {
            // A folder that is not there has nothing but its name.
            self.init(device: 0, inode: 0, name: path)
            return
        }
        let name = slash.map { String(Substring(path.utf8[path.utf8.index(after: $0)...])) } ?? path
        self.init(device: folder.device, inode: folder.inode, name: name)
    }
}
