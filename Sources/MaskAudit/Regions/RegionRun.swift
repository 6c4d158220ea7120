import ConfidentLearning
import NumPyFiles

/// A run that finds issues and puts them together to regions.
public struct RegionRun {
    private let plan: RegionPlan
    private let audit: Audit

    public init(plan: RegionPlan, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        audit = Audit(plan: plan.audit, progress: progress)
    }

    /// Runs, hands the result to `write` and then lets the corrected labels appear, where they are asked for.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities, two over the labels; memory as of `Audit`, the runs of an image a
    /// thread, and the regions that are listed.
    public func run(_ write: (RegionSummary) throws(AuditError) -> Void) throws(AuditError) -> RegionSummary {
        let start = Audit.seconds()
        let dataset = try Dataset(plan: plan.audit)
        let names = try audit.classNames(count: dataset.classCount)
        try checkFiles(dataset)
        try dataset.checkLabelsReadableTwice()
        let known = try KnownRegions(plan.known, dataset: dataset)
        let filter = try RegionFilter(plan: plan, names: names, dataset: dataset, known: known)
        let context = try RunContext(plan: plan.audit, dataset: dataset, spoolFolder: audit.spoolFolder)
        let archive = try plan.correctedFile.map { path throws(AuditError) in
            try OutputArchive(path: path, isStored: plan.audit.store)
        }
        let store = RecordStore(
            unitCount: context.units.count, limitBytes: plan.audit.memoryLimitBytes, folder: audit.spoolFolder)
        let found = try audit.detect(context, store: store)
        let result = try audit.regions(context, found.resolver, plan, filter, archive: archive)
        try checkReview(result)
        var summary = audit.regionSummary(dataset, names, found, result)
        summary.isReviewed = plan.review != nil
        if known.strangers > 0 {
            summary.warnings.append(
                "\(plan.known[0].file): known regions of images that are not in this dataset: \(known.strangers)")
        }
        try context.checkUnchanged()
        try write(summary)
        try archive?.commit()
        summary.seconds = Audit.seconds() - start
        return summary
    }

    private func checkFiles(_ dataset: Dataset) throws(AuditError) {
        let outputs = plan.otherOutputs + (plan.correctedFile.map { [($0, "--corrected")] } ?? [])
        for (path, option) in outputs {
            try audit.checkOutput(path, dataset, option: option, example: "regions.csv")
            guard let identity = FileIdentity(path: path) else { continue }
            for input in plan.otherInputs where FileIdentity(path: input) == identity {
                throw .input(path, "the output is also an input", remedy: "name another file with \(option)")
            }
        }
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

extension Audit {
    /// The pass for regions of issues that were found, the last one of a run.
    func regions(
        _ context: RunContext, _ resolver: IssueResolver, _ regionPlan: RegionPlan, _ filter: RegionFilter,
        archive: OutputArchive? = nil
    ) throws(AuditError) -> RegionPass.Result {
        progress.begin(
            pass: plan.passCount, images: context.dataset.images.count, pixels: context.dataset.pixelCount)
        return try RegionPass(
            context: context, resolver: resolver, plan: regionPlan, filter: filter, archive: archive,
            progress: progress
        ).run()
    }

    func regionSummary(
        _ dataset: Dataset, _ names: [String]?, _ found: Detection, _ result: RegionPass.Result
    ) -> RegionSummary {
        var summary = RegionSummary(dataset, names: names, result: result)
        summary.ignoredPixels = found.scan.ignoredByImage.reduce(0, +)
        summary.warnings = warnings(dataset, names, found.scan, found.thresholds)
        return summary
    }
}

extension RegionSummary {
    init(_ dataset: Dataset, names: [String]?, result: RegionPass.Result) {
        let isNamed = if case .named = dataset.form { true } else { false }
        self.init(
            images: dataset.images.indices.map {
                .init(
                    name: dataset.imageName($0), isNamed: isNamed, height: dataset.images[$0].height,
                    width: dataset.images[$0].width)
            },
            classNames: names, classes: dataset.classCount, pixels: dataset.pixelCount, ignoredPixels: 0,
            issues: result.issues, found: result.found, warnings: [])
        leftOut = result.leftOut
        regions = result.regions
        rejected = result.rejected
    }
}
