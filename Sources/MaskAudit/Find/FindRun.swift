import ConfidentLearning
import HostSystem
import NumPyFiles

/// A run that finds issues and writes their masks: `masklint find`.
public struct FindRun {
    let plan: FindPlan
    let source: ScanSource
    let thresholds: ThresholdSource
    let progress: ProgressMeter

    /// - Parameters:
    ///   - source: what is scanned: the data, or what an earlier run kept of them.
    ///   - thresholds: whose thresholds the data are judged by.
    public init(
        plan: FindPlan, source: ScanSource = .data, thresholds: ThresholdSource = .data,
        progress: ProgressMeter = ProgressMeter()
    ) {
        self.plan = plan
        self.source = source
        self.thresholds = thresholds
        self.progress = progress
    }

    /// The files of the run, and of what is written beside its masks.
    public var files: RunFiles { plan.audit.files }

    /// Runs, writes the output file whole or not at all, and sums up.
    ///
    /// - Parameter whenFlagged: gets what was found before the output appears. What it writes appears with the output.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** Each probability is read once, for the confident joint and rules that need it again; memory is a few
    /// images for each thread and the candidate records.
    public func run(
        whenFlagged: (FlaggedDataset) throws(AuditError) -> Void = { _ in }
    ) throws(AuditError) -> AuditSummary {
        try files.whole { () throws(AuditError) in try steps(whenFlagged) }
    }

    private func steps(_ whenFlagged: (FlaggedDataset) throws(AuditError) -> Void) throws(AuditError) -> AuditSummary {
        let start = monotonicSeconds()
        // Open.
        let opened = try source.open(plan.audit)
        let dataset = opened.dataset
        if plan.suggest { try opened.checkHasArrays(for: "--suggest") }
        let names = try dataset.classNames(plan.audit.dataset)
        try check(dataset, names)
        let context = try opened.context(plan.audit, temporaryFolder: temporaryFolder(beside: plan.output))
        let archive = try plan.output.map { path throws(AuditError) in
            try OutputArchive(path: path, isStored: plan.isStored, in: files)
        }
        let given = try thresholds.given(plan.audit, dataset)
        // Scan.
        let scan = try opened.scan(context, passTotal: plan.passCount, progress: progress)
        // Thresholds and cut-off.
        let detection = try Detection(scan, in: context, given: given, progress: progress)
        // Do both sides belong together?
        let match = try SideMatch(context, scan.result, scan.records)
        // Flag and write.
        progress.begin(pass: plan.audit.rule.passCount, dataset)
        let counts = try OutputPass(context, detection.resolver, .masks, into: archive, progress).run()
        if let archive { try write(detection, scan.result, counts, context, to: archive) }
        try whenFlagged(
            FlaggedDataset(
                context: context, names: names, scan: scan.result, detection: detection, match: match,
                progress: progress))
        if let archive {
            try context.checkUnchanged()
            try archive.finish()
        }
        // Summarise.
        return AuditSummary(
            context, names: names, scan.result, detection, counts, match: match, plan: plan.summary,
            seconds: monotonicSeconds() - start)
    }

    /// Throws where an option does not fit the dataset, before anything is read.
    func check(_ dataset: Dataset, _ names: [String]?) throws(AuditError) {
        if plan.suggest { try dataset.checkLabelsReadableTwice("with --suggest") }
        for label in plan.summary.excludedSuggestions { try dataset.checkClass(label, option: "--exclude") }
        try dataset.checkFiles(plan.audit, writing: (plan.output, "--output", "issues.npz"))
        try plan.summary.gates.check(plan.audit, classCount: dataset.classCount, names: names)
        if plan.listsRegions { try dataset.checkLabelsReadableTwice("for regions") }
    }

    /// Writes what stands beside the masks.
    private func write(
        _ detection: Detection, _ scan: ScanPass.Result, _ counts: IssueCounts, _ context: RunContext,
        to archive: OutputArchive
    ) throws(AuditError) {
        if plan.suggest {
            _ = try OutputPass(context, detection.resolver, .suggestions, into: archive, progress).run()
        }
        try archive.add(key: "confident_thresholds", detection.thresholds.values.map { $0 ?? .nan })
        try archive.add(key: "class_counts", scan.labelCounts.map { Int64($0) })
        try archive.add(key: "issue_counts", counts.byImage.map { Int64($0) })
        if let joint = detection.joint {
            try archive.add(
                key: "confident_joint", shape: [joint.classCount, joint.classCount], joint.counts.map { Int64($0) })
        }
    }
}

/// A dataset whose issues are known, while its inputs are still open: what regions and pictures are made from.
public struct FlaggedDataset: Sendable {
    let context: RunContext
    /// Class names; nil without `--class-names`.
    let names: [String]?
    let scan: ScanPass.Result
    let detection: Detection
    let match: SideMatch
    let progress: ProgressMeter
}
