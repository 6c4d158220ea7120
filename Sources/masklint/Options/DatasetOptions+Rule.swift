import ArgumentParser
import ConfidentLearning

extension DatasetOptions {
    /// Throws where a rule reads the inputs several times and one of them comes through a pipe.
    func checkReadings(for rule: FilterRule, joint: Bool = false) throws {
        guard labels.contains("-") || predProbs.contains("-"), joint || rule.needsJoint else { return }
        throw ValidationError(
            "\(rule.needsJoint ? "--filter-by \(rule.rawValue)" : "--joint") reads the inputs several times and standard "
                + "input (-) can be read once: name a file.")
    }
}
