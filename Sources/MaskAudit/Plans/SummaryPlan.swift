/// What a summary lists, and what it is held against.
public struct SummaryPlan: Sendable {
    /// How many swaps the summary lists.
    public var listedSwapCount = 10
    /// Classes whose suggestions the summary's swaps leave out.
    public var excludedSuggestions: [Int] = []
    public var gates = GatePlan()

    public init() {}
}
