import HostSystem

/// A run that finds issues and puts them together to regions: `masklint regions`.
public struct RegionRun {
    private let plan: RegionPlan
    private let progress: ProgressMeter

    public init(plan: RegionPlan, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        self.progress = progress
    }

    /// Runs, and hands the result to `write`; what it writes appears with the corrected labels, where they are asked for.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities, two over the labels; memory as of `FindRun`, the runs of one image for
    /// each thread, and the regions that are listed.
    public func run(_ write: (RegionSummary) throws(AuditError) -> Void) throws(AuditError) -> RegionSummary {
        try plan.audit.files.whole { () throws(AuditError) in try steps(write) }
    }

    private func steps(_ write: (RegionSummary) throws(AuditError) -> Void) throws(AuditError) -> RegionSummary {
        let start = monotonicSeconds()
        let dataset = try Dataset(plan.audit.dataset, for: plan.audit.rule)
        let names = try dataset.classNames(plan.audit.dataset)
        try dataset.checkFiles(plan.audit, writing: (plan.correctedFile, "--corrected", "labels.npz"))
        try dataset.checkLabelsReadableTwice("for regions")
        let known = try KnownRegions(plan.known, dataset: dataset)
        let filter = try RegionFilter(plan: plan, names: names, dataset: dataset, known: known)
        let context = try RunContext(
            plan: plan.audit, dataset: dataset, temporaryFolder: temporaryFolder(beside: plan.output))
        let archive = try plan.correctedFile.map { path throws(AuditError) in
            try OutputArchive(path: path, isStored: plan.isStored, in: plan.audit.files)
        }
        let scan = try Scan(of: context, passTotal: plan.audit.rule.passCount, progress: progress)
        let detection = try Detection(scan, in: context, progress: progress)
        let flagged = FlaggedDataset(
            context: context, names: names, scan: scan.result, detection: detection,
            match: try SideMatch(context, scan.result, scan.records), progress: progress)
        progress.begin(pass: plan.audit.rule.passCount, dataset)
        let result = try flagged.regionPass(plan, filter, archive: archive)
        try checkReview(result)
        var summary = RegionSummary(flagged, result)
        summary.isReviewed = plan.review != nil
        if known.strangers > 0 {
            summary.warnings.append(
                "\(plan.known[0].file): known regions of images that are not in this dataset: \(known.strangers)")
        }
        try context.checkUnchanged()
        try write(summary)
        try archive?.finish()
        summary.seconds = monotonicSeconds() - start
        return summary
    }

    /// Throws where a reviewed region is none of this run.
    private func checkReview(_ result: RegionPass.Result) throws(AuditError) {
        guard let review = plan.review else { return }
        let missing = review.entries.filter { !result.reviewed.contains($0.key) }
        guard let first = missing.min(by: { $0.value.line < $1.value.line }) else { return }
        let more = missing.count > 1 ? " (and \(missing.count - 1) more)" : ""
        throw .input(
            review.file, "line \(first.value.line): no region \(quoted(first.key)) in this run\(more)",
            remedy: "review the table of a run with these labels, probabilities and options")
    }
}

extension FlaggedDataset {
    /// The regions that the issues form, as `masklint regions` lists them by default; the last pass of `masklint find`.
    public func regions() throws(AuditError) -> RegionSummary {
        progress.begin(pass: context.plan.rule.passCount + 1, context.dataset)
        return try regions(RegionPlan(audit: context.plan))
    }

    /// The regions that a plan lists.
    func regions(_ plan: RegionPlan) throws(AuditError) -> RegionSummary {
        let filter = try RegionFilter(plan: plan, names: names, dataset: context.dataset, known: .none)
        return RegionSummary(self, try regionPass(plan, filter))
    }

    fileprivate func regionPass(
        _ plan: RegionPlan, _ filter: RegionFilter, archive: OutputArchive? = nil
    ) throws(AuditError) -> RegionPass.Result {
        try RegionPass(
            context: context, resolver: detection.resolver, plan: plan, filter: filter, archive: archive,
            progress: progress
        ).run()
    }
}

extension RegionSummary {
    init(_ flagged: FlaggedDataset, _ result: RegionPass.Result) {
        let dataset = flagged.context.dataset
        self.init(
            images: dataset.images.indices.map {
                .init(
                    name: dataset.imageName($0), isNamed: dataset.hasNames, height: dataset.images[$0].height,
                    width: dataset.images[$0].width, depth: dataset.images[$0].depth)
            },
            classNames: flagged.names, classes: dataset.classCount, pixels: dataset.pixelCount,
            ignoredPixels: flagged.scan.ignoredByImage.reduce(0, +), issues: result.issues, found: result.found,
            warnings: runWarnings(
                flagged.context, flagged.names, flagged.scan, flagged.detection.thresholds, flagged.match))
        areVolumes = flagged.context.plan.dataset.volumes
        rule = flagged.context.plan.rule.filter
        grouping = flagged.context.plan.rule.grouping
        leftOut = result.leftOut
        regions = result.regions
        rejected = result.rejected
    }
}
