/// What a scoring run found, for people and machines.
public struct ScoreSummary: Sendable, Equatable {
    public struct ImageRow: Sendable, Equatable {
        public var name: String
        /// Position in the dataset.
        public var index: Int
        /// Whether `name` is a name and not just the position.
        public var isNamed: Bool
        /// nil without a counted pixel.
        public var score: Double?
        public var countedPixels: Int
    }

    public var method: ScoreMethod
    /// nil where the method has none.
    public var temperature: Double?
    public var pixels: Int
    public var ignoredPixels: Int
    /// The images' scores, in dataset order.
    public var images: [ImageRow]
    /// Positions in `images`, worst first; images without a score last.
    public var ranking: [Int]
    /// Pixels below `--issues-below`; nil where that was not asked for.
    public var issues: Int?
    public var warnings: [String]
    public var seconds: Double
    public var bytesRead: Int

    public var countedPixels: Int { pixels - ignoredPixels }

    /// Positions by score, lowest first, ties by position; what has no score comes last.
    static func ranking(_ scores: [Double?]) -> [Int] {
        scores.indices.sorted { (scores[$0] ?? .infinity, $0) < (scores[$1] ?? .infinity, $1) }
    }
}
