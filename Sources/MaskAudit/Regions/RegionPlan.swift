/// What `masklint regions` is asked for.
public struct RegionPlan: Sendable {
    public var audit: AuditPlan
    /// One of the files that are written: temporary files go beside it.
    public var output: String?
    public var connectivity: Connectivity
    /// How far a boundary may move to correct a pixel, in pixels.
    public var boundaryRadius = RegionPlan.defaultBoundaryRadius
    /// Whether regions are left out when all their pixels lie at a boundary.
    public var skipsBoundary = false
    public var minimumArea = 1
    public var minimumScore = 0.0
    /// Only regions whose given or suggested class is among these are listed: names or numbers. Empty lists all.
    public var classes: [String] = []
    /// How many regions are listed, those of highest score; nil lists all.
    public var top: Int?
    /// What a reviewer decided; nil without a review.
    public var review: RegionReview?
    /// Regions that earlier reviews rejected.
    public var known: [KnownRegion] = []
    /// The .npz for corrected labels.
    public var correctedFile: String?
    /// Whether the corrected labels are stored instead of deflated.
    public var isStored = false

    public static let defaultBoundaryRadius = 2

    public init(audit: AuditPlan, output: String? = nil) {
        self.audit = audit
        self.output = output
        connectivity = audit.dataset.volumes ? .twentySix : .eight
    }
}
