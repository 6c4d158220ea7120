import ConfidentLearning
import NumPyFiles

/// Records that a `RecordFileWriter` left, in place of labels and probabilities.
///
/// **Errors.** A file that holds no records, or a damaged one. Each record is checked against its CRC-32 and against its
/// unit when it is read, so that no bytes lead out of an array and none make memory grow beyond eight times the file.
final class KeptRecords: RecordSource, OpenedSource {
    let dataset: Dataset
    let units: [WorkUnit]
    let result: ScanPass.Result
    private let path: String
    private let file: PartFile
    private let hasVectors: Bool
    /// Whether records hold what images counted for `calibrated`.
    private let isCounted: Bool
    private let factor: Int

    /// **Errors.** Those of the file, and rules that read labels and probabilities themselves.
    init(path: String, plan: AuditPlan) throws(AuditError) {
        self.path = path
        if plan.rule.needsJoint {
            throw Self.holdsOnlyAPart(
                path, plan.rule.filter.needsJoint ? "--filter-by \(plan.rule.filter.rawValue)" : "--joint")
        }
        try plan.files.read(path)
        file = try PartFile(path: path)
        guard file.has(RecordFileWriter.versionKey) else {
            throw .input(
                path, "holds no records", remedy: "name a file that masklint thresholds --keep-records wrote")
        }
        try file.checkVersion(RecordFileWriter.versionKey, RecordFileWriter.formatVersion)
        // Then no array has more elements than the file has bytes.
        guard file.isStored else {
            throw .input(
                path, "its arrays are compressed, which masklint leaves out in records",
                remedy: "name the file as masklint thresholds --keep-records wrote it")
        }
        let options = try file.options()
        if let difference = options.difference(from: PartOptions(plan: plan), named: "this run") {
            throw .input(path, "was made with \(difference)", remedy: "give the same options again")
        }
        hasVectors = try file.values("keeps_vectors", UInt8.self) == [1]
        if plan.rule.filter.needsVectors && !hasVectors {
            throw .input(
                path, "--filter-by \(plan.rule.filter.rawValue) needs class vectors, which it does not hold",
                remedy: "keep records with that --filter-by, or name the data")
        }
        let isCounted = file.has(PartFile.seenKey)
        if plan.rule.filter == .calibrated && !isCounted {
            throw .input(
                path, "--filter-by calibrated needs counts, which it does not hold",
                remedy: "keep records with that --filter-by, or name the data")
        }
        self.isCounted = isCounted
        factor = plan.rule.downsample
        var dataset = try Self.dataset(file, areVolumes: plan.dataset.volumes)
        let pixelCount = dataset.pixelCount
        let (totals, labelCounts) = try file.totals(limit: pixelCount)
        let ignored = try file.counts("image_ignored", limit: pixelCount)
        guard ignored.count == dataset.images.count, zip(ignored, dataset.images).allSatisfy({ $0 <= $1.pixelCount })
        else { throw file.damaged("image_ignored") }
        dataset.classCount = labelCounts.count
        self.dataset = dataset
        units = try Self.units(file, dataset.images, factor: factor)
        result = ScanPass.Result(
            totals: totals, histogram: [], labelCounts: labelCounts, ignoredByImage: ignored,
            contestedCount: try Self.contestedCount(file, counted: labelCounts.reduce(0, +)),
            cellCounts: plan.rule.filter == .calibrated ? try file.cells(classCount: labelCounts.count) : nil,
            bytesRead: file.byteCount)
    }

    private static func contestedCount(_ file: PartFile, counted: Int) throws(AuditError) -> Int? {
        guard file.has(RecordFileWriter.contestedKey) else { return nil }
        return try file.counts(RecordFileWriter.contestedKey, limit: counted).first
    }

    private static func holdsOnlyAPart(_ path: String, _ option: String) -> AuditError {
        .input(
            path, "\(option) reads labels and pred_probs, of which records hold a part", remedy: "name the data")
    }

    func checkHasArrays(for option: String) throws(AuditError) { throw Self.holdsOnlyAPart(path, option) }

    func context(_ plan: AuditPlan, temporaryFolder: String) -> RunContext {
        RunContext(
            plan: plan, dataset: dataset, temporaryFolder: temporaryFolder, units: units, keepsVectors: hasVectors)
    }

    func scan(_ context: RunContext, passTotal: Int, progress: ProgressMeter) -> Scan {
        Scan(result: result, records: self)
    }

    func record(unit number: Int) throws(AuditError) -> UnitRecord {
        let unit = units[number]
        let pixels = unit.images.map { (unit.rows ?? 0..<dataset.images[$0].height).count * dataset.images[$0].width }
        let bytes = try file.values(RecordFileWriter.key(unit: number), UInt8.self)
        // An image's own counts are in the record of its last unit.
        let isLast = unit.rows.map { $0.upperBound == dataset.images[unit.images.lowerBound].height } ?? true
        guard let record = unsafe UnitRecord(decoding: bytes.span.bytes),
            record.isScan(
                of: pixels, factor: factor, classCount: dataset.classCount,
                countedImages: isCounted && isLast ? unit.images.count : 0),
            !hasVectors || record.candidates.hasVectors
        else { throw file.damaged(RecordFileWriter.key(unit: number)) }
        return record
    }

    private static func dataset(_ file: PartFile, areVolumes: Bool) throws(AuditError) -> Dataset {
        let sizes = try file.values("image_sizes", Int64.self)
        // The options were compared: these are records of volumes if the plan is one for volumes.
        let depths = areVolumes ? try file.values("image_depths", Int64.self, shape: [sizes.count / 2]) : nil
        var images: [ImageEntry] = []
        var left = Int(ThresholdPart.pixelLimit)
        for index in 0..<sizes.count / 2 {
            let (height, width) = (Int(sizes[2 * index]), Int(sizes[2 * index + 1]))
            guard height >= 0, width >= 0, height == 0 || width <= left / height else {
                throw file.damaged("image_sizes")
            }
            left -= height * width
            let depth = depths.map { Int($0[index]) }
            if let depth, depth < 1 || height % depth != 0 { throw file.damaged("image_depths") }
            images.append(
                ImageEntry(
                    labelSource: 0, labelIndex: index, probabilitySource: 0, probabilityIndex: index, height: height,
                    width: width, depth: depth))
        }
        let digest = try file.values("digest", UInt64.self)
        guard digest.count == 2 else { throw file.damaged("digest") }
        return Dataset(
            labels: [], probabilities: [], images: images, form: try form(file, images, areVolumes: areVolumes),
            isPairedByName: false,
            classCount: 0, warnings: [],
            keptDigest: InputDigest(value: UInt128(digest[0]) << 64 | UInt128(digest[1])))
    }

    private static func form(
        _ file: PartFile, _ images: [ImageEntry], areVolumes: Bool
    ) throws(AuditError) -> OutputForm {
        let shape = try file.values("dense_shape", Int64.self).map { Int($0) }
        let bytes = try file.values("image_names", UInt8.self)
        if shape.isEmpty {
            let names = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
                .compactMap { String(validating: $0, as: UTF8.self) }
            guard names.count == images.count, Set(names).count == names.count else {
                throw file.damaged("image_names")
            }
            return .named(names)
        }
        let rank = areVolumes ? 3 : 2
        let size = Array(shape.suffix(rank))
        guard shape.count == rank ? images.count == 1 : shape.count == rank + 1 && shape[0] == images.count,
            images.allSatisfy({ $0.shape == size }), shape.allSatisfy({ $0 >= 0 })
        else { throw file.damaged("dense_shape") }
        return .dense(shape: shape)
    }

    /// Reads the units: they follow one another through all images, and none is larger than its record can be.
    private static func units(_ file: PartFile, _ images: [ImageEntry], factor: Int) throws(AuditError) -> [WorkUnit] {
        let numbers = try file.values("units", Int64.self).map { Int($0) }
        var units: [WorkUnit] = []
        // Where the next unit has to start.
        var image = 0
        var row = 0
        for number in 0..<numbers.count / 4 {
            let (first, end, top, bottom) = (
                numbers[4 * number], numbers[4 * number + 1], numbers[4 * number + 2], numbers[4 * number + 3]
            )
            guard first == image, end > first, end <= images.count else { throw file.damaged("units") }
            if top < 0 {
                guard row == 0 else { throw file.damaged("units") }
                image = end
                units.append(WorkUnit(images: first..<end, rows: nil))
            } else {
                let height = images[first].height
                guard end == first + 1, top == row, bottom > top, bottom <= height, bottom % factor == 0 else {
                    throw file.damaged("units")
                }
                (image, row) = bottom == height ? (image + 1, 0) : (image, bottom)
                units.append(WorkUnit(images: first..<end, rows: top..<bottom))
            }
            let pixels = units[number].images.reduce(0) {
                $0 + (units[number].rows?.count ?? images[$1].height) * images[$1].width
            }
            // A record has at least one bit per pixel.
            guard let stored = file.storedByteCount(RecordFileWriter.key(unit: number)), pixels / 8 <= stored else {
                throw file.damaged(RecordFileWriter.key(unit: number))
            }
        }
        guard numbers.count == 4 * units.count, image == images.count, row == 0,
            images.allSatisfy({ $0.sliceHeight % factor == 0 && $0.width % factor == 0 })
        else { throw file.damaged("units") }
        return units
    }
}

extension ScanSource {
    /// Records that `masklint thresholds --keep-records` wrote.
    public static func records(_ path: String) -> ScanSource {
        ScanSource { plan throws(AuditError) in try KeptRecords(path: path, plan: plan) }
    }
}
