import ConfidentLearning
import NumPyFiles

extension Audit {
    /// Finds and checks everything that headers tell, and says what `run()` would do. Reads no data, writes nothing.
    ///
    /// **Errors.** Those of `run()` that do not depend on data.
    public func outline() throws(AuditError) -> AuditOutline {
        let dataset = try Dataset(plan: plan)
        let names = try classNames(count: dataset.classCount)
        try checkOutput(plan.output, dataset)
        try checkGates(dataset, names)
        let units = WorkUnit.units(of: dataset, downsample: plan.downsample) { image in
            dataset.labels[image.labelSource].isReadInPlace
                && dataset.probabilities[image.probabilitySource].isReadInPlace
        }
        let threads = min(plan.threads, max(1, units.count))
        let bySize = dataset.images.map { ($0.height, $0.width) }
            .sorted { ($0.0 * $0.1, $0.0) < ($1.0 * $1.1, $1.0) }
        let maskShape: [Int]? = if case .dense(let shape) = dataset.form { shape } else { nil }
        return AuditOutline(
            labels: Self.side(dataset.labels, plan.labels), predProbs: Self.side(dataset.probabilities, plan.predProbs),
            images: dataset.images.count, pixels: dataset.pixelCount, classes: dataset.classCount,
            smallest: bySize.first ?? (0, 0), largest: bySize.last ?? (0, 0),
            isPairedByName: dataset.isPairedByName, maskShape: maskShape, rule: plan.rule, downsample: plan.downsample,
            units: units.count, threads: threads,
            memory: MemoryEstimate(plan: plan, dataset: dataset, units: units).result,
            output: plan.output, warnings: dataset.warnings)
    }

    private static func side(_ sources: [ArraySource], _ selection: InputSelection) -> AuditOutline.Side {
        var form = "an array an image"
        if let first = sources.first, sources.count == 1 {
            form = first.axes.hasImageAxis ? "one array" : "one image"
        } else if sources.contains(where: { $0.axes.hasImageAxis && $0.axes.imageCount != 1 }) {
            form = "arrays in a row"
        }
        let stored = sources.reduce(0) { $0 + ($1.entry?.storedByteCount ?? 0) }
        return AuditOutline.Side(
            arrays: sources.count, paths: selection.paths, dtypes: distinct(sources.map(\.header.dtype.name)),
            form: form,
            storedBytes: stored, access: distinct(sources.map(\.accessText)))
    }

    private static func distinct(_ texts: [String]) -> [String] {
        Set(texts).sorted()
    }
}

extension ArraySource {
    /// Whether rows are read where they lie in the file, which `access(spoolFolder:)` will find too.
    var isReadInPlace: Bool {
        guard pipe == nil, file != nil, let entry else { return false }
        return !entry.isDeflated || !axes.isImageContiguous
    }

    /// Whether an image is held in memory as a whole while it is worked on.
    var isBuffered: Bool {
        pipe != nil || entry?.isDeflated == true && axes.isImageContiguous
    }

    fileprivate var accessText: String {
        if pipe != nil { return "piped" }
        guard entry?.isDeflated == true else { return "in place" }
        return axes.isImageContiguous ? "inflated image by image" : "inflated into a temporary file"
    }
}

/// How much memory a run is expected to take at most.
struct MemoryEstimate {
    let plan: AuditPlan
    let dataset: Dataset
    let units: [WorkUnit]

    /// The program, its libraries and the output's buffers, as measured on Linux for a dataset of a few pixels.
    private static let baseByteCount = 24 << 20

    /// What is known of an array: names, header, place; measured with 10,000 files.
    private static let sourceByteCount = 2 << 10

    var result: AuditOutline.Memory {
        let largest = units.map(bytes(of:)).max() ?? 0
        // In Fortran order pixels of all images lie side by side: there is nothing to give back before the end.
        let whole = (dataset.labels + dataset.probabilities).filter { !$0.axes.isImageContiguous }
            .reduce(0) { $0 + $1.header.byteCount }
        return AuditOutline.Memory(
            base: Self.baseByteCount + whole + Self.sourceByteCount
                * (dataset.labels.count + dataset.probabilities.count),
            perThread: largest + tileByteCount,
            records: min(plan.memoryLimitBytes, recordByteCount))
    }

    /// Bytes of the inputs that a thread has before it, and what averaging makes of them.
    private func bytes(of unit: WorkUnit) -> Int {
        var total = 0
        for index in unit.images {
            let image = dataset.images[index]
            let rows = unit.rows?.count ?? image.height
            let pixels = rows * image.width
            for source in [dataset.labels[image.labelSource], dataset.probabilities[image.probabilitySource]] {
                let count = pixels * source.axes.classCount * source.header.dtype.byteCount
                // A buffer grows as data arrive, and is copied when it does.
                total += source.isBuffered ? 2 * count : count
            }
            // Masks, and them deflated.
            total += 2 * pixels
            if plan.downsample > 1 {
                let blocks = pixels / (plan.downsample * plan.downsample)
                let isPlanar = plan.layout == .nchw && (plan.form == .probabilities || plan.form == .unnormalized)
                total += dataset.classCount * MemoryLayout<Double>.size * (blocks + (isPlanar ? 0 : pixels))
            }
        }
        return total
    }

    /// Copies of a tile of pixels: as stored, and as doubles.
    private var tileByteCount: Int {
        2 * dataset.classCount * PlaneTile.capacity * MemoryLayout<Double>.size + jointByteCount
    }

    /// Counts by given and true class and a tile in double; for rules that rank, counters and gathered pixels as well.
    private var jointByteCount: Int {
        guard plan.needsJoint else { return 0 }
        let pairs = dataset.classCount * dataset.classCount
        let tile = dataset.classCount * PlaneTile.capacity * MemoryLayout<Double>.size
        return 8 * pairs + tile + (plan.rule.needsJoint ? GroupedSelection.byteCount(groups: pairs) : 0)
    }

    /// Records if every pixel were contested.
    private var recordByteCount: Int {
        let isWide =
            plan.downsample > 1 || !(plan.form == .probabilities || plan.form == .unnormalized)
            || dataset.probabilities.contains { $0.header.dtype.byteCount == 8 }
        let value = isWide ? 8 : 4
        let keepsVectors =
            plan.rule.needsVectors && !dataset.probabilities.allSatisfy { $0.isReadInPlace }
        let pixels = dataset.pixelCount
        let perPixel = 2 * value + 5 + (keepsVectors ? value * dataset.classCount : 0)
        return pixels.multipliedReportingOverflow(by: perPixel).overflow ? .max : pixels * perPixel
    }
}
