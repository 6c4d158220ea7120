public import ConfidentLearning

/// Which pixels are issues: the filter rule and what it works on.
public struct RulePlan: Sendable {
    public var filter = FilterRule.lowSelfConfidence
    /// Side length of the blocks that are averaged before both passes; 1 leaves pixels as they are.
    public var downsample = 1
    public var downsampleLabels = BlockLabelMode.mean
    /// Whether the confident joint is computed whatever the rule.
    public var joint = false
    /// The evidence from which on `calibrated` flags a region.
    public var minimumEvidence = RulePlan.defaultEvidence
    /// Which pixels form one region.
    public var grouping = RegionGrouping.swap
    /// Leaves only issues whose given or suggested label is this class.
    public var onlyClass: Int?

    public static let defaultEvidence = 3.5

    public init() {}

    /// Whether probabilities are read again for the confident joint.
    public var needsJoint: Bool { joint || filter.needsJoint }

    /// How many times a usual run reads the probabilities, the output pass included.
    var passCount: Int { filter.needsJoint ? 6 : joint ? 3 : 2 }
}
