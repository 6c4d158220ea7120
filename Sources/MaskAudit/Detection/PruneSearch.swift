import ConfidentLearning

/// The passes that follow pass 1 for rules that need the confident joint: the joint, then the rule's rankings.
struct PruneSearch {
    let context: RunContext
    let progress: ProgressMeter
    let thresholds: ConfidentThresholds
    /// Counted pixels of each given class, with downsampling counted blocks.
    let classCounts: [Int]

    /// The calibrated joint.
    ///
    /// **Cost.** One pass; K x K counts for each thread.
    func joint() throws(AuditError) -> (joint: ConfidentJoint, bytesRead: Int) {
        let thresholds = thresholds
        let (found, bytesRead) = try pass(
            2, { JointCounter(thresholds: thresholds) },
            { counter, tile, bytes, labels, _ in counter.add(tile, in: bytes, labels: labels) }, found: { $0.counts })
        let joint = ConfidentJoint(classCount: context.dataset.classCount, counts: Self.sum(found))
        return (joint.calibrated(classCounts: classCounts), bytesRead)
    }

    /// Fills `taken` with the issues of each unit, one bit per pixel of its record.
    ///
    /// **Cost.** Three passes, more where millions of pixels have nearly the value at a cut-off; see
    /// `GroupedSelection`.
    func findIssues(by joint: ConfidentJoint, into taken: RecordStore) throws(AuditError) -> Int {
        let ranking = PruneRanking(rule: context.plan.rule.filter, joint: joint, classCounts: classCounts)
        var bytesRead = 0
        var cutoffs: [GroupedCutoff] = []
        if !ranking.ranks.isEmpty {
            var selection = GroupedSelection(ranks: ranking.ranks, bound: bound)
            while selection.step == .count {
                let round = selection
                let (counts, bytes) = try pass(
                    3, { (walker: PruneRanking.Walker(ranking), counts: round.emptyCounts) },
                    { worker, tile, bytes, labels, position in
                        worker.walker.count(
                            tile, in: bytes, labels: labels, position: position, for: round, into: &worker.counts)
                    }, found: { $0.counts })
                bytesRead += bytes
                selection.narrow(by: Self.sum(counts))
            }
            let last = selection
            let (entries, bytes) = try pass(
                4, { (walker: PruneRanking.Walker(ranking), entries: [GroupedSelection.Entry]()) },
                { worker, tile, bytes, labels, position in
                    worker.walker.gather(
                        tile, in: bytes, labels: labels, position: position, for: last, into: &worker.entries)
                }, found: { $0.entries })
            bytesRead += bytes
            cutoffs = last.finish(Array(entries.joined()))
        }
        let found = cutoffs
        bytesRead += try pass(
            5, { (walker: PruneRanking.Walker(ranking), taken: [UInt64]()) },
            { worker, tile, bytes, labels, position in
                worker.walker.appendIssues(
                    tile, in: bytes, labels: labels, position: position, cutoffs: found, to: &worker.taken)
            },
            unitEnd: { worker, unit throws(AuditError) in
                var record = UnitRecord(candidates: CandidateRecord(isWide: false))
                swap(&record.taken, &worker.taken)
                try taken.store(record, unit: unit)
            }, found: { _ in }
        ).bytesRead
        return bytesRead
    }

    /// Reads labels and probabilities once more, tile by tile.
    ///
    /// **Errors.** Those of files that changed since pass 1.
    private func pass<Worker, Found: Sendable>(
        _ number: Int, _ makeWorker: @escaping @Sendable () -> Worker,
        _ visit: @escaping @Sendable (inout Worker, PlaneTile, RawSpan, Span<Int32>, _ position: UInt64) -> Void,
        unitEnd: @escaping @Sendable (inout Worker, _ unit: Int) throws(AuditError) -> Void = { _, _ in },
        found: @escaping @Sendable (Worker) -> Found
    ) throws(AuditError) -> (found: [Found], bytesRead: Int) {
        progress.begin(pass: number, context.dataset)
        let context = context
        let queue = UnitQueue(context, reading: [.labels, .predProbs], progress)
        let found = try queue.run(
            { (walk: TileWalk(context: context), worker: makeWorker()) },
            { thread, item throws(AuditError) in
                let unit = item.units.lowerBound
                thread.walk.begin()
                for (at, index) in context.units[unit].images.enumerated() {
                    try item.labels[at].withBytes { labelBytes throws(AuditError) in
                        try item.probabilities[at].withBytes { bytes throws(AuditError) in
                            try thread.walk.forEachTile(
                                ofRows: context.rows(of: context.units[unit], image: index),
                                of: context.dataset.images[index], labels: labelBytes, probabilities: bytes
                            ) { tile, planes, labels, pixel throws(AuditError) in
                                visit(
                                    &thread.worker, tile, planes, labels, TileWalk.position(unit: unit, pixel: pixel))
                            }
                        }
                    }
                }
                try unitEnd(&thread.worker, unit)
            }, found: { found($0.worker) })
        return (found, queue.bytesRead)
    }

    private static func sum<Count: FixedWidthInteger>(_ parts: [[Count]]) -> [Count] {
        var sum = parts[0]
        for part in parts.dropFirst() {
            for at in sum.indices { sum[at] += part[at] }
        }
        return sum
    }

    /// What values and their differences do not exceed, but for rounding.
    private var bound: Double {
        context.plan.dataset.form == .unnormalized && context.plan.rule.downsample == 1
            ? ProbabilityCheck.largestScore : 1
    }
}
