import ConfidentLearning
import NumPyFiles

/// Pass 1 over units, on one thread.
final class UnitScanner {
    let context: RunContext
    let scanner: PixelScanner
    /// Of the averaged blocks, with downsampling.
    let blockScanner: PixelScanner
    let loader = TileLoader()
    /// Has the CRC-32 of what was scanned.
    let checker: UnitChecker
    let blocks: BlockAverage
    private var scratch = UnitRecord(candidates: CandidateRecord(isWide: false))
    var blockSums: [Double] = []
    var blockLabels: [Int32] = []
    var rowSums: [Double] = []
    /// Counted full-size pixels a given class, with downsampling; else the totals have them.
    var fullSizeCounts: [UInt64]
    /// Ignored pixels an image, of images that have any.
    private(set) var ignoredByImage: [Int: Int] = [:]

    init(context: RunContext, checker: UnitChecker) {
        self.context = context
        self.checker = checker
        let check: ProbabilityCheck = context.plan.dataset.form == .unnormalized ? .unnormalized : .normalized
        let isDownsampled = context.plan.rule.downsample > 1
        scanner = PixelScanner(
            classCount: context.dataset.classCount, check: check, keepsVectors: context.keepsVectors && !isDownsampled)
        blockScanner = PixelScanner(
            classCount: context.dataset.classCount, check: .trusted, keepsVectors: context.keepsVectors)
        blocks = BlockAverage(
            factor: context.plan.rule.downsample, labelMode: context.plan.rule.downsampleLabels,
            ignoredClasses: context.ignoredClasses)
        fullSizeCounts = Array(repeating: 0, count: context.dataset.classCount)
    }

    /// Sums and counts of all that this thread has scanned.
    var totals: ThresholdAccumulator {
        context.plan.rule.downsample > 1 ? blockScanner.totals : scanner.totals
    }

    /// Candidates by the top bits of their self-confidence.
    var histogram: [UInt64] {
        context.plan.rule.downsample > 1 ? blockScanner.histogram : scanner.histogram
    }

    /// Counted full-size pixels a given class.
    var labelCounts: [Int] {
        context.plan.rule.downsample > 1 ? fullSizeCounts.map { Int($0) } : scanner.totals.counts
    }

    /// Scans a unit.
    ///
    /// **Errors.** The first fault of the first bad image.
    func scan(_ unit: WorkUnit, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) -> UnitRecord {
        // Filled in place and copied once it has its size: growing arrays would touch fresh memory again and again.
        var record = scratch
        scratch = UnitRecord(candidates: CandidateRecord(isWide: false))
        defer { scratch = record }
        record.removeAll(isWide: context.isWide(unit))
        for (number, index) in unit.images.enumerated() {
            let rows = context.rows(of: unit, image: index)
            checker.begin(index, rows: rows, probabilities[number])
            defer { checker.end() }
            try labels[number].withBytes { labelBytes throws(AuditError) in
                try probabilities[number].withBytes { bytes throws(AuditError) in
                    try scan(index, rows: rows, labelBytes: labelBytes, bytes: bytes, into: &record)
                }
            }
        }
        return record.compacted()
    }

    private func scan(
        _ index: Int, rows: Range<Int>, labelBytes: RawSpan, bytes: RawSpan, into record: inout UnitRecord
    ) throws(AuditError) {
        let image = context.dataset.images[index]
        guard image.width > 0 && !rows.isEmpty else { return }
        do throws(ScanFault) {
            let counted =
                context.plan.rule.downsample > 1
                ? try scanBlocks(image, rows: rows, labelBytes: labelBytes, bytes: bytes, into: &record)
                : try scanPixels(image, rows: rows, labelBytes: labelBytes, bytes: bytes, into: &record.candidates)
            let ignored = rows.count * image.width - counted
            if ignored > 0 { ignoredByImage[index, default: 0] += ignored }
        } catch {
            throw diagnose(index, labelBytes: labelBytes, bytes: bytes)
        }
    }

    /// A fault whose words are found later, over the whole image.
    struct ScanFault: Error {}

    /// Returns how many pixels are counted.
    private func scanPixels(
        _ image: ImageEntry, rows: Range<Int>, labelBytes: RawSpan, bytes: RawSpan,
        into record: inout CandidateRecord
    ) throws(ScanFault) -> Int {
        let labelView = context.labelView(image)
        let view = context.probabilityView(image)
        let end = rows.upperBound * image.width
        var pixel = rows.lowerBound * image.width
        var labels: [Int32] = []
        var counted = 0
        while pixel < end {
            let count = min(PlaneTile.capacity, end - pixel)
            try loadLabels(labelView, labelBytes, pixel: pixel, count: count, into: &labels)
            try loader.withTile(of: view, in: bytes, pixel: pixel, count: count, isWide: record.isWide) {
                (tile, planes) throws(ScanFault) in
                do throws(PixelFault) {
                    counted += try scanner.scan(tile, in: planes, labels: labels.span, into: &record)
                } catch {
                    throw ScanFault()
                }
            }
            pixel += count
            checker.advance(pixel - rows.lowerBound * image.width, of: rows.count * image.width)
        }
        return counted
    }

    func loadLabels(
        _ view: LabelView, _ bytes: RawSpan, pixel: Int, count: Int, into labels: inout [Int32]
    ) throws(ScanFault) {
        do throws(LabelFault) {
            try view.load(bytes, pixel: pixel, count: count, into: &labels)
        } catch {
            throw ScanFault()
        }
    }

    /// Finds the words for an image that failed: its labels first, then its probabilities.
    private func diagnose(_ index: Int, labelBytes: RawSpan, bytes: RawSpan) -> AuditError {
        let image = context.dataset.images[index]
        let view = context.probabilityView(image)
        let labelView = context.labelView(image)
        let diagnosis = FaultDiagnosis(
            imageText: context.dataset.imageText(index),
            labelFile: context.dataset.labels[image.labelSource].displayName,
            probabilityFile: context.dataset.probabilities[image.probabilitySource].displayName, width: image.width,
            pixelCount: image.pixelCount, classCount: context.dataset.classCount, form: context.plan.dataset.form,
            downsample: context.plan.rule.downsample)
        var all: [Int32] = []
        var faults: [LabelFault] = []
        var one: [Int32] = []
        for pixel in 0..<image.pixelCount {
            do throws(LabelFault) {
                try labelView.load(labelBytes, pixel: pixel, count: 1, into: &one)
                all.append(one[0])
            } catch {
                faults.append(error)
            }
        }
        return diagnosis.labels(faults)
            ?? diagnosis.probabilities(
                labels: all, value: { view.value(classIndex: $0, pixel: $1, in: bytes) },
                fileClassCount: view.axes.classCount)
            ?? .changedWhileRead(diagnosis.probabilityFile)
    }
}
