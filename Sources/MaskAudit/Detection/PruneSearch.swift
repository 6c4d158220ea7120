import ConfidentLearning

/// The passes that follow pass 1 for rules that need the confident joint: the joint, then the rule's rankings.
struct PruneSearch {
    let context: RunContext
    let progress: ProgressMeter
    let thresholds: ConfidentThresholds
    /// Counted pixels, with downsampling blocks, a given class.
    let classCounts: [Int]

    /// The calibrated joint.
    ///
    /// **Cost.** One pass; K x K counts a thread.
    func joint() throws(AuditError) -> (joint: ConfidentJoint, bytesRead: Int) {
        begin(pass: 2)
        let (context, thresholds) = (context, thresholds)
        let (counts, bytesRead) = try RereadPass(context: context, progress: progress).run(
            { JointReader(context: context, thresholds: thresholds) },
            join: { joined, more in
                for (at, count) in more.enumerated() where count > 0 { joined[at] += count }
            })
        let joint = ConfidentJoint(classCount: context.dataset.classCount, counts: counts)
        return (joint.calibrated(classCounts: classCounts), bytesRead)
    }

    /// Fills `taken` with the issues of each unit, a bit a pixel of its record.
    ///
    /// **Cost.** Three passes, more where millions of pixels have nearly the value at a cut-off; see
    /// `GroupedSelection`.
    func findIssues(by joint: ConfidentJoint, into taken: RecordStore) throws(AuditError) -> Int {
        let ranking = PruneRanking(rule: context.plan.rule.filter, joint: joint, classCounts: classCounts)
        let context = context
        var bytesRead = 0
        func pass<Reader: UnitReader>(
            _ number: Int, _ makeReader: @escaping @Sendable () -> Reader,
            join: @escaping @Sendable (inout Reader.Found, Reader.Found) -> Void
        ) throws(AuditError) -> Reader.Found {
            begin(pass: number)
            let (found, bytes) = try RereadPass(context: context, progress: progress).run(makeReader, join: join)
            bytesRead += bytes
            return found
        }
        var cutoffs: [GroupedCutoff] = []
        if !ranking.ranks.isEmpty {
            var selection = GroupedSelection(ranks: ranking.ranks, bound: bound)
            while selection.step == .count {
                let round = selection
                selection.narrow(
                    by: try pass(3, { CountReader(context: context, ranking: ranking, selection: round) }) {
                        sum, more in
                        for at in sum.indices { sum[at] += more[at] }
                    })
            }
            let last = selection
            cutoffs = last.finish(
                try pass(4, { GatherReader(context: context, ranking: ranking, selection: last) }, join: { $0 += $1 }))
        }
        let found = cutoffs
        try pass(
            5, { IssueReader(context: context, ranking: ranking, cutoffs: found, store: taken) },
            join: { _, _ in })
        return bytesRead
    }

    private func begin(pass: Int) {
        progress.begin(pass: pass, context.dataset)
    }

    /// What values and their differences do not exceed, but for rounding.
    private var bound: Double {
        context.plan.dataset.form == .unnormalized && context.plan.rule.downsample == 1
            ? ProbabilityCheck.largestScore : 1
    }
}

private final class JointReader: UnitReader {
    private let walk: TileWalk
    private let counter: JointCounter

    init(context: RunContext, thresholds: ConfidentThresholds) {
        walk = TileWalk(context: context)
        counter = JointCounter(thresholds: thresholds)
    }

    func read(_ unit: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) {
        try walk.forEachTile(of: unit, labels: labels, probabilities: probabilities) { tile, bytes, labels, _ in
            counter.add(tile, in: bytes, labels: labels)
        }
    }

    var found: [Int] { counter.counts }
}

private final class CountReader: UnitReader {
    private let walk: TileWalk
    private let walker: PruneRanking.Walker
    private let selection: GroupedSelection
    private var counts: [UInt64]

    init(context: RunContext, ranking: PruneRanking, selection: GroupedSelection) {
        walk = TileWalk(context: context)
        walker = PruneRanking.Walker(ranking)
        self.selection = selection
        counts = selection.emptyCounts
    }

    func read(_ unit: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) {
        var counts = self.counts
        self.counts = []
        defer { self.counts = counts }
        try walk.forEachTile(of: unit, labels: labels, probabilities: probabilities) { tile, bytes, labels, position in
            walker.count(tile, in: bytes, labels: labels, position: position, for: selection, into: &counts)
        }
    }

    var found: [UInt64] { counts }
}

private final class GatherReader: UnitReader {
    private let walk: TileWalk
    private let walker: PruneRanking.Walker
    private let selection: GroupedSelection
    private var entries: [GroupedSelection.Entry] = []

    init(context: RunContext, ranking: PruneRanking, selection: GroupedSelection) {
        walk = TileWalk(context: context)
        walker = PruneRanking.Walker(ranking)
        self.selection = selection
    }

    func read(_ unit: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) {
        var entries = self.entries
        self.entries = []
        defer { self.entries = entries }
        try walk.forEachTile(of: unit, labels: labels, probabilities: probabilities) { tile, bytes, labels, position in
            walker.gather(tile, in: bytes, labels: labels, position: position, for: selection, into: &entries)
        }
    }

    var found: [GroupedSelection.Entry] { entries }
}

private final class IssueReader: UnitReader {
    private let walk: TileWalk
    private let walker: PruneRanking.Walker
    private let cutoffs: [GroupedCutoff]
    private let store: RecordStore

    init(context: RunContext, ranking: PruneRanking, cutoffs: [GroupedCutoff], store: RecordStore) {
        walk = TileWalk(context: context)
        walker = PruneRanking.Walker(ranking)
        self.cutoffs = cutoffs
        self.store = store
    }

    func read(_ unit: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) {
        var record = UnitRecord(candidates: CandidateRecord(isWide: false))
        try walk.forEachTile(of: unit, labels: labels, probabilities: probabilities) { tile, bytes, labels, position in
            walker.appendIssues(
                tile, in: bytes, labels: labels, position: position, cutoffs: cutoffs, to: &record.taken)
        }
        try store.store(record, unit: unit)
    }

    var found: Void { () }
}
