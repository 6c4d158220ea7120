public import ConfidentLearning

/// What a run found, for people and machines.
public struct AuditSummary: Sendable, Equatable {
    /// A given class: its counted pixels, flagged pixels and threshold.
    public struct ClassRow: Sendable, Equatable {
        public var index: Int
        /// The name from `--class-names`; nil where no names were given.
        public var name: String?
        public var pixels: Int
        public var issues: Int
        /// nil for a class without evidence.
        public var threshold: Double?

        /// The share of its counted pixels that is flagged; nil where it has none.
        public var rate: Double? { pixels == 0 ? nil : Double(issues) / Double(pixels) }
    }

    /// Flagged pixels of a given class for which another is suggested.
    public struct Swap: Sendable, Equatable {
        public var given: Int
        public var suggested: Int
        public var pixels: Int
    }

    /// An image: its name or number, flagged pixels and counted pixels.
    public struct ImageRow: Sendable, Equatable {
        public var name: String
        /// Position in the dataset.
        public var index: Int
        /// Whether `name` is a name and not just the position.
        public var isNamed: Bool
        public var issues: Int
        public var pixels: Int
    }

    public var images: Int
    public var classes: Int
    public var pixels: Int
    public var ignoredPixels: Int
    public var issues: Int
    /// Counted pixels whose most probable class is the given one; nil where summaries or records of an earlier version do
    /// not say.
    public var agreeingPixels: Int?
    public var rule: FilterRule
    public var downsample: Int
    public var perClass: [ClassRow]
    /// All pairs that occur and whose suggestion is not excluded, commonest first.
    public var swaps: [Swap]
    /// How many of them are listed.
    public var listedSwapCount = 10
    /// Images with most issues, worst first.
    public var worstImages: [ImageRow]
    /// The only class whose issues were kept; nil where all were.
    public var onlyClass: Int?
    /// The evidence from which on `calibrated` flagged regions; nil under other rules.
    public var minimumEvidence: Double?
    /// Calibrated; nil where it was not computed.
    public var confidentJoint: ConfidentJoint?
    /// How this differs from the baseline; nil without one.
    public var comparison: BaselineComparison?
    /// Every gate that was set.
    public var gates: [GateResult] = []
    /// The file that gave the thresholds; nil where the data did.
    public var thresholdsFrom: String?
    /// Which of that file's shards the data are; nil for none.
    public var shard: String?
    public var warnings: [String]
    public var seconds: Double
    /// Bytes of the input arrays that were read, compressed where they are.
    public var bytesRead: Int

    public var countedPixels: Int { pixels - ignoredPixels }

    /// Issues divided by counted pixels; 0 where no pixel is counted.
    public var issueRate: Double { countedPixels == 0 ? 0 : Double(issues) / Double(countedPixels) }

    /// The share of counted pixels whose most probable class is the given one; nil where it is not known or no pixel is
    /// counted.
    public var agreement: Double? {
        agreeingPixels.flatMap { countedPixels == 0 ? nil : Double($0) / Double(countedPixels) }
    }

    public var failedGates: [GateResult] { gates.filter { !$0.isPassed } }

    public func className(_ index: Int) -> String {
        perClass[index].name ?? String(index)
    }
}
