public import ConfidentLearning

/// What a run for regions found.
public struct RegionSummary: Sendable {
    public struct Image: Sendable {
        public var name: String
        /// Whether the image has a name in the inputs; else `name` is its position in the dataset.
        public var isNamed: Bool
        /// Rows; of a volume those of all its slices together, as its masks have them.
        public var height: Int
        public var width: Int
        /// Slices of a volume; nil of an image.
        public var depth: Int?

        /// Nil of an image.
        public var pixelsPerSlice: Int? { depth.map { height / max(1, $0) * width } }
    }

    public var images: [Image]
    /// Whether the images are volumes.
    public var areVolumes = false
    /// One name per class; nil without `--class-names`.
    public var classNames: [String]?
    /// How many classes there are.
    public var classes: Int
    public var pixels: Int
    public var ignoredPixels: Int
    /// How many pixels are flagged.
    public var issues: Int
    /// How many regions the flagged pixels form.
    public var found: Int
    /// How many regions options leave out, by reason; a region counts for the first reason that applies.
    public var leftOut = LeftOut()
    /// The listed regions, highest score first.
    public var regions: [Region] = []
    /// The regions that the review rejects, in dataset order.
    public var rejected: [Region] = []
    public var warnings: [String]
    public var seconds = 0.0
    /// The rule that flagged the pixels; it says what a region's score is.
    public var rule = FilterRule.lowSelfConfidence
    /// Which pixels form a region.
    public var grouping = RegionGrouping.swap

    /// What the score of a region is, as a formula; `area` is in pixels.
    public var scoreFormula: String {
        rule == .calibrated ? "evidence + ln(area)" : "r / (r + 1 + 100 self_confidence), r = area^0.25"
    }

    public struct LeftOut: Sendable, Equatable {
        /// Rejected in an earlier review.
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
        let image = images[region.image]
        return region.identifier(image: image.name, pixelsPerSlice: image.pixelsPerSlice)
    }

    /// Where a region lies among the slices of its volume; nil of an image.
    public func slices(_ region: Region) -> Region.Slices? {
        images[region.image].pixelsPerSlice.map { region.slices(pixelsPerSlice: $0) }
    }

    /// Whether there was a review.
    public var isReviewed = false

    /// The regions that exports hold: the accepted ones where there was a review, else all listed ones.
    public var chosen: [Region] {
        isReviewed ? regions.filter { $0.decision == .accept } : regions
    }
}
