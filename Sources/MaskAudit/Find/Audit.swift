import ConfidentLearning
import NumPyFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A whole run: inputs checked, passes over the data, output written.
public struct Audit {
    let plan: AuditPlan
    let progress: ProgressMeter

    public init(plan: AuditPlan, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        self.progress = progress
    }

    /// Images that the summary lists.
    static let worstImageCount = 10

    /// Runs, writes the output file whole or not at all, and sums up.
    ///
    /// - Parameter writeRegions: gets the regions before the output appears, where the plan names a file for them. What it
    ///   writes is to appear after the run.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** Each probability is read once, for the confident joint and rules that need it again; memory is a few
    /// images a thread and the candidate records. For regions labels are read once more.
    public func run(
        writeRegions: (RegionSummary) throws(AuditError) -> Void = { _ in }
    ) throws(AuditError) -> AuditSummary {
        let start = Self.seconds()
        let kept = try keptRecords()
        let dataset = if let kept { kept.dataset } else { try Dataset(plan: plan) }
        let names = try classNames(count: dataset.classCount)
        try checkOutput(plan.output, dataset)
        try checkGates(dataset, names)
        if plan.regionsFile != nil { try dataset.checkLabelsReadableTwice() }
        let context =
            if let kept { kept.context(plan) } else {
                try RunContext(plan: plan, dataset: dataset, spoolFolder: spoolFolder)
            }
        let archive = try plan.output.map { path throws(AuditError) in
            try OutputArchive(path: path, isStored: plan.store)
        }
        let found =
            if let kept { try detect(context, kept: kept) } else {
                try detect(
                    context,
                    store: RecordStore(
                        unitCount: context.units.count, limitBytes: plan.memoryLimitBytes, folder: spoolFolder))
            }
        progress.begin(
            pass: plan.passCount - (plan.regionsFile == nil ? 0 : 1), images: dataset.images.count,
            pixels: dataset.pixelCount)
        let counts = try OutputPass(
            context: context, resolver: found.resolver, product: .masks, archive: archive, progress: progress
        ).run()
        if let archive {
            if plan.suggest {
                _ = try OutputPass(
                    context: context, resolver: found.resolver, product: .suggestions, archive: archive,
                    progress: progress
                ).run()
            }
            try archive.add(key: "confident_thresholds", found.thresholds.values.map { $0 ?? .nan })
            try archive.add(key: "class_counts", found.scan.labelCounts.map { Int64($0) })
            try archive.add(key: "issue_counts", counts.byImage.map { Int64($0) })
            if let joint = found.joint {
                try archive.add(
                    key: "confident_joint", shape: [joint.classCount, joint.classCount],
                    joint.counts.map { Int64($0) })
            }
        }
        if plan.regionsFile != nil {
            let regionPlan = RegionPlan(audit: plan)
            let filter = try RegionFilter(plan: regionPlan, names: names, dataset: dataset, known: .none)
            let result = try regions(context, found.resolver, regionPlan, filter)
            try writeRegions(regionSummary(dataset, names, found, result))
        }
        if let archive {
            try context.checkUnchanged()
            try archive.commit()
        }
        return summary(
            dataset, names, found.scan, found.thresholds, counts, joint: found.joint, given: found.given,
            seconds: Self.seconds() - start)
    }

    /// Temporary files go where the output goes: there is room, and no surprise.
    var spoolFolder: String {
        guard let output = plan.output, output != "-" else {
            return unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        }
        guard let slash = output.lastIndex(of: "/") else { return "." }
        return slash == output.startIndex ? "/" : String(output[..<slash])
    }

    func classNames(count: Int) throws(AuditError) -> [String]? {
        guard let path = plan.classNamesFile else { return nil }
        let names = try textLines(path).map(printable)
        guard names.count == count else {
            throw .input(
                path, "\(names.count) class names for \(count) classes", remedy: "write one name a line, class 0 first")
        }
        return names
    }

    /// Throws where an output is a folder, or one of the inputs.
    func checkOutput(
        _ path: String?, _ dataset: Dataset, option: String = "--output", example: String = "issues.npz"
    ) throws(AuditError) {
        guard let output = path, output != "-" else { return }
        guard pathKind(output) != .folder else {
            throw .input(output, "is a directory", remedy: "name a file to write, such as \(output)/\(example)")
        }
        guard let identity = FileIdentity(path: output) else { return }
        let others = [plan.classNamesFile, plan.thresholdsFile, plan.recordsFile, plan.gates.baseline?.file]
        let inputs = (dataset.labels + dataset.probabilities).map(\.path) + others.compactMap { $0 } + plan.planFiles
        guard !inputs.contains(where: { FileIdentity(path: $0) == identity }) else {
            throw .input(output, "the output is also an input", remedy: "name another file with \(option)")
        }
    }

    /// Throws where a gate cannot be held against this dataset, or a file that is written from the summary is a folder
    /// or an input.
    func checkGates(_ dataset: Dataset, _ names: [String]?) throws(AuditError) {
        for file in plan.summaryFiles {
            try checkOutput(file.path, dataset, option: file.option, example: "summary")
        }
        try checkOutput(plan.regionsFile, dataset, option: "--regions", example: "regions.csv")
        try plan.gates.check(plan, classCount: dataset.classCount, names: names)
    }

    /// What the user may want to know, in sentences.
    func warnings(
        _ dataset: Dataset, _ names: [String]?, _ scan: ScanPass.Result, _ thresholds: ConfidentThresholds,
        given: GivenThresholds? = nil
    ) -> [String] {
        var warnings = dataset.warnings
        if scan.pipedTrailingByteCount > 0 {
            warnings.append(
                "\(PipedArray.name): \(scan.pipedTrailingByteCount) bytes after the array were left unread; a pipe "
                    + "holds one array")
        }
        let withoutEvidence = thresholds.values.indices.filter { thresholds.values[$0] == nil }
        if !withoutEvidence.isEmpty && scan.totals.counts.contains(where: { $0 > 0 }) {
            let shown = withoutEvidence.prefix(10).map { names?[$0] ?? String($0) }.joined(separator: ", ")
            let more = withoutEvidence.count > 10 ? " and \(withoutEvidence.count - 10) more" : ""
            warnings.append(
                (given.map { "\(printable($0.path)): " } ?? "")
                    + "no counted pixel is labelled with \(withoutEvidence.count == 1 ? "class" : "classes") \(shown)\(more): "
                    + (plan.rule == .lowSelfConfidence
                        ? "its threshold is taken as 2e-06" : "nothing is confident in a class without evidence"))
        }
        return warnings
    }

    func summary(
        _ dataset: Dataset, _ names: [String]?, _ scan: ScanPass.Result, _ thresholds: ConfidentThresholds,
        _ counts: OutputPass.Counts, joint: ConfidentJoint? = nil, given: GivenThresholds? = nil, seconds: Double
    ) -> AuditSummary {
        var summary = AuditSummary(
            images: dataset.images.count, classes: dataset.classCount, pixels: dataset.pixelCount,
            ignoredPixels: scan.ignoredByImage.reduce(0, +), issues: counts.byImage.reduce(0, +), rule: plan.rule,
            downsample: plan.downsample,
            perClass: (0..<dataset.classCount).map {
                .init(
                    index: $0, name: names?[$0], pixels: scan.labelCounts[$0], issues: counts.byClass[$0],
                    threshold: thresholds.values[$0])
            },
            swaps: counts.swaps.sorted.filter { !plan.excludedSuggestions.contains($0.suggested) }
                .map { .init(given: $0.given, suggested: $0.suggested, pixels: $0.pixels) },
            listedSwapCount: plan.listedSwapCount, worstImages: [], onlyClass: plan.onlyClass,
            confidentJoint: joint, thresholdsFrom: given?.path, shard: given?.shardText,
            warnings: warnings(dataset, names, scan, thresholds, given: given), seconds: seconds,
            bytesRead: scan.bytesRead)
        summary.worstImages = summary.worst(Self.worstImageCount, counts.byImage, dataset, scan.ignoredByImage)
        summary.comparison = plan.gates.comparison(summary)
        summary.gates = plan.gates.results(summary, comparison: summary.comparison)
        return summary
    }

    /// A clock that only runs forward.
    static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
