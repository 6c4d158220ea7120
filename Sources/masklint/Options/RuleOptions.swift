import ArgumentParser
import ConfidentLearning
import MaskAudit

/// The options that say which pixels are issues.
struct RuleOptions: ParsableArguments {
    @Option(help: "How pixels are chosen as issues.")
    var filterBy = FilterRule.lowSelfConfidence

    @Option(
        help: ArgumentHelp(
            "The evidence from which on calibrated flags a region. (default: \(RulePlan.defaultEvidence))",
            valueName: "s"))
    var minEvidence: Double?

    @Option(help: ArgumentHelp("Averages blocks of D x D pixels before both passes.", valueName: "d"))
    var downsample = 1

    @Option(help: "How the labels of a block become one.")
    var downsampleLabels = BlockLabelMode.mean

    private static let largestFactor = 65_535

    func validate() throws {
        if downsample < 1 { throw ValidationError("--downsample must be at least 1.") }
        // Pixels of a block are counted in 32 bits.
        if downsample > Self.largestFactor {
            throw ValidationError("--downsample must be at most \(Self.largestFactor).")
        }
        if filterBy == .calibrated && downsample > 1 {
            throw ValidationError("--filter-by calibrated judges regions at full size: leave --downsample out.")
        }
        if let minEvidence {
            if filterBy != .calibrated { throw ValidationError("--min-evidence goes with --filter-by calibrated.") }
            if !minEvidence.isFinite { throw ValidationError("--min-evidence is a number.") }
        }
    }

    /// These options as values.
    var plan: RulePlan {
        var plan = RulePlan()
        plan.filter = filterBy
        if let minEvidence { plan.minimumEvidence = minEvidence }
        plan.downsample = downsample
        plan.downsampleLabels = downsampleLabels
        return plan
    }
}
