import NumPyFiles

/// Masks of a finished run, one bit per pixel in an unlinked temporary file, so that the rows of any unit can be read.
///
/// **Shapes.** bool or uint8 `label_issues` of the dataset's form: one array, or one array per image under its name.
/// **Cost.** Pixels / 8 bytes of disk; one image in memory while it is read.
final class FinishedIssues: Sendable {
    private let spool: SpoolFile
    private let offsets: [Int]

    init(_ selection: InputSelection, dataset: Dataset, temporaryFolder: String) throws(AuditError) {
        let path = selection.paths[0]
        let key = selection.key ?? "label_issues"
        let file = try AuditError.wrapping(try ArrayFile(path: path))
        let spool = try AuditError.wrapping(try SpoolFile(folder: temporaryFolder))
        var offsets: [Int] = []
        // A repeated key is told where its array is read.
        let entries = Dictionary(file.arrays.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        func entry(_ name: String) throws(AuditError) -> ArrayEntry {
            if let entry = file.isArchive ? entries[name] : file.arrays.first { return entry }
            throw .input(
                path, "no array with key \(quoted(name))",
                remedy: "name the .npz that masklint find wrote for these labels")
        }
        switch dataset.form {
        case .dense(let shape):
            let stream = try Self.stream(file, entry(key), shape: shape)
            for image in dataset.images {
                offsets.append(try Self.pack(stream, image.pixelCount, into: spool))
            }
            _ = try AuditError.wrapping(try stream.finish())
        case .named(let names):
            for (name, image) in zip(names, dataset.images) {
                let stream = try Self.stream(file, entry("\(key)/\(name)"), shape: image.shape)
                offsets.append(try Self.pack(stream, image.pixelCount, into: spool))
                _ = try AuditError.wrapping(try stream.finish())
            }
        }
        self.spool = spool
        self.offsets = offsets
    }

    private static func stream(
        _ file: ArrayFile, _ entry: ArrayEntry, shape: [Int]
    ) throws(AuditError) -> ArrayStream {
        let stream = try AuditError.wrapping(try file.stream(entry))
        let header = stream.header
        guard header.dtype.byteCount == 1 && header.dtype.kind != .signedInteger else {
            throw .input(
                stream.name, "issues are \(header.dtype.name), bool is needed", remedy: "save them with .astype(bool)")
        }
        guard header.shape == shape else {
            let needed = ArrayHeader(dtype: header.dtype, shape: shape).shapeText
            throw .input(
                stream.name, "issues have shape \(header.shapeText), the labels \(needed)",
                remedy: "name the masks of these labels")
        }
        guard !header.isFortranOrder || header.shape.count(where: { $0 > 1 }) < 2 else {
            throw .input(
                stream.name, "issues are in Fortran order, C order is needed",
                remedy: "save them with numpy.ascontiguousarray")
        }
        return stream
    }

    private static func pack(_ stream: ArrayStream, _ count: Int, into spool: SpoolFile) throws(AuditError) -> Int {
        var bytes: [UInt8] = []
        return try AuditError.wrapping { () throws(ArrayFileError) in
            try stream.read(count: count, into: &bytes)
            var packed = [UInt8](repeating: 0, count: (count + 7) / 8)
            for pixel in 0..<count where bytes[pixel] != 0 { packed[pixel >> 3] |= 1 << UInt8(pixel & 7) }
            return try spool.append(packed.span)
        }
    }

    /// Tells for each pixel of a range whether it is an issue.
    func mask(image: Int, pixels: Range<Int>) throws(AuditError) -> [Bool] {
        let first = pixels.lowerBound / 8
        let end = (pixels.upperBound + 7) / 8
        var packed: [UInt8] = []
        try AuditError.wrapping(try spool.read(at: offsets[image] + first, count: max(0, end - first), into: &packed))
        return pixels.map { packed[$0 / 8 - first] >> UInt8($0 & 7) & 1 == 1 }
    }
}
