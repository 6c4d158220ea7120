/// How a run goes about its work. None of it changes what the run finds.
public struct RunPlan: Sendable {
    public var threads = 1
    /// Bytes of candidate records held in memory; more go to an unlinked temporary file.
    public var memoryLimitBytes = 24 << 20
    /// Whether records are to be of use when the probabilities are gone.
    public var keepsRecords = false

    public init() {}
}
