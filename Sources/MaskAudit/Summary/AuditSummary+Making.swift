package import ConfidentLearning

extension AuditSummary {
    /// How many of the worst images the summary lists.
    private static let worstImageCount = 10

    /// The summary of a run that applied a rule.
    init(
        _ context: RunContext, names: [String]?, _ scan: ScanPass.Result, _ detection: Detection,
        _ counts: IssueCounts, match: SideMatch, plan: SummaryPlan, seconds: Double
    ) {
        var scan = scan
        scan.bytesRead += detection.bytesRead
        self.init(
            context, names: names, scan, detection.thresholds, counts, match: match, plan: plan, given: detection.given)
        confidentJoint = detection.joint
        thresholdsFrom = detection.given?.path
        shard = detection.given?.shardText
        self.seconds = seconds
    }

    /// The summary of what was flagged, by whatever rule.
    init(
        _ context: RunContext, names: [String]?, _ scan: ScanPass.Result, _ thresholds: ConfidentThresholds,
        _ counts: IssueCounts, match: SideMatch, plan: SummaryPlan, given: GivenThresholds? = nil
    ) {
        let dataset = context.dataset
        let rule = context.plan.rule
        self.init(
            images: dataset.images.count, classes: dataset.classCount, pixels: dataset.pixelCount,
            ignoredPixels: scan.ignoredByImage.reduce(0, +), issues: counts.byImage.reduce(0, +), rule: rule.filter,
            downsample: rule.downsample,
            perClass: (0..<dataset.classCount).map {
                .init(
                    index: $0, name: names?[$0], pixels: scan.labelCounts[$0], issues: counts.byClass[$0],
                    threshold: thresholds.values[$0])
            },
            swaps: counts.swaps.sorted.filter { !plan.excludedSuggestions.contains($0.suggested) }
                .map { .init(given: $0.given, suggested: $0.suggested, pixels: $0.pixels) },
            listedSwapCount: plan.listedSwapCount, worstImages: [], onlyClass: rule.onlyClass,
            warnings: runWarnings(context, names, scan, thresholds, match, given: given), seconds: 0,
            bytesRead: scan.bytesRead)
        agreeingPixels = match.agreeingPixels
        if rule.filter == .calibrated { minimumEvidence = rule.minimumEvidence }
        worstImages = Self.worst(Self.worstImageCount, counts.byImage, dataset, scan.ignoredByImage)
        comparison = plan.gates.comparison(self)
        gates = plan.gates.results(self, comparison: comparison)
    }

    /// The images with most issues, worst first, ties by position.
    static func worst(_ count: Int, _ issues: [Int], _ dataset: Dataset, _ ignored: [Int]) -> [ImageRow] {
        issues.indices.filter { issues[$0] > 0 }.sorted { (issues[$1], $0) < (issues[$0], $1) }.prefix(count).map {
            ImageRow(
                name: dataset.imageName($0), index: $0, isNamed: dataset.hasNames, issues: issues[$0],
                pixels: dataset.images[$0].pixelCount - ignored[$0])
        }
    }
}

/// Summaries that are made of others and not by a run.
extension AuditSummary {
    /// The summary of no images.
    package init(rule: FilterRule, downsample: Int, perClass: [ClassRow]) {
        self.init(
            images: 0, classes: perClass.count, pixels: 0, ignoredPixels: 0, issues: 0, rule: rule,
            downsample: downsample, perClass: perClass, swaps: [], worstImages: [], warnings: [], seconds: 0,
            bytesRead: 0)
    }
}

extension AuditSummary.ClassRow {
    package init(of index: Int, named name: String?, pixels: Int, issues: Int, threshold: Double?) {
        self.init(index: index, name: name, pixels: pixels, issues: issues, threshold: threshold)
    }
}

extension AuditSummary.Swap {
    package init(of given: Int, to suggested: Int, pixels: Int) {
        self.init(given: given, suggested: suggested, pixels: pixels)
    }
}

extension AuditSummary.ImageRow {
    /// - Parameter name: nil for an image that is known by its position.
    package init(at index: Int, named name: String?, issues: Int, pixels: Int) {
        self.init(name: name ?? String(index), index: index, isNamed: name != nil, issues: issues, pixels: pixels)
    }
}
