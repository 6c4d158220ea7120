import ConfidentLearning
import HostSystem
import NumPyFiles

/// Pass 1 alone: reads a dataset, or a shard of one, and writes its class sums as a part that others can be merged with.
public struct ThresholdRun {
    private let plan: ThresholdPlan
    private let progress: ProgressMeter

    public init(plan: ThresholdPlan, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        self.progress = progress
    }

    /// Runs, writes the output file whole or not at all, and sums up.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities; no records are kept. In a second round that has nothing left to count,
    /// none.
    public func run() throws(AuditError) -> ThresholdSummary {
        try plan.audit.files.whole { () throws(AuditError) in try steps() }
    }

    private func steps() throws(AuditError) -> ThresholdSummary {
        let start = monotonicSeconds()
        let kept = try plan.records.map { path throws(AuditError) in try KeptRecords(path: path, plan: plan.audit) }
        let dataset =
            if let kept { kept.dataset } else { try Dataset(plan.audit.dataset, for: plan.audit.rule) }
        let names = try dataset.classNames(plan.audit.dataset)
        try dataset.checkFiles(plan.audit, writing: (plan.output, "--output", "part.npz"))
        try plan.audit.files.write(plan.keptRecords, option: "--keep-records", example: "records.npz")
        let made: (part: ThresholdPart, bytesRead: Int)
        if let merged = plan.merged {
            let file = try ThresholdFile(
                path: merged.path, named: merged.shard, plan: plan.audit, dataset: dataset)
            made = try secondRound(file, dataset, kept)
        } else {
            made = try firstRound(dataset)
        }
        try made.part.write(to: plan.output, isStored: false, in: plan.audit.files)
        return ThresholdSummary(
            made.part, names: names, warnings: dataset.warnings, seconds: monotonicSeconds() - start,
            bytesRead: made.bytesRead)
    }

    private func firstRound(_ dataset: Dataset) throws(AuditError) -> (ThresholdPart, Int) {
        let digest = try InputDigest(dataset)
        let classCount = dataset.classCount
        let context = try context(dataset, countsCells: plan.audit.rule.filter == .calibrated)
        let records = try plan.keptRecords.map { path throws(AuditError) in
            try RecordFileWriter(path: path, in: plan.audit.files)
        }
        let tally = RecordTally(next: records) {
            ShardTally(classCount: classCount)
        } add: {
            $0.add($1)
        }
        let scan = try scan(context, keeper: tally)
        let options = PartOptions(plan: plan.audit)
        try records?.finish(context, scan, digest: digest, options: options)
        let tallies = tally.tallies
        let isExact = plan.audit.isExactInBins(dataset)
        let part = ThresholdPart(
            options: options, shardTotal: plan.shard?.total ?? 0,
            shards: [
                .init(
                    digest: digest, number: plan.shard?.number ?? 0, imageCount: dataset.images.count,
                    pixelCount: dataset.pixelCount, ignoredCount: scan.ignoredByImage.reduce(0, +))
            ],
            totals: scan.totals, labelCounts: scan.labelCounts, isExact: isExact,
            contested: (0..<classCount).map { label in KeyCounts.merged(tallies.map { $0.contested(label) }) },
            candidates: [KeyCounts.merged(tallies.map(\.candidates))], cells: scan.cellCounts)
        return (part, scan.bytesRead)
    }

    private func secondRound(
        _ given: ThresholdFile, _ dataset: Dataset, _ kept: KeptRecords?
    ) throws(AuditError) -> (ThresholdPart, Int) {
        guard let shard = given.shard else {
            throw .input(
                given.path, "was not made from these data",
                remedy: "name the shard with --shard if its files were written anew")
        }
        if let narrowed = given.part.narrowed { return (narrowed.only(shard), 0) }
        let window: CutoffWindow
        switch given.part.cutoffState {
        case .open(let open): window = open
        case .known, .nothingTaken, .unread:
            throw .input(
                given.path, "is of a second round that is not complete",
                remedy: "name the merged parts of the first round")
        case .inconsistent:
            throw .input(given.path, "its counts are not those of one dataset", remedy: "make the parts again")
        }
        let selector = IssueSelector(rule: .lowSelfConfidence, thresholds: given.thresholds)
        let add: @Sendable (inout WindowTally, CandidateRecord) -> Void = { tally, record in
            tally.rank += selector.confidentContestedCount(in: record)
            window.add(record, below: &tally.below, inside: &tally.inside)
        }
        let counted: WindowTally
        var bytesRead = 0
        if let kept {
            let records = CutoffSearch(
                context: kept.context(plan.audit, temporaryFolder: temporaryFolder(beside: plan.output)),
                records: kept, selector: selector, histogram: [])
            counted = try records.overRecords(initial: WindowTally(), { add(&$0, $2) }, { $0.joined(with: $1) })
            bytesRead = kept.result.bytesRead
        } else {
            let tally = RecordTally(make: { WindowTally() }, add: add)
            bytesRead = try scan(try context(dataset, countsCells: false), keeper: tally).bytesRead
            counted = tally.tallies.reduce(WindowTally()) { $0.joined(with: $1) }
        }
        var part = given.part.round(window)
        part.rank = counted.rank
        part.shards[shard].below = counted.below
        part.candidates[shard] = KeyCounts(counting: counted.inside)
        return (part, bytesRead)
    }

    /// - Parameter countsCells: whether pass 1 is to count what `calibrated` needs.
    private func context(_ dataset: Dataset, countsCells: Bool) throws(AuditError) -> RunContext {
        var audit = plan.audit
        // Vectors that another rule would keep are not looked at.
        if !audit.run.keepsRecords && !countsCells { audit.rule.filter = .lowSelfConfidence }
        return try RunContext(
            plan: audit, dataset: dataset, temporaryFolder: temporaryFolder(beside: plan.output))
    }

    private func scan(_ context: RunContext, keeper: any RecordKeeper) throws(AuditError) -> ScanPass.Result {
        progress.begin(pass: 1, of: 1, context.dataset)
        return try ScanPass(context: context, store: keeper, progress: progress).run()
    }
}

extension AuditPlan {
    /// Whether each bin of a `ShardTally` holds one value: float16 as it is stored.
    func isExactInBins(_ dataset: Dataset) -> Bool {
        let form = self.dataset.form
        return (form == .probabilities || form == .unnormalized) && rule.downsample == 1
            && ShardTally.isExactForHalf(classCount: dataset.classCount)
            && dataset.probabilities.allSatisfy { $0.header.dtype.byteCount == 2 }
    }
}
