internal import HostSystem
internal import Locking

/// An array in a file: an `.npy` file itself, or a member as the directory of its archive lists it.
public struct ArrayEntry: Hashable, Sendable {
    /// What NumPy calls the array: the member's name without `.npy`; empty for an `.npy` file.
    public let key: String
    /// Nil for an `.npy` file.
    public let memberName: String?
    public let isDeflated: Bool
    /// Bytes that the array takes in the file.
    public let storedByteCount: Int
    /// Bytes of the array and its header, as the directory states them.
    public let byteCount: Int
    /// Place in the directory.
    public let index: Int
}

/// An `.npy` file or an archive of such files. Its first bytes tell which, never its name.
///
/// **Errors.** A path that leads to no regular file, a file that is neither of the two, an archive whose directory is
/// damaged or has an array without a usable name. Another fault of one member is thrown when that member is used.
public final class ArrayFile: Sendable {
    public let path: String
    public let isArchive: Bool
    public let byteCount: Int
    /// In directory order. An archive's members are arrays where their names end in `.npy`, or they start as an NPY file
    /// does, except for what macOS adds (`__MACOSX/`, `._NAME`).
    public let arrays: [ArrayEntry]
    /// Names of the other members, escaped for a terminal.
    public let otherMembers: [String]

    let file: OpenFile
    let directory: ZipDirectory?
    private let repeatedKeys: Set<String>

    private struct Cache {
        var headers: [Int: LocatedHeader] = [:]
        var map: FileMap?
    }

    /// A header and where in the array's bytes the data start.
    struct LocatedHeader {
        let header: ArrayHeader
        let dataOffset: Int
    }

    private let cache = Mutex(Cache())

    public init(path: String) throws(ArrayFileError) {
        let file = try OpenFile(path: path)
        self.path = path
        self.file = file
        byteCount = file.byteCount
        let start = try file.bytes(at: 0, count: min(file.byteCount, 512))
        let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
        guard !start.isEmpty else { throw ArrayFileError(.empty, file: path) }
        // A file that is cut within its magic is a cut NPY file, which reading its header then reports.
        if start.starts(with: magic.prefix(start.count)) {
            isArchive = false
            directory = nil
            arrays = [
                ArrayEntry(
                    key: "", memberName: nil, isDeflated: false, storedByteCount: file.byteCount,
                    byteCount: file.byteCount,
                    index: 0)
            ]
            otherMembers = []
            repeatedKeys = []
            return
        }
        let isZip = start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x50, 0x4B, 5, 6])
        guard isZip || file.hasZipEndRecord else {
            throw ArrayFileError(.wrongMagic, file: path, text: FileKind(firstBytes: start)?.name ?? "")
        }
        let directory = try ZipDirectory(file)
        let listing = try Listing(directory)
        if listing.arrays.isEmpty, listing.others.contains(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) {
            throw ArrayFileError(.torchFile, file: path)
        }
        isArchive = true
        self.directory = directory
        arrays = listing.arrays
        otherMembers = listing.others
        repeatedKeys = listing.repeatedKeys
    }

    /// Shape, dtype and memory order. A header is read once and then remembered; of a deflated member no more is
    /// inflated than its header needs.
    ///
    /// **Errors.** What is wrong with the header, and an array that the file or member cannot hold.
    public func header(of entry: ArrayEntry) throws(ArrayFileError) -> ArrayHeader {
        try locatedHeader(of: entry).header
    }

    /// How many bytes follow the array in its file or member. NumPy ignores them.
    public func trailingByteCount(of entry: ArrayEntry) throws(ArrayFileError) -> Int {
        let located = try locatedHeader(of: entry)
        return entry.byteCount - located.dataOffset - located.header.byteCount
    }

    /// How many arrays stand one after another in an `.npy` file, as several calls of `numpy.save` on one open file leave
    /// them; 1 for a member. `numpy.load` reads the first alone.
    ///
    /// **Cost** one header for each array.
    public func arrayCount(of entry: ArrayEntry) throws(ArrayFileError) -> Int {
        guard directory == nil else { return 1 }
        let first = try locatedHeader(of: entry)
        var end = first.dataOffset + first.header.byteCount
        var count = 1
        while end < byteCount,
            let next = try? StreamHandle(file: file, from: end).header(file: path, member: nil)
        {
            count += 1
            end += next.dataOffset + next.header.byteCount
        }
        return count
    }

    /// The array to be read in place; nil where it is deflated, or where the system does not map the file, as on some
    /// network file systems or where the address space is limited. Such arrays can still be streamed.
    ///
    /// **Cost.** The file is mapped once for all of its arrays.
    public func mapped(_ entry: ArrayEntry) throws(ArrayFileError) -> MappedArray? {
        if entry.isDeflated { return nil }
        let located = try locatedHeader(of: entry)
        guard let map = map() else { return nil }
        var start = 0
        var crc: UInt32?
        if let directory {
            start = try directory.dataOffset(of: entry.index, member: escapedName(of: entry))
            crc = directory[entry.index].crc
        }
        return MappedArray(
            header: located.header, name: name(of: entry), member: entry.memberName.map(escapedForTerminal),
            map: map, origin: file, memberRange: start..<start + entry.byteCount, dataOffset: located.dataOffset,
            expectedCRC: crc)
    }

    /// Inflates the whole array into a nameless temporary file in `folder`, verifies its CRC-32, and maps that file.
    public func spooled(_ entry: ArrayEntry, folder: String) throws(ArrayFileError) -> MappedArray {
        let stream = try stream(entry)
        let spool = try SpoolFile(folder: folder)
        var buffer: [UInt8] = []
        var left = stream.header.byteCount
        while left > 0 {
            let count = min(left, 1 << 20)
            try stream.read(count: count, into: &buffer)
            _ = try spool.append(buffer.span)
            left -= count
        }
        _ = try stream.finish()
        let map = try FileMap(spool.reopened(named: path))
        return MappedArray(
            header: stream.header, name: stream.name, member: entry.memberName.map(escapedForTerminal), map: map,
            origin: file, memberRange: 0..<stream.header.byteCount, dataOffset: 0, expectedCRC: nil)
    }

    /// The array from its first element to its last, deflated or not.
    public func stream(_ entry: ArrayEntry) throws(ArrayFileError) -> ArrayStream {
        try checkKey(of: entry)
        let member = entry.memberName.map(escapedForTerminal)
        let source = try StreamHandle(file: file, directory: directory, index: entry.index, member: member)
        return try ArrayStream(source, file: path, member: member)
    }

    /// The file as it was when it was opened.
    public var stamp: FileStamp { file.stamp }

    /// Throws where the file, or what its path leads to, is no longer what was opened.
    public func checkUnchanged() throws(ArrayFileError) { try file.check() }

    /// `FILE` or `FILE[MEMBER]`, for messages.
    func name(of entry: ArrayEntry) -> String {
        entry.memberName == nil ? escapedForTerminal(path) : "\(escapedForTerminal(path))[\(escapedName(of: entry))]"
    }

    private func escapedName(of entry: ArrayEntry) -> String { escapedForTerminal(entry.memberName ?? "") }

    private func checkKey(of entry: ArrayEntry) throws(ArrayFileError) {
        if repeatedKeys.contains(entry.key) {
            throw ArrayFileError(.duplicateKey, file: path, text: escapedForTerminal(entry.key))
        }
    }

    private func locatedHeader(of entry: ArrayEntry) throws(ArrayFileError) -> LocatedHeader {
        if let known = cache.withLock({ $0.headers[entry.index] }) { return known }
        let stream = try stream(entry)
        let located = LocatedHeader(header: stream.header, dataOffset: stream.dataOffset)
        cache.withLock { $0.headers[entry.index] = located }
        return located
    }

    private func map() -> FileMap? {
        cache.withLock { cache in
            if cache.map == nil { cache.map = try? FileMap(file) }
            return cache.map
        }
    }
}
