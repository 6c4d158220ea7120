/// Everything a report is told.
public struct ReportPlan: Sendable {
    /// Inputs, filter rule, and as output the page.
    public var audit: AuditPlan
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

    public init(audit: AuditPlan) {
        self.audit = audit
    }
}

/// What a report says beside its pictures.
public struct ReportData: Sendable {
    public var summary: AuditSummary
    /// The highest self-confidence that was still taken; nil where the rule has no cut-off or nothing was taken.
    public var cutoff: Double?
    public var histogram: ConfidenceHistogram
    /// Names of the inputs as they were given.
    public var labelFiles: [String]
    public var predProbFiles: [String]
    /// The masks that were taken instead of applying the rule.
    public var issuesFile: String?
    /// The regions of highest score, with the names of their images; nil where they were not looked for.
    public var regions: RegionSummary?
}

/// Counted pixels by self-confidence.
public struct ConfidenceHistogram: Sendable, Equatable {
    /// Bins over 0...1, each of the same width; what lies above 1 (unnormalized scores) is in the last.
    public static let binCount = 50
    public internal(set) var counts = [Int](repeating: 0, count: Self.binCount)

    public init() {}

    /// Adds a run; NaN stands for an ignored pixel.
    mutating func add(_ values: [Double]) {
        for value in values where !value.isNaN {
            counts[min(Self.binCount - 1, Int(min(value, 1) * Double(Self.binCount)))] += 1
        }
    }

    mutating func merge(_ other: Self) {
        for bin in counts.indices { counts[bin] += other.counts[bin] }
    }
}

/// One of the worst images, as arrays.
public struct ImagePicture: Sendable {
    /// Place among the worst, 0 being the worst, and how many pictures there are.
    public var rank: Int
    public var rankCount: Int
    public var image: AuditSummary.ImageRow
    /// The softmin score; nil without a counted pixel.
    public var score: Double?
    public var height: Int
    public var width: Int
    /// Shape (height, width): classes, `void` where ignored.
    public var given: [UInt16]
    /// Shape (height, width): the predicted label, `void` where ignored.
    public var predicted: [UInt16]
    /// In pixel order.
    public var issues: [Issue]
    /// Shape (height, width, 3); nil where there is no photograph of it.
    public var photo: [UInt8]?

    public struct Issue: Sendable, Equatable {
        public var pixel: Int
        public var given: Int
        public var suggested: Int

        public init(pixel: Int, given: Int, suggested: Int) {
            self.pixel = pixel
            self.given = given
            self.suggested = suggested
        }
    }

    /// No class: there are at most 65,535 of them.
    public static let void = UInt16.max

    public init(
        rank: Int, rankCount: Int, image: AuditSummary.ImageRow, score: Double?, height: Int, width: Int,
        given: [UInt16],
        predicted: [UInt16], issues: [Issue], photo: [UInt8]?
    ) {
        self.rank = rank
        self.rankCount = rankCount
        self.image = image
        self.score = score
        self.height = height
        self.width = width
        self.given = given
        self.predicted = predicted
        self.issues = issues
        self.photo = photo
    }
}
