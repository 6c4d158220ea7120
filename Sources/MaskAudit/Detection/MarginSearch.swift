import ConfidentLearning

extension CutoffSearch {
    /// The cut-off of `low_normalized_margin` over all records; nil where no pixel is to be taken.
    ///
    /// - Parameter resolver: reads probabilities of contested pixels.
    func marginCutoff(_ resolver: IssueResolver) throws(AuditError) -> GroupedCutoff? {
        let rank = try overRecords(
            initial: 0,
            { (sum, unit, record) throws(AuditError) in sum += try resolver.offDiagonalCount(record, unit: unit) }, +)
        guard rank > 0 else { return nil }
        var selection = GroupedSelection(ranks: [rank], bound: 1)
        let selector = selector
        while selection.step == .count {
            let round = selection
            selection.narrow(
                by: try overRecords(
                    initial: round.emptyCounts,
                    { counts, unit, record in
                        selector.normalizedMargins(in: record) { pixel, margin, _, _ in
                            round.count(
                                margin, position: TileWalk.position(unit: unit, pixel: pixel), group: 0, into: &counts)
                        }
                    }, { zip($0, $1).map { $0 + $1 } }))
        }
        let last = selection
        let entries = try overRecords(
            initial: [GroupedSelection.Entry](),
            { entries, unit, record in
                selector.normalizedMargins(in: record) { pixel, margin, _, _ in
                    last.gather(
                        margin, position: TileWalk.position(unit: unit, pixel: pixel), group: 0, into: &entries)
                }
            }, +)
        return last.finish(entries)[0]
    }
}
