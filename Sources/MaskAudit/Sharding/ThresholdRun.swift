import ConfidentLearning
import NumPyFiles

/// Everything a run for thresholds is told.
public struct ThresholdPlan: Sendable {
    /// Inputs and output; with `thresholdsFile` the second round over them.
    public var audit: AuditPlan
    /// Which of how many shards the inputs are, from 1; nil where they have no number.
    public var shard: (number: Int, total: Int)?

    /// Where records of the first round are kept, so that what follows needs no probabilities; nil keeps none.
    public var keptRecords: String? {
        didSet { audit.keepsRecords = keptRecords != nil }
    }

    public init(audit: AuditPlan) {
        self.audit = audit
    }
}

/// Pass 1 alone: reads a dataset, or a shard of one, and writes its class sums as a part that others can be merged with.
public struct ThresholdRun {
    private let plan: ThresholdPlan
    private let audit: Audit

    public init(plan: ThresholdPlan, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        audit = Audit(plan: plan.audit, progress: progress)
    }

    /// Runs, writes the output file whole or not at all, and sums up.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities; no records are kept. In a second round that has nothing left to count,
    /// none.
    public func run() throws(AuditError) -> ThresholdSummary {
        let start = Audit.seconds()
        let kept = try audit.keptRecords()
        let dataset = if let kept { kept.dataset } else { try Dataset(plan: plan.audit) }
        let names = try audit.classNames(count: dataset.classCount)
        try audit.checkOutput(plan.audit.output, dataset, example: "part.npz")
        try audit.checkOutput(plan.keptRecords, dataset, option: "--keep-records", example: "records.npz")
        guard let output = plan.audit.output else { preconditionFailure("a part goes to a file") }
        let made: (part: ThresholdPart, bytesRead: Int)
        if let given = try audit.givenThresholds(dataset) {
            made = try secondRound(given, dataset, kept)
        } else {
            made = try firstRound(dataset)
        }
        try made.part.write(to: output, isStored: plan.audit.store)
        return ThresholdSummary(
            made.part, names: names, warnings: dataset.warnings, seconds: Audit.seconds() - start,
            bytesRead: made.bytesRead)
    }

    private func firstRound(_ dataset: Dataset) throws(AuditError) -> (ThresholdPart, Int) {
        let digest = try InputDigest(dataset)
        let classCount = dataset.classCount
        let context = try context(dataset)
        let records = try plan.keptRecords.map { path throws(AuditError) in try RecordFileWriter(path: path) }
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
            candidates: [KeyCounts.merged(tallies.map(\.candidates))])
        return (part, scan.bytesRead)
    }

    private func secondRound(
        _ given: GivenThresholds, _ dataset: Dataset, _ kept: KeptRecords?
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
                context: kept.context(plan.audit), store: kept, selector: selector, histogram: [])
            counted = try records.overRecords(initial: WindowTally(), { add(&$0, $2) }, { $0.joined(with: $1) })
            bytesRead = kept.scan.bytesRead
        } else {
            let tally = RecordTally(make: { WindowTally() }, add: add)
            bytesRead = try scan(try context(dataset), keeper: tally).bytesRead
            counted = tally.tallies.reduce(WindowTally()) { $0.joined(with: $1) }
        }
        var part = given.part.round(window)
        part.rank = counted.rank
        part.shards[shard].below = counted.below
        part.candidates[shard] = KeyCounts(counting: counted.inside)
        return (part, bytesRead)
    }

    private func context(_ dataset: Dataset) throws(AuditError) -> RunContext {
        var plan = plan.audit
        // Vectors that another rule would keep are not looked at.
        if !plan.keepsRecords { plan.rule = .lowSelfConfidence }
        return try RunContext(plan: plan, dataset: dataset, spoolFolder: audit.spoolFolder)
    }

    private func scan(_ context: RunContext, keeper: any RecordKeeper) throws(AuditError) -> ScanPass.Result {
        audit.progress.begin(
            pass: 1, of: 1, images: context.dataset.images.count, pixels: context.dataset.pixelCount)
        return try ScanPass(context: context, store: keeper, progress: audit.progress).run()
    }
}

extension AuditPlan {
    /// Whether each bin of a `ShardTally` holds one value: float16 as it is stored.
    func isExactInBins(_ dataset: Dataset) -> Bool {
        (form == .probabilities || form == .unnormalized) && downsample == 1
            && ShardTally.isExactForHalf(classCount: dataset.classCount)
            && dataset.probabilities.allSatisfy { $0.header.dtype.byteCount == 2 }
    }
}
