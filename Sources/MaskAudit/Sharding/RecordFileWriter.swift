import ConfidentLearning
import NumPyFiles

/// Keeps the records of pass 1 in a file, so that rules can be applied later without the probabilities: an `.npz` with a
/// stored member per unit, in dataset order, and what identifies the data.
final class RecordFileWriter: RecordKeeper {
    /// The format's version: another one is not read.
    static let formatVersion: Int64 = 1
    static let versionKey = "records_version"
    /// Files of the first versions are without it.
    static let contestedKey = "contested_count"

    private let archive: OutputArchive
    private let sink: OrderedSink<[UInt8], AuditError>

    init(path: String, in files: RunFiles) throws(AuditError) {
        let archive = try OutputArchive(path: path, isStored: true, in: files)
        self.archive = archive
        sink = OrderedSink { unit, bytes throws(AuditError) in try archive.add(key: Self.key(unit: unit), bytes) }
    }

    static func key(unit: Int) -> String { "records/\(unit)" }

    func store(_ record: UnitRecord, unit: Int) throws(AuditError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(record.byteCount + 128)
        record.encode(into: &bytes)
        try sink.put(bytes, unit)
    }

    /// Writes the rest; the file appears with all outputs of the run.
    func finish(
        _ context: RunContext, _ scan: ScanPass.Result, digest: InputDigest, options: PartOptions
    ) throws(AuditError) {
        let dataset = context.dataset
        try archive.add(key: Self.versionKey, [Self.formatVersion])
        try archive.add(key: "tool_version", Array(masklintVersion.utf8))
        try archive.add(key: "options", Array(options.text.utf8))
        try archive.add(
            key: "digest",
            [UInt64(truncatingIfNeeded: digest.value >> 64), UInt64(truncatingIfNeeded: digest.value)])
        try archive.add(key: "keeps_vectors", [UInt8(context.keepsVectors ? 1 : 0)])
        try archive.addTotals(scan.totals, labelCounts: scan.labelCounts)
        if let count = scan.contestedCount { try archive.add(key: Self.contestedKey, [Int64(count)]) }
        if let cells = scan.cellCounts { try archive.add(cells) }
        try archive.add(key: "image_ignored", scan.ignoredByImage.map { Int64($0) })
        try archive.add(
            key: "image_sizes", shape: [dataset.images.count, 2],
            dataset.images.flatMap { [Int64($0.height), Int64($0.width)] })
        if context.plan.dataset.volumes {
            try archive.add(key: "image_depths", dataset.images.map { Int64($0.depth ?? 1) })
        }
        switch dataset.form {
        case .dense(let shape):
            try archive.add(key: "dense_shape", shape.map { Int64($0) })
            try archive.add(key: "image_names", [UInt8]())
        case .named(let names):
            try archive.add(key: "dense_shape", [Int64]())
            // No file's name and no usable key holds a NUL.
            try archive.add(key: "image_names", names.flatMap { Array($0.utf8) + [0] })
        }
        try archive.add(
            key: "units", shape: [context.units.count, 4],
            context.units.flatMap {
                [$0.images.lowerBound, $0.images.upperBound, $0.rows?.lowerBound ?? -1, $0.rows?.upperBound ?? -1]
                    .map { Int64($0) }
            })
        try context.checkUnchanged()
        try archive.finish()
    }
}

extension OutputArchive {
    /// Class sums and counts, as parts and records have them.
    func addTotals(_ totals: ThresholdAccumulator, labelCounts: [Int]) throws(AuditError) {
        try add(key: "class_counts", labelCounts.map { Int64($0) })
        try add(
            key: "threshold_sums", shape: [totals.classCount, 2],
            totals.sums.flatMap { [UInt64(truncatingIfNeeded: $0), UInt64(truncatingIfNeeded: $0 >> 64)] })
        try add(key: "threshold_counts", totals.counts.map { Int64($0) })
    }
}

extension OutputArchive {
    /// What `calibrated` counts, as parts and records have it.
    func add(_ cells: CellCounts) throws(AuditError) {
        let shape = [cells.classCount, cells.classCount, CellCounts.binCount]
        try add(key: PartFile.seenKey, shape: shape, cells.seen.map { Int64($0) })
        try add(key: PartFile.givenKey, shape: shape, cells.given.map { Int64($0) })
    }
}
