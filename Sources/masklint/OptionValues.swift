public import ArgumentParser
public import ConfidentLearning
public import MaskAudit

extension ProbabilityLayout: ExpressibleByArgument {}
extension FilterRule: ExpressibleByArgument {}
extension BlockLabelMode: ExpressibleByArgument {}
extension ScoreMethod: ExpressibleByArgument {}
