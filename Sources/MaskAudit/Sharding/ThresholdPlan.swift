/// What `masklint thresholds` is asked for.
public struct ThresholdPlan: Sendable {
    /// Most shards: far more than a cluster has, and few enough that a part which claims them all takes little memory.
    public static let shardLimit = 1_000_000

    public var audit: AuditPlan
    /// The part to write.
    public var output: String
    /// Which of how many shards the inputs are, from 1; nil where they have no number.
    public var shard: (number: Int, total: Int)?
    /// The merged file whose second round this is; nil makes a first round.
    public var merged: (path: String, shard: Int?)?
    /// Records to read in place of the data, in a second round.
    public var records: String?
    /// Where records of the first round are kept, so that what follows needs no probabilities; nil keeps none.
    public var keptRecords: String? {
        didSet { audit.run.keepsRecords = keptRecords != nil }
    }

    public init(audit: AuditPlan, output: String) {
        self.audit = audit
        self.output = output
    }
}
