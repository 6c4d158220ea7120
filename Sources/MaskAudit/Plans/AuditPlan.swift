/// What every command that reads a dataset is told.
public struct AuditPlan: Sendable {
    public var dataset: DatasetPlan
    public var rule = RulePlan()
    public var run = RunPlan()
    /// Shared by all copies of the plan.
    public var files = RunFiles()

    public init(dataset: DatasetPlan) {
        self.dataset = dataset
    }

    public init(labels: InputSelection, predProbs: InputSelection) {
        self.init(dataset: DatasetPlan(labels: labels, predProbs: predProbs))
    }
}
