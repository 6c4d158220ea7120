import ConfidentLearning

/// What a part holds, for people and machines.
public struct ThresholdSummary: Sendable, Equatable {
    /// What is left to do before `find` can apply `low_self_confidence` over all shards.
    public enum Cutoff: String, Sendable {
        /// Nothing: the cut-off over the shards that are in it follows from it.
        case known
        /// A second round.
        case open
        /// The shards that were not read in the second round.
        case unread
    }

    public var classes: Int
    public var images: Int
    public var pixels: Int
    public var ignoredPixels: Int
    public var perClass: [AuditSummary.ClassRow]
    /// Shards in it, and how many there are; 0 where they have no numbers.
    public var shards: Int
    public var shardTotal: Int
    /// Whether it has what `calibrated` counts.
    public var isCounted: Bool
    /// 1, or 2 for what a second round counted.
    public var round: Int
    public var cutoff: Cutoff
    /// The highest self-confidence that is taken; nil where it is not known or nothing is taken.
    public var cutoffValue: Double?
    public var warnings: [String]
    public var seconds: Double
    public var bytesRead: Int

    init(_ part: ThresholdPart, names: [String]?, warnings: [String] = [], seconds: Double, bytesRead: Int = 0) {
        classes = part.classCount
        images = part.shards.reduce(0) { $0 + $1.imageCount }
        pixels = part.shards.reduce(0) { $0 + $1.pixelCount }
        ignoredPixels = part.shards.reduce(0) { $0 + $1.ignoredCount }
        let values = part.thresholds.values
        perClass = (0..<part.classCount).map {
            .init(index: $0, name: names?[$0], pixels: part.labelCounts[$0], issues: 0, threshold: values[$0])
        }
        shards = part.shards.count
        isCounted = part.cells != nil
        shardTotal = part.shardTotal
        round = part.window == nil ? 1 : 2
        switch part.cutoffState {
        case .nothingTaken: cutoff = .known
        case .known(let found, _):
            cutoff = .known
            cutoffValue = found.value
        case .open, .inconsistent: cutoff = .open
        case .unread: cutoff = .unread
        }
        self.warnings = warnings
        self.seconds = seconds
        self.bytesRead = bytesRead
    }

    public var countedPixels: Int { pixels - ignoredPixels }
}
