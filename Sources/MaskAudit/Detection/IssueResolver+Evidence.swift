import ConfidentLearning

extension IssueResolver {
    /// As `forEachMeasuredIssue`, under `calibrated`.
    func forEachJudgedIssue(
        units: Range<Int>, by source: SurpriseSource, _ body: (_ firstPixel: Int, MeasuredIssue) -> Void
    ) throws(AuditError) {
        guard let taken else { preconditionFailure("issues were not looked for") }
        let only = context.plan.rule.onlyClass
        var isTaken: [UInt64] = []
        var current = -1
        try forEachContested(units: units, by: source) { number, place, measured throws(AuditError) in
            if current != number {
                current = number
                isTaken = try taken.record(unit: number).taken
            }
            guard isTaken[place / 64] >> UInt64(place % 64) & 1 == 1 else { return }
            guard only == nil || measured.issue.given == only || measured.issue.suggested == only else { return }
            body(context.firstPixel(of: context.units[number]), measured)
        }
    }

    /// Calls `body` for each contested pixel of some units with its evidence, in pixel order.
    ///
    /// - Parameters:
    ///   - units: whole images between them; the record of the last one has the images' own counts.
    ///   - body: gets the unit, and the pixel's place in the unit's record.
    func forEachContested(
        units: Range<Int>, by source: SurpriseSource,
        _ body: (_ unit: Int, _ place: Int, MeasuredIssue) throws(AuditError) -> Void
    ) throws(AuditError) {
        let images = context.units[units.lowerBound].images
        let last = try records.record(unit: units.upperBound - 1)
        guard last.counts.count == images.count else { preconditionFailure("images without counts of their own") }
        var tables = last.counts.map { source.table(of: $0) }
        for number in units {
            let record = number == units.upperBound - 1 ? last : try records.record(unit: number)
            var segments = SegmentCursor(context: context, unit: context.units[number], factor: 1)
            try record.candidates.forEachContestedCandidate { place, index, own throws(AuditError) in
                let (image, pixel) = segments.locate(place)
                let (given, predicted) = (Int(record.candidates.given[index]), Int(record.candidates.predicted[index]))
                let top = record.candidates.predictedProbability(index)
                let evidence = tables[image - images.lowerBound].evidence(
                    predicted: predicted, given: given, top: top, low: own)
                try body(
                    number, place,
                    MeasuredIssue(
                        issue: Issue(image: image, pixel: pixel, given: given, suggested: predicted),
                        selfConfidence: own, suggestedConfidence: top, evidence: evidence))
            }
        }
    }
}
