/// What `masklint find` is asked for.
public struct FindPlan: Sendable {
    public var audit: AuditPlan
    /// Path of the .npz, or `-` for standard output; nil writes none.
    public var output: String?
    /// Whether the output's members are stored instead of deflated.
    public var isStored = false
    /// Whether the output holds `suggested_labels`.
    public var suggest = false
    public var summary = SummaryPlan()
    /// Whether the labels are read once more for the regions that the issues form.
    public var listsRegions = false

    public init(audit: AuditPlan, output: String?) {
        self.audit = audit
        self.output = output
    }

    /// Passes of a usual run.
    var passCount: Int { audit.rule.passCount + (listsRegions ? 1 : 0) }
}
