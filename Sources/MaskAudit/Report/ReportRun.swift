import ConfidentLearning
import HostSystem

/// A run that finds issues and reads the worst images again for pictures of them.
public struct ReportRun {
    private let plan: ReportPlan
    private let thresholds: ThresholdSource
    private let progress: ProgressMeter

    /// - Parameter thresholds: whose thresholds the data are judged by.
    public init(
        plan: ReportPlan, thresholds: ThresholdSource = .data, progress: ProgressMeter = ProgressMeter()
    ) {
        self.plan = plan
        self.thresholds = thresholds
        self.progress = progress
    }

    /// Runs, hands each of the worst images to `show` and the surroundings of the first regions to `showRegion`, both in
    /// dataset order, and gives all the rest. Writes nothing.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities and the worst images again; memory as of `FindRun`, and one image at a time.
    public func run(
        _ show: (ImagePicture) throws(AuditError) -> Void,
        showRegion: (RegionPicture) throws(AuditError) -> Void = { _ in }
    ) throws(AuditError) -> ReportData {
        try plan.audit.files.whole { () throws(AuditError) in try steps(show, showRegion) }
    }

    private func steps(
        _ show: (ImagePicture) throws(AuditError) -> Void, _ showRegion: (RegionPicture) throws(AuditError) -> Void
    ) throws(AuditError) -> ReportData {
        let start = monotonicSeconds()
        let dataset = try Dataset(plan.audit.dataset, for: plan.audit.rule)
        let names = try dataset.classNames(plan.audit.dataset)
        try check(dataset, names)
        let temporaryFolder = temporaryFolder(beside: plan.output)
        let context = try RunContext(plan: plan.audit, dataset: dataset, temporaryFolder: temporaryFolder)
        let photos = try plan.images.map { images throws(AuditError) in
            try PhotoSource(images, plan: plan.audit.dataset, dataset: dataset, temporaryFolder: temporaryFolder)
        }
        for source in photos?.sources ?? [] { try plan.audit.files.read(source) }
        let finished = try plan.issues.map { issues throws(AuditError) in
            try FinishedIssues(issues, dataset: dataset, temporaryFolder: temporaryFolder)
        }
        let board = ScoreBoard(context: context, temperature: SoftminSum.defaultTemperature)
        let tally = ReportTally(dataset: dataset)
        let makeObserver: @Sendable () -> any UnitObserver = {
            ReportObserver(context: context, board: board, tally: tally, finished: finished)
        }
        let found =
            if finished == nil { try flag(context, names, makeObserver) } else {
                try count(context, names, tally, makeObserver)
            }
        let scores = board.scores()
        let worst = AuditSummary.worst(plan.topCount, found.counts.byImage, dataset, found.ignoredByImage)
        try PictureReader(
            context: context, photos: photos, resolver: found.flagged?.detection.resolver, finished: finished
        ).read(worst.map { ($0, scores[$0.index]) }, show)
        let regions = try regions(found.flagged, context, photos, showRegion)
        try context.checkUnchanged()
        try photos?.checkUnchanged()
        var summary = found.summary
        summary.seconds = monotonicSeconds() - start
        return ReportData(
            summary: summary, cutoff: found.cutoff, histogram: tally.result.histogram,
            labelFiles: plan.audit.dataset.labels.paths, predProbFiles: plan.audit.dataset.predProbs.paths,
            issuesFile: plan.issues?.paths.first, regions: regions)
    }

    /// Throws where an option does not fit the dataset, before anything is read.
    private func check(_ dataset: Dataset, _ names: [String]?) throws(AuditError) {
        for path in (plan.images?.paths ?? []) + (plan.issues?.paths ?? []) { try plan.audit.files.read(path) }
        try dataset.checkFiles(plan.audit, writing: (plan.output, "--output", "report.html"))
        try plan.summary.gates.check(plan.audit, classCount: dataset.classCount, names: names)
        if plan.topCount > 0 { try dataset.checkReadableTwice("pictures of the worst images") }
    }

    /// What the page shows, whichever way the issues were found.
    private struct Found {
        var summary: AuditSummary
        var counts: IssueCounts
        var ignoredByImage: [Int]
        /// The highest self-confidence that was flagged.
        var cutoff: Double?
        /// Nil where finished masks were taken.
        var flagged: FlaggedDataset?
    }

    /// Applies the rule.
    private func flag(
        _ context: RunContext, _ names: [String]?, _ makeObserver: @escaping @Sendable () -> any UnitObserver
    ) throws(AuditError) -> Found {
        let given = try thresholds.given(plan.audit, context.dataset)
        let scan = try Scan(
            of: context, passTotal: plan.audit.rule.passCount, progress: progress, makeObserver: makeObserver)
        let detection = try Detection(scan, in: context, given: given, progress: progress)
        let match = try SideMatch(context, scan.result, scan.records)
        let counts = try OutputPass(context, detection.resolver, .masks, into: nil, progress).run()
        return Found(
            summary: AuditSummary(
                context, names: names, scan.result, detection, counts, match: match, plan: plan.summary, seconds: 0),
            counts: counts, ignoredByImage: scan.result.ignoredByImage, cutoff: detection.resolver.cutoff?.value,
            flagged: FlaggedDataset(
                context: context, names: names, scan: scan.result, detection: detection, match: match,
                progress: progress))
    }

    /// Counts what finished masks flag.
    private func count(
        _ context: RunContext, _ names: [String]?, _ tally: ReportTally,
        _ makeObserver: @escaping @Sendable () -> any UnitObserver
    ) throws(AuditError) -> Found {
        progress.begin(pass: 1, context.dataset)
        let scan = try ScanPass(context: context, store: nil, progress: progress, makeObserver: makeObserver).run()
        let counted = tally.result
        var summary = AuditSummary(
            context, names: names, scan, scan.totals.thresholds(), counted.counts,
            match: try SideMatch(context, scan, nil), plan: plan.summary)
        if counted.flaggedIgnored > 0, let path = plan.issues?.paths.first {
            summary.warnings.append(
                "\(path): flagged pixels that are ignored ones, left out: \(counted.flaggedIgnored)")
        }
        return Found(
            summary: summary, counts: counted.counts, ignoredByImage: scan.ignoredByImage,
            cutoff: counted.highestFlagged)
    }

    /// The regions of highest score, pictures shown; none where finished masks leave no confidences to rank them by.
    private func regions(
        _ flagged: FlaggedDataset?, _ context: RunContext, _ photos: PhotoSource?,
        _ show: (RegionPicture) throws(AuditError) -> Void
    ) throws(AuditError) -> RegionSummary? {
        let dataset = context.dataset
        let isReadOnce = dataset.labels.contains { $0.pipe != nil }
        let count = plan.regionCount ?? (isReadOnce ? 0 : ReportPlan.usualRegionCount)
        guard count > 0, let flagged else { return nil }
        if isReadOnce { try dataset.checkReadableTwice("pictures of regions") }
        var regionPlan = RegionPlan(audit: plan.audit)
        regionPlan.top = max(count, ReportPlan.listedRegionCount)
        progress.begin(pass: plan.audit.rule.passCount, dataset)
        let summary = try flagged.regions(regionPlan)
        try RegionPictureReader(context: context, photos: photos).read(Array(summary.regions.prefix(count)), show)
        return summary
    }
}
