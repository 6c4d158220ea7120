import ConfidentLearning

/// Finds the cut-off of `low_self_confidence` over all records, on several threads.
struct CutoffSearch {
    let context: RunContext
    let records: any RecordSource
    let selector: IssueSelector
    /// Candidates by the top 16 bits of their self-confidence, from the scan; empty where there was none.
    let histogram: [UInt64]

    /// The cut-off, and how many pixels equal to it each unit contributes; no cut-off where no pixel is to be taken.
    typealias Found = (cutoff: SelfConfidenceCutoff?, tiesTaken: [Int])

    func run(_ shared: GivenThresholds.Cutoff) throws(AuditError) -> Found {
        switch shared {
        case .ofData: try run()
        case .none: (nil, nothing)
        case .given(let cutoff): try shareTies(of: cutoff)
        }
    }

    private var nothing: [Int] { Array(repeating: 0, count: context.units.count) }

    private func run() throws(AuditError) -> Found {
        let confident = try overRecords(initial: 0, { $0 += selector.confidentContestedCount(in: $2) }, +)
        guard confident > 0 else { return (nil, nothing) }
        var ranking = SelfConfidenceRanking(rank: confident)
        if !histogram.isEmpty { ranking.narrow(by: histogram) }
        while ranking.step == .count {
            let round = ranking
            ranking.narrow(
                by: try overRecords(
                    initial: [UInt64](), { round.histogram(of: $2, into: &$0) },
                    { a, b in
                        if a.isEmpty { return b }
                        return b.isEmpty ? a : zip(a, b).map { $0 + $1 }
                    }))
        }
        let last = ranking
        return try shareTies(of: ranking.finish(try overRecords(initial: [], { last.keys(of: $2, into: &$0) }, +)))
    }

    /// Gives the ties that are taken to the units that come first.
    private func shareTies(of cutoff: SelfConfidenceCutoff) throws(AuditError) -> Found {
        if cutoff.tiesTaken == cutoff.tieTotal {
            return (cutoff, Array(repeating: cutoff.tieTotal, count: context.units.count))
        }
        let ties = try overRecords(
            initial: nothing, { $0[$1] = cutoff.tieCount(in: $2) }, { zip($0, $1).map { $0 + $1 } })
        var rest = cutoff.tiesTaken
        return (
            cutoff,
            ties.map {
                let taken = min($0, rest)
                rest -= taken
                return taken
            }
        )
    }

    /// Folds over all records, one partial value for each thread.
    func overRecords<Value: Sendable>(
        initial: Value,
        _ add: @escaping @Sendable (inout Value, _ unit: Int, CandidateRecord) throws(AuditError) -> Void,
        _ merge: (Value, Value) -> Value
    ) throws(AuditError) -> Value {
        try UnitQueue(context, reading: [], nil).run(
            { initial },
            { value, item throws(AuditError) in
                let unit = item.units.lowerBound
                try add(&value, unit, try records.record(unit: unit).candidates)
            }, found: { $0 }
        ).reduce(initial, merge)
    }
}
