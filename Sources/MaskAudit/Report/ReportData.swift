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
            // Below 0 only where a file changed while it was read, which the run tells of in the end.
            counts[min(Self.binCount - 1, Int(min(max(value, 0), 1) * Double(Self.binCount)))] += 1
        }
    }

    mutating func merge(_ other: Self) {
        for bin in counts.indices { counts[bin] += other.counts[bin] }
    }
}
