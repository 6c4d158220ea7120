import ConfidentLearning
import NumPyFiles

/// Which pixels of a unit are issues: the rule applied to the unit's record, at full size.
struct IssueResolver: Sendable {
    /// One issue: pixel of the unit's part of an image, given and suggested class.
    struct Issue {
        var image: Int
        /// Counts from the first pixel of the unit's rows of the image.
        var pixel: Int
        var given: Int
        var suggested: Int
    }

    let context: RunContext
    let records: any RecordSource
    let selector: IssueSelector
    /// The cut-off of `low_self_confidence`; nil when no pixel is taken.
    let cutoff: SelfConfidenceCutoff?
    /// How many pixels equal to the cut-off each unit contributes.
    let tiesTaken: [Int]
    /// The cut-off of `low_normalized_margin`; nil when no pixel is taken.
    var marginCutoff: GroupedCutoff?
    /// For rules that need the joint, and for `calibrated`: records with the issues that were found.
    var taken: RecordStore?
    /// For `calibrated`: what labels are judged by.
    var evidence: SurpriseSource?

    /// Calls `body` for each issue of a unit, in pixel order; with `--only-class` for those that involve that class.
    func forEachIssue(unit number: Int, _ body: (Issue) -> Void) throws(AuditError) {
        try forEachIssue(unit: number, record: records.record(unit: number), body)
    }

    /// The issues of a unit as bits; nil where they can only be had one by one.
    func flaggedPixels(unit number: Int) throws(AuditError) -> FlaggedPixels? {
        guard context.plan.rule.onlyClass == nil, context.dataset.classCount <= SwapCounts.denseLimit else {
            return nil
        }
        if context.plan.rule.downsample > 1 {
            return try fullSizeFlagged(unit: number, record: records.record(unit: number))
        }
        if selector.rule == .calibrated, let taken {
            return selector.issues(
                in: try records.record(unit: number).candidates, taken: try taken.record(unit: number).taken)
        }
        guard selector.rule == .lowSelfConfidence, let cutoff else { return nil }
        return selector.lowSelfConfidenceIssues(
            in: try records.record(unit: number).candidates, cutoff: cutoff, tiesTaken: tiesTaken[number])
    }

    /// The same for a unit whose record has been read.
    func forEachIssue(unit number: Int, record: UnitRecord, _ body: (Issue) -> Void) throws(AuditError) {
        guard let only = context.plan.rule.onlyClass else { return try forEachOfAll(unit: number, record, body) }
        try forEachOfAll(unit: number, record) { if $0.given == only || $0.suggested == only { body($0) } }
    }

    private func forEachOfAll(unit number: Int, _ record: UnitRecord, _ body: (Issue) -> Void) throws(AuditError) {
        let unit = context.units[number]
        if context.plan.rule.downsample == 1 {
            var segments = SegmentCursor(context: context, unit: unit, factor: 1)
            try select(record.candidates, unit: unit, number: number) { pixel, labels in
                // Uncontested pixels take their place in the ranking and are never issues.
                guard let labels else { return }
                let (image, pixel) = segments.locate(pixel)
                body(Issue(image: image, pixel: pixel, given: labels.given, suggested: labels.suggested))
            }
        } else {
            var segments = SegmentCursor(context: context, unit: unit, factor: 1)
            try fullSizeFlagged(unit: number, record: record).forEachIssue { pixel, given, suggested in
                let (image, pixel) = segments.locate(pixel)
                body(Issue(image: image, pixel: pixel, given: given, suggested: suggested))
            }
        }
    }

    private var highestSum: Double {
        context.plan.dataset.form == .unnormalized && context.plan.rule.downsample == 1
            ? .infinity : 1 + 2 * ProbabilityCheck.sumTolerance
    }

    private func select(
        _ record: CandidateRecord, unit: WorkUnit, number: Int,
        _ body: (_ pixel: Int, _ labels: (given: Int, suggested: Int)?) -> Void
    ) throws(AuditError) {
        switch selector.rule {
        case .lowSelfConfidence:
            guard let cutoff else { return }
            selector.lowSelfConfidenceTaken(
                in: record, cutoff: cutoff, tiesTaken: tiesTaken[number],
                contestedOnly: context.plan.rule.downsample == 1
            ) {
                body($0, $1.map { ($0.given, $0.predicted) })
            }
        case .confidentLearning:
            try withVectors(of: record, unit: unit) { vector throws(AuditError) in
                try selector.confidentLearningIssues(in: record, highestSum: highestSum, vector: vector) {
                    body($0, ($1, $2))
                }
            }
        case .predictedNeqGiven:
            selector.clearlyContested(in: record) { body($0, ($1, $2)) }
        case .lowNormalizedMargin:
            guard let marginCutoff else { return }
            selector.normalizedMargins(in: record) { pixel, margin, given, predicted in
                if marginCutoff.takes(margin, position: TileWalk.position(unit: number, pixel: pixel)) {
                    body(pixel, (given, predicted))
                }
            }
        case .pruneByClass, .pruneByNoiseRate, .both, .calibrated:
            guard let taken else { preconditionFailure("issues were not looked for") }
            selector.issues(in: record, taken: try taken.record(unit: number).taken) { body($0, ($1, $2)) }
        }
    }

    /// Hands `body` what fills in the K probabilities of a contested pixel: from the record, or read again in place.
    func withVectors(
        of record: CandidateRecord, unit: WorkUnit,
        _ body: (_ vector: (_ pixel: Int, _ number: Int, _ values: inout [Double]) throws(AuditError) -> Void)
            throws(AuditError) -> Void
    ) throws(AuditError) {
        if record.hasVectors {
            try body { _, number, values in record.vector(number: number, into: &values) }
            return
        }
        var segments = SegmentCursor(context: context, unit: unit, factor: 1)
        try body { pixel, _, values in
            let (index, pixel) = segments.locate(pixel)
            let image = context.dataset.images[index]
            guard case .mapped(let array) = context.probabilityAccess[image.probabilitySource] else {
                preconditionFailure("data that cannot be read again keeps its vectors")
            }
            let source = context.dataset.probabilities[image.probabilitySource]
            let view = context.probabilityView(image)
            let first = context.rows(of: unit, image: index).lowerBound * image.width
            array.withBytes(source.byteRange(image: image.probabilityIndex)) { bytes in
                for classIndex in values.indices {
                    values[classIndex] = view.value(classIndex: classIndex, pixel: first + pixel, in: bytes)
                }
            }
        }
        context.release(
            unit, .predProbs,
            unit.images.map { index in
                let place = context.place(of: index, .predProbs)
                guard case .mapped(let array) = context.probabilityAccess[place.source] else { return .buffer([]) }
                return .mapped(array, context.dataset.probabilities[place.source].byteRange(image: place.image))
            })
    }

    /// How many pixels of a unit's record count for `low_normalized_margin`.
    func offDiagonalCount(_ record: CandidateRecord, unit number: Int) throws(AuditError) -> Int {
        var count = 0
        try withVectors(of: record, unit: context.units[number]) { vector throws(AuditError) in
            count = try selector.offDiagonalCount(in: record, highestSum: highestSum, vector: vector)
        }
        return count
    }

    /// Taken blocks at full size: every pixel whose own predicted label is not its given one.
    private func fullSizeFlagged(unit number: Int, record: UnitRecord) throws(AuditError) -> FlaggedPixels {
        let unit = context.units[number]
        let factor = context.plan.rule.downsample
        let ends = SegmentCursor(context: context, unit: unit, factor: factor).ends
        var suggestions = [Int32](repeating: -1, count: ends.last ?? 0)
        try select(record.candidates, unit: unit, number: number) { block, labels in
            suggestions[block] = labels.map { Int32($0.suggested) } ?? -2
        }
        let images = unit.images.map { index in
            (rows: context.rows(of: unit, image: index).count, width: context.dataset.images[index].width)
        }
        return record.fullSize.flagged(images: images, factor: factor, suggestions: suggestions)
    }
}

/// Finds the image that a position in a unit's record belongs to. Positions are asked for in rising order; each
/// image's part starts at a whole word.
struct SegmentCursor {
    let ends: [Int]
    private let firstImage: Int
    private var current = 0

    init(context: RunContext, unit: WorkUnit, factor: Int) {
        var end = 0
        ends = unit.images.map { index in
            let pixels =
                context.rows(of: unit, image: index).count * context.dataset.images[index].width / (factor * factor)
            end += (pixels + 63) / 64 * 64
            return end
        }
        firstImage = unit.images.lowerBound
    }

    mutating func locate(_ position: Int) -> (image: Int, pixel: Int) {
        // Back to the start for a new walk over the same unit.
        if current > 0 && position < ends[current - 1] { current = 0 }
        while position >= ends[current] { current += 1 }
        return (firstImage + current, position - (current == 0 ? 0 : ends[current - 1]))
    }
}
