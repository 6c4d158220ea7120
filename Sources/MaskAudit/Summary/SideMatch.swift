import ConfidentLearning

/// Whether labels and probabilities belong together: at how many pixels they agree, and what is wrong where they hardly do
/// or agree too well.
struct SideMatch: Sendable {
    /// Counted full-size pixels whose most probable class is the given one; nil where records of an earlier version do not
    /// say.
    var agreeingPixels: Int?
    /// What the run warns of, in sentences.
    var warnings: [String] = []

    /// In fewer pixels than this, complete agreement may be chance.
    private static let tellingPixelCount = 1000

    /// - Parameter records: those of the scan; nil where it kept none.
    ///
    /// **Errors.** Those of files that are read again.
    /// **Cost.** Nothing where both sides agree at half of the pixels or more: the counts are those of pass 1. Else one walk
    /// over the records, and up to `MatchSample.imageCount` images again.
    init(
        _ context: RunContext, _ scan: ScanPass.Result, _ records: (any RecordSource)?
    ) throws(AuditError) {
        let counted = scan.labelCounts.reduce(0, +)
        guard let contested = scan.contestedCount else { return }
        let agreeing = counted - contested
        agreeingPixels = agreeing
        if 2 * agreeing < counted {
            let cause = try MismatchCause(context, scan, records)
            warnings = [
                "labels and pred_probs agree at \(percentText(agreeing, of: counted)) of the counted pixels: "
                    + cause.text(context)
            ]
        } else if counted >= Self.tellingPixelCount {
            warnings = Self.copyWarnings(context, scan, agreeing: agreeing, counted: counted)
        }
    }

    /// The warning about probabilities that say no more than classes would.
    private static func copyWarnings(
        _ context: RunContext, _ scan: ScanPass.Result, agreeing: Int, counted: Int
    ) -> [String] {
        // Where all probabilities are 0 or 1, a pixel's own is 1 where both sides agree and 0 elsewhere. Averaged blocks
        // hold values in between, so that their sums say nothing of this.
        let isZeroOrOne =
            context.plan.rule.downsample == 1
            && scan.totals.sums.reduce(0, +) == UInt128(agreeing) * ThresholdAccumulator.sumOfOne
        if agreeing == counted {
            return [
                (isZeroOrOne ? "all probabilities are 0 or 1, and the" : "the")
                    + " most probable class is the label at every counted pixel, so nothing can be found; probabilities that "
                    + "were made from the labels, or of a model that was trained on them until it agreed, show no errors"
            ]
        }
        guard isZeroOrOne else { return [] }
        return [
            "all probabilities are 0 or 1: these are classes, and every disagreement looks equally sure; save the model's "
                + "softmax output instead"
        ]
    }
}

/// A share in whole percent: `12 %`.
func percentText(_ part: Int, of whole: Int) -> String {
    "\(Int((100 * Double(part) / Double(max(1, whole))).rounded())) %"
}

/// How far two ways to name classes agree beyond what their frequencies alone would give: 0 for chance, 1 for all.
///
/// **Source.** Cohen 1960, "A coefficient of agreement for nominal scales" (kappa).
func agreementBeyondChance(agreeing: Int, counted: Int, expected: Double) -> Double {
    guard counted > 0, expected < 1 else { return 0 }
    return (Double(agreeing) / Double(counted) - expected) / (1 - expected)
}
