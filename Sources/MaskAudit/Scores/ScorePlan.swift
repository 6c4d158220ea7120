import ConfidentLearning

/// How the pixels of an image become its score; the raw values are cleanlab's `method` names.
public enum ScoreMethod: String, CaseIterable, Sendable {
    /// The softmin of the pixels' self-confidence.
    case softmin
    /// One less the share of flagged among counted pixels.
    case numPixelIssues = "num_pixel_issues"
}

/// What `masklint score` is asked for.
public struct ScorePlan: Sendable {
    /// Inputs, and for `num_pixel_issues` the filter rule and downsampling.
    public var audit: AuditPlan
    /// Path of the .npz, or `-` for standard output; nil writes none.
    public var output: String?
    /// Whether the output's members are stored instead of deflated.
    public var isStored = false
    public var method = ScoreMethod.softmin
    public var temperature = SoftminSum.defaultTemperature
    /// Whether the output holds `pixel_scores`.
    public var writesPixelScores = false
    /// Writes `label_issues`: the counted pixels whose score is below this.
    public var issuesBelow: Double?

    public init(audit: AuditPlan, output: String?) {
        self.audit = audit
        self.output = output
    }
}
