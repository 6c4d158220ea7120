import ConfidentLearning

extension Audit {
    /// What pass 1 and the search for the cut-off leave for whoever asks which pixels are issues.
    struct Detection: Sendable {
        var scan: ScanPass.Result
        var thresholds: ConfidentThresholds
        var resolver: IssueResolver
        /// Calibrated; nil where neither the rule nor the plan asks for it.
        var joint: ConfidentJoint?
        /// The thresholds' file.
        var given: GivenThresholds?
    }

    /// Pass 1, thresholds, and what the rule needs beyond: a cut-off, or the confident joint and rankings.
    ///
    /// - Parameter makeObserver: makes what looks at each unit while its bytes are at hand, one a thread.
    func detect(
        _ context: RunContext, store: RecordStore, makeObserver: (@Sendable () -> any UnitObserver)? = nil
    ) throws(AuditError) -> Detection {
        let given = try givenThresholds(context.dataset)
        // Told before the data are read.
        _ = try given?.cutoff(for: plan.rule)
        progress.begin(
            pass: 1, of: plan.passCount, images: context.dataset.images.count, pixels: context.dataset.pixelCount)
        let scan = try ScanPass(context: context, store: store, progress: progress, makeObserver: makeObserver).run()
        return try detection(context, scan, store, given: given)
    }

    /// The same from records that an earlier run kept.
    func detect(_ context: RunContext, kept: KeptRecords) throws(AuditError) -> Detection {
        try detection(context, kept.scan, kept, given: try givenThresholds(context.dataset))
    }

    private func detection(
        _ context: RunContext, _ scan: ScanPass.Result, _ store: any RecordSource, given: GivenThresholds?
    ) throws(AuditError) -> Detection {
        let shared = try given?.cutoff(for: plan.rule) ?? .ofData
        let thresholds = given?.thresholds ?? scan.totals.thresholds()
        let selector = IssueSelector(rule: plan.rule, thresholds: thresholds)
        let search = CutoffSearch(context: context, store: store, selector: selector, histogram: scan.histogram)
        var cutoff: CutoffSearch.Found = (nil, [])
        if plan.rule == .lowSelfConfidence { cutoff = try search.run(shared) }
        var detection = Detection(
            scan: scan, thresholds: thresholds,
            resolver: IssueResolver(
                context: context, store: store, selector: selector, cutoff: cutoff.cutoff, tiesTaken: cutoff.tiesTaken),
            given: given)
        if plan.rule == .lowNormalizedMargin {
            detection.resolver.marginCutoff = try search.marginCutoff(detection.resolver)
        }
        if plan.needsJoint { try addJoint(to: &detection, context) }
        return detection
    }

    private func addJoint(to detection: inout Detection, _ context: RunContext) throws(AuditError) {
        let search = PruneSearch(
            context: context, progress: progress, thresholds: detection.thresholds,
            classCounts: detection.scan.totals.counts)
        let (joint, bytesRead) = try search.joint()
        detection.joint = joint
        detection.scan.bytesRead += bytesRead
        guard plan.rule.needsJoint else { return }
        let taken = RecordStore(
            unitCount: context.units.count, limitBytes: plan.memoryLimitBytes, folder: spoolFolder)
        detection.scan.bytesRead += try search.findIssues(by: joint, into: taken)
        detection.resolver.taken = taken
    }
}

extension Dataset {
    /// Throws where labels are a pipe and regions are to come.
    func checkLabelsReadableTwice() throws(AuditError) {
        guard let piped = labels.first(where: { $0.pipe != nil }) else { return }
        throw .input(
            piped.displayName, "labels are read twice for regions, a pipe once",
            remedy: "save the labels to a file and name that")
    }

    /// Throws where an input is a pipe and a second pass is to come.
    ///
    /// - Parameter purpose: what that pass is for, as the message says it.
    func checkReadableTwice(_ purpose: String) throws(AuditError) {
        guard let piped = (labels + probabilities).first(where: { $0.pipe != nil }) else { return }
        throw .input(
            piped.displayName, "is read a second time for \(purpose), a pipe can be read once",
            remedy: "save the array to a file and name that")
    }
}
