/// What a file that is neither NPY nor NPZ looks like by its first bytes, and how to make NPY of it.
struct FileKind: Sendable {
    /// The kind with its article, as it follows "is".
    let name: String
    let remedy: String
    private let starts: [[UInt8]]

    private init(_ name: String, _ remedy: String, _ starts: [UInt8]...) {
        self.name = name
        self.remedy = remedy
        self.starts = starts
    }

    private static let text = FileKind("text", "load it with numpy.loadtxt and save it with numpy.save")
    private static let zeros = FileKind("all zero bytes at its start", "copy or export it again")

    private static let known: [FileKind] = [
        FileKind("a ZIP archive", "save the archive to a file and name that", [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6]),
        FileKind("a gzip file", "decompress it first", [0x1F, 0x8B]),
        FileKind("a bzip2 file", "decompress it first", Array("BZh".utf8)),
        FileKind("an xz file", "decompress it first", [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
        FileKind("a zstd file", "decompress it first", [0x28, 0xB5, 0x2F, 0xFD]),
        FileKind("a 7z archive", "extract it first", [0x37, 0x7A, 0xBC, 0xAF]),
        FileKind(
            "a Python pickle", "load it with pickle and save the array with numpy.save",
            [0x80, 2], [0x80, 3], [0x80, 4], [0x80, 5]),
        FileKind("an HDF5 file", "read the dataset with h5py and save it with numpy.save", [0x89, 0x48, 0x44, 0x46]),
        FileKind("a MATLAB file", "load it with scipy.io.loadmat and save it with numpy.save", Array("MATLAB".utf8)),
        FileKind("a PNG image", "load it and save the array with numpy.save", [0x89, 0x50, 0x4E, 0x47]),
        FileKind("a JPEG image", "load it and save the array with numpy.save", [0xFF, 0xD8, 0xFF]),
        FileKind(
            "a TIFF image", "load it and save the array with numpy.save", [0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A]),
        FileKind(
            "an NPY file re-encoded as text", "copy it in binary mode",
            [0xC2, 0x93] + Array("NUMPY".utf8), [0xEF, 0xBB, 0xBF, 0x93] + Array("NUM".utf8),
            [0xEF, 0xBF, 0xBD] + Array("NUMPY".utf8)),
        FileKind("a Git LFS pointer", "fetch the file with git lfs pull", Array("version ".utf8)),
        FileKind(
            "a web page", "download the file itself", Array("<!DOCTYPE".utf8), Array("<!doctype".utf8),
            Array("<html".utf8)),
    ]

    /// Nil where the bytes look like nothing known.
    init?(firstBytes bytes: [UInt8]) {
        if let kind = Self.known.first(where: { kind in
            kind.starts.contains {
                bytes.starts(with: $0.prefix(max(bytes.count, 2))) && bytes.count >= min($0.count, 8)
            }
        }) {
            self = kind
        } else if bytes.count >= 4, bytes.allSatisfy({ $0 == 0 }) {
            self = Self.zeros
        } else if bytes.count >= 4, bytes.allSatisfy({ (0x20..<0x7F).contains($0) || (9...13).contains($0) }) {
            self = Self.text
        } else {
            return nil
        }
    }

    static func named(_ name: String) -> FileKind? {
        (known + [text, zeros]).first { $0.name == name }
    }
}
