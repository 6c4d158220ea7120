public import ArgumentParser
public import ConfidentLearning
public import MaskAudit

extension ProbabilityLayout: ExpressibleByArgument {}
extension FilterRule: ExpressibleByArgument {}
extension BlockLabelMode: ExpressibleByArgument {}
extension ScoreMethod: ExpressibleByArgument {}
extension RegionGrouping: ExpressibleByArgument {}

extension Connectivity: ExpressibleByArgument {
    public init?(argument: String) {
        guard let number = Int(argument) else { return nil }
        self.init(rawValue: number)
    }
}
