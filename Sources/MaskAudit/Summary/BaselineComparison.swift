import ConfidentLearning

/// How a run differs from its baseline.
public struct BaselineComparison: Sendable, Equatable {
    public var file: String
    /// The issue rate of the baseline.
    public var issueRate: Double
    /// The rate of each class; nil where the class had no counted pixel.
    public var classRates: [Double?]
    /// Those of the worst images that were not among the worst then.
    public var newWorstImages: [AuditSummary.ImageRow]
}

extension AuditBaseline {
    /// Throws where a run of this plan would measure something else, and names what differs.
    func check(_ plan: RulePlan, classCount: Int, names: [String]?) throws(AuditError) {
        func unlike(_ finding: String) -> AuditError {
            .input(
                printable(file), "\(finding); the two cannot be compared",
                remedy: "name a summary of a run like this one with --baseline")
        }
        guard perClass.count == classCount else {
            throw unlike("has \(perClass.count) classes, this run has \(classCount)")
        }
        guard rule == plan.filter.rawValue else {
            throw unlike("filter_by is \(printable(rule)), in this run \(plan.filter.rawValue)")
        }
        guard downsample == plan.downsample else {
            throw unlike("downsample is \(downsample), in this run \(plan.downsample)")
        }
        guard onlyClass == plan.onlyClass else {
            func text(_ label: Int?) -> String { label.map(String.init) ?? "not set" }
            throw unlike("only_class is \(text(onlyClass)), in this run \(text(plan.onlyClass))")
        }
        for (index, row) in perClass.enumerated() {
            if let old = row.name, let new = names?[index], old != new {
                throw unlike("class \(index) is \(printable(old)), in this run \(new)")
            }
        }
    }

    /// The issue rate of a class; nil where the class had no counted pixel.
    func rate(_ index: Int) -> Double? {
        let row = perClass[index]
        return row.pixels == 0 ? nil : Double(row.issues) / Double(row.pixels)
    }
}
