import ConfidentLearning

extension Audit {
    /// What pass 1 and the search for the cut-off leave for whoever asks which pixels are issues.
    struct Detection: Sendable {
        var scan: ScanPass.Result
        var thresholds: ConfidentThresholds
        var resolver: IssueResolver
    }

    /// Pass 1, thresholds, and for `low_self_confidence` the cut-off.
    ///
    /// - Parameter makeObserver: makes what looks at each unit while its bytes are at hand, one a thread.
    func detect(
        _ context: RunContext, store: RecordStore, makeObserver: (@Sendable () -> any UnitObserver)? = nil
    ) throws(AuditError) -> Detection {
        progress.begin(pass: 1, images: context.dataset.images.count, pixels: context.dataset.pixelCount)
        let scan = try ScanPass(context: context, store: store, progress: progress, makeObserver: makeObserver).run()
        let thresholds = scan.totals.thresholds()
        let selector = IssueSelector(rule: plan.rule, thresholds: thresholds)
        var cutoff: (cutoff: SelfConfidenceCutoff?, tiesTaken: [Int]) = (nil, [])
        if plan.rule == .lowSelfConfidence {
            cutoff = try CutoffSearch(
                context: context, store: store, selector: selector, histogram: scan.histogram
            ).run()
        }
        return Detection(
            scan: scan, thresholds: thresholds,
            resolver: IssueResolver(
                context: context, store: store, selector: selector, cutoff: cutoff.cutoff, tiesTaken: cutoff.tiesTaken))
    }
}

extension Dataset {
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
