/// The gates of a run: what must not be exceeded.
public struct GatePlan: Sendable {
    /// The limit of a class, which is named or numbered.
    public struct ClassLimit: Sendable, Equatable {
        public var name: String
        public var limit: GateFigure

        public init(name: String, limit: GateFigure) {
            self.name = name
            self.limit = limit
        }
    }

    /// The largest share of issues among all counted pixels.
    public var limit: GateFigure?
    /// The largest share of issues among the counted pixels of each class.
    public var classLimits: [ClassLimit] = []
    public var baseline: AuditBaseline?
    /// How much a rate may be above the baseline's.
    public var allowedIncrease = 0.0
    /// Whether an image that is new among the worst is too much.
    public var failsOnNewWorst = false

    public init() {}
}
