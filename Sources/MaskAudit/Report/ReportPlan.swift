/// What `masklint report` is asked for.
public struct ReportPlan: Sendable {
    public var audit: AuditPlan
    /// The page, which the caller writes.
    public var output: String
    public var summary = SummaryPlan()
    /// Photographs to show the issues over; nil shows them over the given labels.
    public var images: InputSelection?
    /// A finished `label_issues` to take instead of applying the filter rule.
    public var issues: InputSelection?
    /// Images in the gallery.
    public var topCount = 12
    /// Regions with a picture of their own; nil for as many as usual where labels can be read twice.
    public var regionCount: Int?

    /// As many as usual, and as many as the table of regions lists at least.
    public static let usualRegionCount = 24
    static let listedRegionCount = 100

    public init(audit: AuditPlan, output: String) {
        self.audit = audit
        self.output = output
    }
}
