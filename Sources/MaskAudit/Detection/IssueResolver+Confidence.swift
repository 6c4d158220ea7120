import ConfidentLearning

extension IssueResolver {
    /// An issue with the probabilities of its given and its suggested label.
    ///
    /// With downsampling both belong to the block: to the label it was given and to its most probable class.
    struct MeasuredIssue {
        var issue: Issue
        var selfConfidence: Double
        var suggestedConfidence: Double
        /// Under `calibrated`, as of `SurpriseTable`.
        var evidence: Double?
    }

    /// Calls `body` for each issue of some units, in pixel order, as `forEachIssue` does.
    ///
    /// - Parameters:
    ///   - units: whole images between them.
    ///   - body: gets the first pixel of the unit's part of the image, from which the issue's pixel counts.
    func forEachMeasuredIssue(
        units: Range<Int>, _ body: (_ firstPixel: Int, MeasuredIssue) -> Void
    ) throws(AuditError) {
        if let evidence { return try forEachJudgedIssue(units: units, by: evidence, body) }
        for number in units {
            let firstPixel = context.firstPixel(of: context.units[number])
            try forEachMeasuredIssue(unit: number) { body(firstPixel, $0) }
        }
    }

    /// The same for one unit and rules that judge pixels.
    ///
    /// **Cost.** Under `confident_learning` the probabilities of pixels whose suggestion is not their predicted label are
    /// read again in place; else the record alone.
    private func forEachMeasuredIssue(unit number: Int, _ body: (MeasuredIssue) -> Void) throws(AuditError) {
        let record = try records.record(unit: number)
        let candidates = record.candidates
        let lookup = ConfidenceLookup(candidates)
        let places = IssuePlaces(context: context, unit: context.units[number])
        guard selector.rule == .confidentLearning else {
            return try forEachIssue(unit: number, record: record) { issue in
                let entry = lookup.entry(at: places.position(of: issue))
                body(
                    MeasuredIssue(
                        issue: issue, selfConfidence: entry.selfConfidence,
                        suggestedConfidence: entry.predictedConfidence))
            }
        }
        var values = [Double](repeating: 0, count: context.dataset.classCount)
        var failure: AuditError?
        try withVectors(of: candidates, unit: context.units[number]) { vector throws(AuditError) in
            try forEachIssue(unit: number, record: record) { issue in
                let position = places.position(of: issue)
                let entry = lookup.entry(at: position)
                var suggested = entry.predictedConfidence
                if let predicted = entry.predicted, predicted != issue.suggested {
                    do throws(AuditError) {
                        try vector(position, entry.number, &values)
                        suggested = values[issue.suggested]
                    } catch {
                        failure = failure ?? error
                    }
                }
                body(
                    MeasuredIssue(
                        issue: issue, selfConfidence: entry.selfConfidence, suggestedConfidence: suggested))
            }
        }
        if let failure { throw failure }
    }
}

extension ConfidenceLookup {
    /// What is known of a pixel that a rule took, which is a candidate always.
    fileprivate func entry(at pixel: Int) -> Entry {
        guard let entry = self[pixel] else { preconditionFailure("an issue that is no candidate") }
        return entry
    }
}

/// Where issues stand in their unit's record: pixels, or with downsampling blocks.
private struct IssuePlaces {
    private let context: RunContext
    private let firstImage: Int
    private let ends: [Int]
    private let factor: Int

    init(context: RunContext, unit: WorkUnit) {
        self.context = context
        firstImage = unit.images.lowerBound
        factor = context.plan.rule.downsample
        ends = SegmentCursor(context: context, unit: unit, factor: factor).ends
    }

    func position(of issue: IssueResolver.Issue) -> Int {
        let number = issue.image - firstImage
        let start = number == 0 ? 0 : ends[number - 1]
        guard factor > 1 else { return start + issue.pixel }
        let width = context.dataset.images[issue.image].width
        return start + issue.pixel / width / factor * (width / factor) + issue.pixel % width / factor
    }
}
