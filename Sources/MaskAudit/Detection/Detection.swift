import ConfidentLearning

/// Which pixels are issues: what the thresholds and the search for the cut-off come to after a scan.
struct Detection: Sendable {
    var thresholds: ConfidentThresholds
    var resolver: IssueResolver
    /// Calibrated; nil where neither the rule nor the plan asks for it.
    var joint: ConfidentJoint?
    /// Where the thresholds are not those of the data.
    var given: GivenThresholds?
    /// Bytes of inputs that were read beyond those of the scan.
    var bytesRead = 0

    /// Takes the thresholds, and finds what the rule needs beyond them: a cut-off, or the confident joint and rankings.
    init(
        _ scan: Scan, in context: RunContext, given: GivenThresholds? = nil, progress: ProgressMeter
    ) throws(AuditError) {
        let rule = context.plan.rule
        self.given = given
        thresholds = given?.thresholds ?? scan.result.totals.thresholds()
        let selector = IssueSelector(rule: rule.filter, thresholds: thresholds)
        let search = CutoffSearch(
            context: context, records: scan.records, selector: selector, histogram: scan.result.histogram)
        var cutoff: CutoffSearch.Found = (nil, [])
        if rule.filter == .lowSelfConfidence { cutoff = try search.run(given?.cutoff ?? .ofData) }
        resolver = IssueResolver(
            context: context, records: scan.records, selector: selector, cutoff: cutoff.cutoff,
            tiesTaken: cutoff.tiesTaken)
        if rule.filter == .calibrated { try judgeRegions(scan.result.cellCounts, context) }
        if rule.filter == .lowNormalizedMargin { resolver.marginCutoff = try search.marginCutoff(resolver) }
        if rule.needsJoint { try addJoint(classCounts: scan.result.totals.counts, context, progress) }
    }

    /// Finds the issues of `calibrated`.
    ///
    /// - Parameter own: the counts of the data, which are used where none are given.
    private mutating func judgeRegions(_ own: CellCounts?, _ context: RunContext) throws(AuditError) {
        guard let counts = given?.counts?.cells ?? own else { preconditionFailure("nothing was counted") }
        let witnesses = given?.counts.map { $0.holdsData ? $0.imageCount : 0 } ?? context.dataset.images.count
        let source = SurpriseSource(counts, leavesImageOut: witnesses >= SurpriseSource.fewestImages)
        let taken = RecordStore(context)
        try CalibratedSearch(context: context, resolver: resolver, source: source).findIssues(into: taken)
        resolver.evidence = source
        resolver.taken = taken
    }

    private mutating func addJoint(
        classCounts: [Int], _ context: RunContext, _ progress: ProgressMeter
    ) throws(AuditError) {
        let search = PruneSearch(
            context: context, progress: progress, thresholds: thresholds, classCounts: classCounts)
        let (joint, jointBytes) = try search.joint()
        self.joint = joint
        bytesRead += jointBytes
        guard context.plan.rule.filter.needsJoint else { return }
        let taken = RecordStore(context)
        bytesRead += try search.findIssues(by: joint, into: taken)
        resolver.taken = taken
    }
}
