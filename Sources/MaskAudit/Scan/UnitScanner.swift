import ConfidentLearning
import NumPyFiles

/// Pass 1 over units, on one thread.
final class UnitScanner {
    private let context: RunContext
    private let walk: TileWalk
    /// Scans pixels; with downsampling only compares them.
    private let scanner: PixelScanner
    /// Scans averaged blocks, with downsampling.
    private let blockScanner: PixelScanner
    /// Computes the CRC-32 of the bytes as they are scanned.
    private let checker: UnitChecker
    private let isDownsampled: Bool
    /// Counts what `calibrated` needs, and where it goes; nil for other rules.
    private var counter: ImageCounter?
    private let board: ImageCountBoard?
    private var scratch = UnitRecord(candidates: CandidateRecord(isWide: false))
    /// Counted full-size pixels of each given class, with downsampling; else the totals have them.
    private var fullSizeCounts: [UInt64]
    /// Ignored pixels of each image, of images that have any.
    private(set) var ignoredByImage: [Int: Int] = [:]
    /// Counted full-size pixels whose predicted label is not the given one.
    private(set) var contestedCount = 0
    /// Parts of checksums of sources that are checked while they are scanned.
    private(set) var checksums: [Int: JoinedChecksums] = [:]

    init(context: RunContext, checksums: UnitChecksums, board: ImageCountBoard?) {
        self.context = context
        self.board = board
        if board != nil { counter = ImageCounter(classCount: context.dataset.classCount) }
        walk = TileWalk(context: context)
        checker = UnitChecker(checksums)
        isDownsampled = context.plan.rule.downsample > 1
        let check: ProbabilityCheck = context.plan.dataset.form == .unnormalized ? .unnormalized : .normalized
        scanner = PixelScanner(
            classCount: context.dataset.classCount, check: check, keepsVectors: context.keepsVectors && !isDownsampled)
        blockScanner = PixelScanner(
            classCount: context.dataset.classCount, check: .trusted, keepsVectors: context.keepsVectors)
        fullSizeCounts = Array(repeating: 0, count: context.dataset.classCount)
    }

    /// Sums and counts of all that this thread has scanned.
    var totals: ThresholdAccumulator { isDownsampled ? blockScanner.totals : scanner.totals }

    /// Candidates by the top bits of their self-confidence.
    var histogram: [UInt64] { isDownsampled ? blockScanner.histogram : scanner.histogram }

    /// Counted full-size pixels of each given class.
    var labelCounts: [Int] { isDownsampled ? fullSizeCounts.map { Int($0) } : scanner.totals.counts }

    /// Scans a unit.
    ///
    /// **Errors.** The first fault of the first bad image.
    func scan(_ unit: WorkUnit, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) -> UnitRecord {
        // The scratch record is filled in place and copied once at its final size: growing an array would reallocate it
        // repeatedly.
        var record = scratch
        scratch = UnitRecord(candidates: CandidateRecord(isWide: false))
        defer { scratch = record }
        record.removeAll(isWide: context.isWide(unit))
        var counts: [ImageCounts] = []
        for (number, index) in unit.images.enumerated() {
            let rows = context.rows(of: unit, image: index)
            checker.begin(index, rows: rows, probabilities[number])
            try labels[number].withBytes { labelBytes throws(AuditError) in
                try probabilities[number].withBytes { bytes throws(AuditError) in
                    do {
                        try scan(index, rows, labelBytes, bytes, into: &record)
                    } catch {
                        throw diagnose(index, labelBytes: labelBytes, bytes: bytes)
                    }
                }
            }
            checker.end()
            if unit.rows == nil, let own = counted({ $0.finish(&$1) }) { counts.append(own) }
        }
        contestedCount += record.contested(isDownsampled: isDownsampled).given.count
        for (source, part) in checker.take() { checksums[source, default: JoinedChecksums()].add(part) }
        var whole = record.compacted()
        whole.counts = counts
        return whole
    }

    /// The records that are whole once a unit is scanned: its own, unless other units still count in its image.
    func finish(_ record: UnitRecord, unit number: Int) -> [(unit: Int, record: UnitRecord)] {
        guard context.units[number].rows != nil else { return [(number, record)] }
        return counted { $0.finish(&$1, record, unit: number) } ?? [(number, record)]
    }

    /// Calls `body` where the rule counts.
    private func counted<R>(_ body: (ImageCountBoard, inout ImageCounter) -> R) -> R? {
        guard let board, var own = counter.take() else { return nil }
        defer { counter = own }
        return body(board, &own)
    }

    /// **Errors.** Some error where anything is wrong; the caller replaces it by what `diagnose` finds.
    private func scan(
        _ index: Int, _ rows: Range<Int>, _ labelBytes: RawSpan, _ bytes: RawSpan, into record: inout UnitRecord
    ) throws(AuditError) {
        let image = context.dataset.images[index]
        let pixelCount = rows.count * image.width
        var counted = 0
        if isDownsampled {
            // The full-size labels of contested pixels are kept: a flagged block unflags those of its pixels that agree
            // with their label, and the summary counts given classes at full size.
            try walk.forEachTile(
                ofRows: rows, of: image, labels: labelBytes, probabilities: bytes,
                showsFullSize: true,
                fullSize: { tile, planes, labels throws(AuditError) in
                    try judged { () throws(PixelFault) in
                        try scanner.compare(tile, in: planes, labels: labels, into: &record.fullSize)
                    }
                    counted += countLabels(labels, into: &fullSizeCounts)
                },
                { tile, planes, labels, _ throws(AuditError) in
                    try judged { () throws(PixelFault) in
                        _ = try blockScanner.scan(tile, in: planes, labels: labels, into: &record.candidates)
                    }
                })
        } else {
            var done = 0
            let first = rows.lowerBound * image.width
            let lattice = CountLattice(height: image.sliceHeight, width: image.width)
            try walk.forEachTile(
                ofRows: rows, of: image, labels: labelBytes, probabilities: bytes, isWide: record.candidates.isWide
            ) { tile, planes, labels, _ throws(AuditError) in
                try judged { () throws(PixelFault) in
                    counted += try scanner.scan(tile, in: planes, labels: labels, into: &record.candidates)
                }
                counter?.add(
                    tile, in: planes, labels: labels, first: first + done, lattice: lattice, scannedBy: scanner)
                done += tile.count
                checker.advance(done, of: pixelCount)
            }
        }
        let ignored = pixelCount - counted
        if ignored > 0 { ignoredByImage[index, default: 0] += ignored }
    }

    private func judged(_ body: () throws(PixelFault) -> Void) throws(AuditError) {
        do {
            try body()
        } catch {
            throw .changedWhileRead("")
        }
    }

    /// Pixels of an image that failed that are looked at together; of most images all.
    private static let diagnosedPixelCount = 1 << 24

    /// Finds the words for an image that failed: its labels first, then its probabilities. A large image is looked at in
    /// parts, until one has a fault.
    ///
    /// **Cost.** Four bytes for each of the pixels that are looked at together.
    private func diagnose(_ index: Int, labelBytes: RawSpan, bytes: RawSpan) -> AuditError {
        let image = context.dataset.images[index]
        let view = context.probabilityView(image)
        let probabilityFile = context.dataset.probabilities[image.probabilitySource].displayName
        for start in stride(from: 0, to: image.pixelCount, by: Self.diagnosedPixelCount) {
            let part = start..<min(start + Self.diagnosedPixelCount, image.pixelCount)
            let diagnosis = FaultDiagnosis(
                imageText: context.dataset.imageText(index),
                labelFile: context.dataset.labels[image.labelSource].displayName, probabilityFile: probabilityFile,
                image: image, pixels: part, classCount: context.dataset.classCount,
                labelRange: context.labelMapping.labelRangeText, form: context.plan.dataset.form,
                downsample: context.plan.rule.downsample)
            var (labels, faults) = givenLabels(of: image, part, in: labelBytes)
            let labelFault = diagnosis.labels(
                faults, agreement: { agreement(of: image, part, labelBytes: labelBytes, view: view, bytes: bytes) })
            if let labelFault { return labelFault }
            if context.plan.dataset.ignoresUnpredicted {
                for pixel in part {
                    let isEmpty = (0..<view.axes.classCount).allSatisfy {
                        view.value(classIndex: $0, pixel: pixel, in: bytes) == 0
                    }
                    if isEmpty { labels[pixel - part.lowerBound] = -1 }
                }
            }
            let fault = diagnosis.probabilities(
                labels: labels, value: { view.value(classIndex: $0, pixel: $1, in: bytes) },
                fileClassCount: view.axes.classCount)
            if let fault { return fault }
        }
        return .changedWhileRead(probabilityFile)
    }

    /// The given classes of some pixels of an image, -1 where a label cannot be used, and what is wrong with those labels.
    private func givenLabels(
        of image: ImageEntry, _ pixels: Range<Int>, in bytes: RawSpan
    ) -> (labels: [Int32], faults: FaultDiagnosis.LabelFaults) {
        let view = context.labelView(image)
        var all: [Int32] = []
        var faults = FaultDiagnosis.LabelFaults()
        var labels: [Int32] = []
        all.reserveCapacity(pixels.count)
        for start in stride(from: pixels.lowerBound, to: pixels.upperBound, by: PlaneTile.capacity) {
            let end = min(start + PlaneTile.capacity, pixels.upperBound)
            if (try? view.load(bytes, pixel: start, count: end - start, into: &labels)) != nil {
                all += labels
                continue
            }
            for pixel in start..<end {
                do throws(LabelFault) {
                    try view.load(bytes, pixel: pixel, count: 1, into: &labels)
                    all.append(labels[0])
                } catch {
                    faults.note(error)
                    all.append(-1)
                }
            }
        }
        return (all, faults)
    }

    /// How many pixels are predicted as the class of their label's number, and as the class one below it; nil where the
    /// labels' numbers are changed by options, or predictions do not lie pixel by pixel under the labels.
    private func agreement(
        of image: ImageEntry, _ pixels: Range<Int>, labelBytes: RawSpan, view: ProbabilityView, bytes: RawSpan
    ) -> (asNumbered: Int, oneLess: Int)? {
        let dataset = context.plan.dataset
        guard dataset.numbersLabelsAsStored, dataset.upsampling == nil, !dataset.isBinary else { return nil }
        let labelView = context.labelView(image)
        var agreement = (asNumbered: 0, oneLess: 0)
        var one: [Int32] = []
        for pixel in stride(
            from: pixels.lowerBound, to: pixels.upperBound, by: max(1, pixels.count / Self.comparedPixelCount))
        {
            let value: Int
            do throws(LabelFault) {
                try labelView.load(labelBytes, pixel: pixel, count: 1, into: &one)
                value = Int(one[0])
            } catch {
                value = error.integer ?? -1
            }
            guard value >= 0 else { continue }
            let own = (0..<view.axes.classCount).map { view.value(classIndex: $0, pixel: pixel, in: bytes) }
            let predicted = own.indices.max { own[$0] < own[$1] }
            if predicted == value { agreement.asNumbered += 1 }
            if predicted == value - 1 { agreement.oneLess += 1 }
        }
        return agreement
    }

    /// Enough pixels of an image to tell by how the labels are numbered.
    private static let comparedPixelCount = 65_536
}
