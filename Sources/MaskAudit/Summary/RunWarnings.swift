import ConfidentLearning

/// What the user may want to know about a run, in sentences.
///
/// - Parameter given: where the thresholds are not those of the data.
func runWarnings(
    _ context: RunContext, _ names: [String]?, _ scan: ScanPass.Result, _ thresholds: ConfidentThresholds,
    _ match: SideMatch, given: GivenThresholds? = nil
) -> [String] {
    var warnings = context.dataset.warnings
    if scan.pipedTrailingByteCount > 0 {
        warnings.append(
            "\(PipedArray.name): \(scan.pipedTrailingByteCount) bytes after the array were left unread; a pipe holds one "
                + "array")
    }
    if context.dataset.pixelCount == scan.ignoredByImage.reduce(0, +) {
        warnings.append(
            context.dataset.pixelCount == 0
                ? "the dataset has no pixels, so there is nothing to find"
                : "no pixel is counted: every label is an ignored one, so there is nothing to find")
    }
    let withoutEvidence = thresholds.values.indices.filter { thresholds.values[$0] == nil }
    if !withoutEvidence.isEmpty && scan.totals.counts.contains(where: { $0 > 0 }) {
        let shown = withoutEvidence.prefix(10).map { names?[$0] ?? String($0) }.joined(separator: ", ")
        let more = withoutEvidence.count > 10 ? " and \(withoutEvidence.count - 10) more" : ""
        warnings.append(
            (given.map { "\(printable($0.path)): " } ?? "")
                + "no counted pixel is labelled with \(withoutEvidence.count == 1 ? "class" : "classes") \(shown)\(more): "
                + evidenceText(context.plan.rule.filter))
    }
    return warnings + match.warnings
}

/// What a class that no pixel is labelled with means to a rule.
private func evidenceText(_ rule: FilterRule) -> String {
    switch rule {
    case .lowSelfConfidence: "its threshold is taken as 2e-06"
    case .calibrated: "such a class can be suggested, and no label of it be judged"
    default: "nothing is confident in a class without evidence"
    }
}
