/// A reviewer's decisions by region.
public struct RegionReview: Sendable {
    public struct Entry: Sendable {
        public var decision: RegionDecision
        /// The line of the file, counted from 1.
        public var line: Int

        public init(decision: RegionDecision, line: Int) {
            self.decision = decision
            self.line = line
        }
    }

    public var file: String
    /// Decisions by the region's identifier; regions without a decision are left out.
    public var entries: [String: Entry]

    public init(file: String, entries: [String: Entry]) {
        self.file = file
        self.entries = entries
    }
}
