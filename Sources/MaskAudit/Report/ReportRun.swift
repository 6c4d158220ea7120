import ConfidentLearning
import NumPyFiles

/// A run that finds issues and reads the worst images again for pictures of them.
public struct ReportRun {
    private let plan: ReportPlan
    private let audit: Audit

    public init(plan: ReportPlan, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        audit = Audit(plan: plan.audit, progress: progress)
    }

    /// Runs, hands each of the worst images to `show` and the surroundings of the first regions to `showRegion`, both in
    /// dataset order, and gives all the rest. Writes nothing.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities and the worst images again; memory as of `Audit`, one image at a time.
    public func run(
        _ show: (ImagePicture) throws(AuditError) -> Void,
        showRegion: (RegionPicture) throws(AuditError) -> Void = { _ in }
    ) throws(AuditError) -> ReportData {
        let start = Audit.seconds()
        let dataset = try Dataset(plan: plan.audit)
        let names = try audit.classNames(count: dataset.classCount)
        try checkOutput(dataset)
        try audit.checkGates(dataset, names)
        if plan.topCount > 0 { try dataset.checkReadableTwice("pictures of the worst images") }
        let context = try RunContext(plan: plan.audit, dataset: dataset, spoolFolder: audit.spoolFolder)
        let photos = try plan.images.map { images throws(AuditError) in
            try PhotoSource(images, plan: plan.audit, dataset: dataset, spoolFolder: audit.spoolFolder)
        }
        let finished = try plan.issues.map { issues throws(AuditError) in
            try FinishedIssues(issues, dataset: dataset, spoolFolder: audit.spoolFolder)
        }
        let board = ScoreBoard(context: context, temperature: SoftminSum.defaultTemperature)
        let tally = ReportTally(dataset: dataset)
        let makeObserver: @Sendable () -> any UnitObserver = {
            ReportObserver(context: context, board: board, tally: tally, finished: finished)
        }

        let scan: ScanPass.Result
        let counts: OutputPass.Counts
        var found: Audit.Detection?
        if finished == nil {
            let store = RecordStore(
                unitCount: context.units.count, limitBytes: plan.audit.memoryLimitBytes, folder: audit.spoolFolder)
            let detection = try audit.detect(context, store: store, makeObserver: makeObserver)
            counts = try OutputPass(
                context: context, resolver: detection.resolver, product: .masks, archive: nil, progress: audit.progress
            ).run()
            scan = detection.scan
            found = detection
        } else {
            audit.progress.begin(pass: 1, images: dataset.images.count, pixels: dataset.pixelCount)
            scan = try ScanPass(context: context, store: nil, progress: audit.progress, makeObserver: makeObserver)
                .run()
            counts = tally.result.counts
        }
        var summary = audit.summary(
            dataset, names, scan, found?.thresholds ?? scan.totals.thresholds(), counts, joint: found?.joint,
            given: found?.given, seconds: 0)
        if tally.result.flaggedIgnored > 0, let path = plan.issues?.paths.first {
            summary.warnings.append(
                "\(path): flagged pixels that are ignored ones, left out: \(tally.result.flaggedIgnored)")
        }

        let scores = board.scores()
        let worst = summary.worst(plan.topCount, counts.byImage, dataset, scan.ignoredByImage)
        try PictureReader(context: context, photos: photos, resolver: found?.resolver, finished: finished)
            .read(worst.map { ($0, scores[$0.index]) }, show)
        let regions = try regions(context, found?.resolver, photos, showRegion)
        try context.checkUnchanged()
        summary.seconds = Audit.seconds() - start
        return ReportData(
            summary: summary, cutoff: finished == nil ? found?.resolver.cutoff?.value : tally.result.highestFlagged,
            histogram: tally.result.histogram, labelFiles: plan.audit.labels.paths,
            predProbFiles: plan.audit.predProbs.paths, issuesFile: plan.issues?.paths.first, regions: regions)
    }

    /// The regions of highest score, pictures shown; none where finished masks leave no confidences to rank them by.
    private func regions(
        _ context: RunContext, _ resolver: IssueResolver?, _ photos: PhotoSource?,
        _ show: (RegionPicture) throws(AuditError) -> Void
    ) throws(AuditError) -> RegionSummary? {
        let dataset = context.dataset
        let isReadOnce = dataset.labels.contains { $0.pipe != nil }
        let count = plan.regionCount ?? (isReadOnce ? 0 : ReportPlan.usualRegionCount)
        guard count > 0, let resolver else { return nil }
        if isReadOnce { try dataset.checkReadableTwice("pictures of regions") }
        var regionPlan = RegionPlan(audit: plan.audit)
        regionPlan.top = max(count, ReportPlan.listedRegionCount)
        let filter = try RegionFilter(plan: regionPlan, names: nil, dataset: dataset, known: .none)
        let result = try audit.regions(context, resolver, regionPlan, filter)
        try RegionPictureReader(context: context, photos: photos).read(Array(result.regions.prefix(count)), show)
        return RegionSummary(dataset, names: nil, result: result)
    }

    private func checkOutput(_ dataset: Dataset) throws(AuditError) {
        try audit.checkOutput(plan.audit.output, dataset, example: "report.html")
        guard let output = plan.audit.output, let identity = FileIdentity(path: output) else { return }
        for path in (plan.images?.paths ?? []) + (plan.issues?.paths ?? []) where FileIdentity(path: path) == identity {
            throw .input(output, "the output is also an input", remedy: "name another file with --output")
        }
    }
}

extension AuditSummary {
    /// The images with most issues, worst first, ties by position.
    func worst(_ count: Int, _ issues: [Int], _ dataset: Dataset, _ ignored: [Int]) -> [ImageRow] {
        let isNamed = if case .named = dataset.form { true } else { false }
        return issues.indices.filter { issues[$0] > 0 }.sorted { (issues[$1], $0) < (issues[$0], $1) }.prefix(count).map
        {
            ImageRow(
                name: dataset.imageName($0), index: $0, isNamed: isNamed, issues: issues[$0],
                pixels: dataset.images[$0].pixelCount - ignored[$0])
        }
    }
}
