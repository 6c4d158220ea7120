import HostSystem
import NumPyFiles

/// What a merged archive of masks holds, for people and machines.
public struct MaskMergeSummary: Sendable, Equatable {
    public var files: Int
    public var images: Int
    public var countedPixels: Int
    public var issues: Int
    public var seconds: Double

    public var issueRate: Double { countedPixels == 0 ? 0 : Double(issues) / Double(countedPixels) }
}

/// Joins outputs of `find`: masks one after another in the order given, counts of images likewise, counts of classes
/// added.
///
/// **Shapes.** Arrays (N,H,W) or (H,W) of one size make one array (N,H,W); members of one image each stay members under their names.
/// Volumes have (D,H,W) in place of (H,W).
/// **Cost.** A megabyte of one input at a time.
struct MaskMerge {
    /// Arrays of pixels that `find` writes.
    private static let pixelKeys = ["label_issues", "suggested_labels"]
    private static let stepByteCount = 1 << 20

    private let inputs: [Input]

    /// One file: its arrays of pixels and its numbers. Opened again when its turn comes: there may be thousands.
    private struct Input {
        let path: String
        let arrays: [(entry: ArrayEntry, header: ArrayHeader)]
        let thresholds: [Double]
        let classCounts: [Int64]
        let issueCounts: [Int64]

        init(path: String) throws(AuditError) {
            self.path = path
            let part = try PartFile(path: path)
            thresholds = try part.values("confident_thresholds", Double.self)
            classCounts = try part.counts("class_counts", limit: .max).map { Int64($0) }
            guard classCounts.count == thresholds.count else { throw part.damaged("class_counts") }
            issueCounts = try part.counts("issue_counts", limit: .max).map { Int64($0) }
            if part.has("confident_joint") {
                throw .input(
                    path, "has a confident joint, which parts do not add up to", remedy: "run find without --joint")
            }
            let file = try AuditError.wrapping(try ArrayFile(path: path))
            var arrays: [(ArrayEntry, ArrayHeader)] = []
            for entry in file.arrays where MaskMerge.pixelKeys.contains(where: { isKey(entry.key, under: $0) }) {
                arrays.append(
                    (entry, try AuditError.wrapping(try file.header(of: entry))))
            }
            self.arrays = arrays
        }

        /// The array of a key, or the arrays of single images under it.
        func arrays(_ key: String) -> [(entry: ArrayEntry, header: ArrayHeader)] {
            arrays.filter { isKey($0.entry.key, under: key) }
        }

        /// The shape of an image in an array that may have an axis over images: (H,W), or (D,H,W) of a volume.
        func imageShape(_ header: ArrayHeader) -> [Int] {
            // Several slices of one image are a volume without an axis over images.
            let isOneVolume = header.shape.count == 3 && issueCounts.count == 1 && header.shape[0] != 1
            return header.shape.count == 2 || isOneVolume ? header.shape : Array(header.shape.dropFirst())
        }

        func imageCount(_ header: ArrayHeader) -> Int {
            header.shape.count > imageShape(header).count ? header.shape[0] : 1
        }
    }

    /// Reads all but the pixels.
    ///
    /// **Errors.** Files that `find` did not write, or by other thresholds.
    init(paths: [String]) throws(AuditError) {
        var inputs: [Input] = []
        for path in paths { inputs.append(try Input(path: path)) }
        let first = inputs[0]
        for input in inputs.dropFirst() {
            guard input.thresholds.map(\.bitPattern) == first.thresholds.map(\.bitPattern) else {
                throw .input(
                    input.path, "was found by other thresholds than \(printable(first.path))",
                    remedy: "run find with one --thresholds file for all shards")
            }
        }
        self.inputs = inputs
    }

    /// Writes the archive whole or not at all.
    func write(to output: String, isStored: Bool, in files: RunFiles) throws(AuditError) -> MaskMergeSummary {
        let start = monotonicSeconds()
        let archive = try OutputArchive(path: output, isStored: isStored, in: files)
        for key in Self.pixelKeys {
            let have = inputs.filter { !$0.arrays(key).isEmpty }
            guard !have.isEmpty else { continue }
            guard have.count == inputs.count else {
                let without = inputs.first { $0.arrays(key).isEmpty }?.path ?? "?"
                throw .input(
                    without, "has no \(key), \(printable(have[0].path)) has",
                    remedy: "run find with the same options for all")
            }
            try join(key, into: archive, isStored: isStored)
        }
        var classCounts = inputs[0].classCounts
        for input in inputs.dropFirst() {
            for label in classCounts.indices {
                let (sum, isOver) = classCounts[label].addingReportingOverflow(input.classCounts[label])
                guard !isOver else { throw .input(input.path, "class_counts are too large to add up") }
                classCounts[label] = sum
            }
        }
        let issueCounts = inputs.flatMap(\.issueCounts)
        try archive.add(key: "confident_thresholds", inputs[0].thresholds)
        try archive.add(key: "class_counts", classCounts)
        try archive.add(key: "issue_counts", issueCounts)
        try archive.finish()
        return MaskMergeSummary(
            files: inputs.count, images: issueCounts.count, countedPixels: Int(classCounts.reduce(0, &+)),
            issues: Int(issueCounts.reduce(0, &+)), seconds: monotonicSeconds() - start)
    }

    private func join(_ key: String, into archive: OutputArchive, isStored: Bool) throws(AuditError) {
        let isDense = inputs[0].arrays(key)[0].entry.key == key
        var arrays: [(input: Input, entry: ArrayEntry, header: ArrayHeader)] = []
        for input in inputs {
            var images = 0
            for (entry, header) in input.arrays(key) {
                let kind = header.dtype.kind
                let isMask = key == "label_issues" ? kind == .bool : kind == .unsignedInteger || kind == .signedInteger
                guard isMask, (entry.key == key) == isDense, (2...(isDense ? 4 : 3)).contains(header.shape.count),
                    !header.isFortranOrder
                else {
                    throw .input(
                        "\(input.path)[\(printable(entry.key)).npy]",
                        "cannot be joined with \(printable(inputs[0].path)): it is \(header.dtype.name) \(header.shapeText)",
                        remedy: "merge what find wrote of datasets of one form")
                }
                images += isDense ? input.imageCount(header) : 1
                arrays.append((input, entry, header))
            }
            guard images == input.issueCounts.count else {
                throw .input(input.path, "issue_counts has \(input.issueCounts.count) images, \(key) \(images)")
            }
        }
        if isDense {
            let size = arrays[0].input.imageShape(arrays[0].header)
            var count = 0
            for (input, _, header) in arrays {
                guard input.imageShape(header) == size && header.dtype == arrays[0].header.dtype else {
                    throw .input(
                        input.path,
                        "\(key) is \(header.dtype.name) \(header.shapeText), \(printable(arrays[0].input.path)) has "
                            + "\(arrays[0].header.dtype.name) \(arrays[0].header.shapeText)",
                        remedy: "images of several sizes are joined where each has a name")
                }
                count += input.imageCount(header)
            }
            try archive.begin(key: key, header: ArrayHeader(dtype: arrays[0].header.dtype, shape: [count] + size))
            var open = OpenInput()
            for (input, entry, _) in arrays { try copy(open.file(of: input), entry, into: archive, isStored: isStored) }
            try archive.end()
            return
        }
        var open = OpenInput()
        for (input, entry, header) in arrays {
            try archive.begin(key: entry.key, header: header)
            try copy(open.file(of: input), entry, into: archive, isStored: isStored)
            try archive.end()
        }
    }

    /// The input whose arrays are being copied: one file is open at a time, and once for all of its arrays.
    private struct OpenInput {
        private var file: ArrayFile?

        mutating func file(of input: Input) throws(AuditError) -> ArrayFile {
            if let file, file.path == input.path { return file }
            let opened = try AuditError.wrapping(try ArrayFile(path: input.path))
            file = opened
            return opened
        }
    }

    private func copy(
        _ file: ArrayFile, _ entry: ArrayEntry, into archive: OutputArchive, isStored: Bool
    ) throws(AuditError) {
        let stream = try AuditError.wrapping(try file.stream(entry))
        var left = stream.header.byteCount
        var buffer: [UInt8] = []
        while left > 0 {
            let count = min(left, Self.stepByteCount)
            try AuditError.wrapping(try stream.read(count: count, into: &buffer))
            try archive.append(DeflatedChunk(buffer, compression: isStored ? .stored : .deflated))
            left -= count
        }
        _ = try AuditError.wrapping(try stream.finish())
    }
}

extension MergeRun {
    /// Joins masks and writes one archive.
    ///
    /// **Errors.** Files that `find` did not write, by other thresholds, or of other sizes; a name twice.
    public func masks() throws(AuditError) -> MaskMergeSummary {
        try files.whole { () throws(AuditError) in
            try noteFiles()
            return try MaskMerge(paths: paths).write(to: output, isStored: isStored, in: files)
        }
    }
}
