/// Everything a run for regions is told.
public struct RegionPlan: Sendable {
    public var audit: AuditPlan
    /// One of the files that are written: temporary files go beside it.
    public var output: String?
    public var connectivity = Connectivity.eight
    /// How far a boundary may move for a pixel to count as mended by it, in pixels.
    public var boundaryRadius = RegionPlan.defaultBoundaryRadius
    /// Whether regions that lie at a boundary with all their pixels are left out.
    public var skipsBoundary = false
    public var minimumArea = 1
    public var minimumScore = 0.0
    /// Leaves only regions whose given or suggested class is among these: names or numbers.
    public var classes: [String] = []
    /// Regions that are kept, the highest ranked ones; nil keeps all.
    public var top: Int?
    /// What a reviewer decided.
    public var review: RegionReview?
    /// Rejected regions of earlier reviews, and their files.
    public var known: [KnownRegion] = []
    /// The .npz for corrected labels.
    public var correctedFile: String?
    /// Whether the corrected labels are stored instead of deflated.
    public var isStored = false
    public static let defaultBoundaryRadius = 2

    public init(audit: AuditPlan, output: String? = nil) {
        self.audit = audit
        self.output = output
    }
}

/// A reviewer's decisions by region.
public struct RegionReview: Sendable {
    public struct Entry: Sendable {
        public var decision: RegionDecision
        /// Line of the file.
        public var line: Int

        public init(decision: RegionDecision, line: Int) {
            self.decision = decision
            self.line = line
        }
    }

    public var file: String
    /// By the region's identifier; those without a decision are not there.
    public var entries: [String: Entry]

    public init(file: String, entries: [String: Entry]) {
        self.file = file
        self.entries = entries
    }
}

/// A region that was rejected before.
public struct KnownRegion: Sendable {
    public var identifier: String
    public var given: Int
    public var suggested: Int
    public var mask: ColumnRuns
    public var file: String
    public var line: Int

    public init(identifier: String, given: Int, suggested: Int, mask: ColumnRuns, file: String, line: Int) {
        self.identifier = identifier
        self.given = given
        self.suggested = suggested
        self.mask = mask
        self.file = file
        self.line = line
    }

    /// The image's name within the identifier.
    public var image: String {
        identifier.lastIndex(of: "@").map { String(identifier[..<$0]) } ?? identifier
    }
}

/// What a run for regions found.
public struct RegionSummary: Sendable {
    public struct Image: Sendable {
        public var name: String
        /// Whether `name` is a name and not just the position.
        public var isNamed: Bool
        public var height: Int
        public var width: Int
    }

    public var images: [Image]
    /// One a class; nil without `--class-names`.
    public var classNames: [String]?
    public var classes: Int
    public var pixels: Int
    public var ignoredPixels: Int
    /// Flagged pixels.
    public var issues: Int
    /// Regions that the flagged pixels form.
    public var found: Int
    /// Regions that options leave out, by reason; a region counts for the first that applies.
    public var leftOut = LeftOut()
    /// Those that are listed, highest score first.
    public var regions: [Region] = []
    /// Those that a review rejects, in dataset order.
    public var rejected: [Region] = []
    public var warnings: [String]
    public var seconds = 0.0

    public struct LeftOut: Sendable, Equatable {
        /// Rejected before.
        public var known = 0
        public var byClass = 0
        public var byArea = 0
        public var atBoundary = 0
        public var byScore = 0
        /// Beyond `--top`.
        public var byRank = 0

        enum Reason {
            case known, byClass, byArea, atBoundary, byScore
        }

        mutating func count(_ reason: Reason) {
            switch reason {
            case .known: known += 1
            case .byClass: byClass += 1
            case .byArea: byArea += 1
            case .atBoundary: atBoundary += 1
            case .byScore: byScore += 1
            }
        }

        mutating func add(_ other: LeftOut) {
            known += other.known
            byClass += other.byClass
            byArea += other.byArea
            atBoundary += other.atBoundary
            byScore += other.byScore
            byRank += other.byRank
        }

        public var total: Int { known + byClass + byArea + atBoundary + byScore + byRank }
    }

    public func className(_ index: Int) -> String { classNames?[index] ?? String(index) }

    public func identifier(_ region: Region) -> String {
        Region.identifier(image: images[region.image].name, row: region.row, column: region.column)
    }

    /// Regions that masks are made of: the accepted ones where there was a review, else all that are listed.
    public var isReviewed = false
    public var chosen: [Region] {
        isReviewed ? regions.filter { $0.decision == .accept } : regions
    }
}
