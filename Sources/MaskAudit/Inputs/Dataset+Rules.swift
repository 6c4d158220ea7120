import ConfidentLearning

extension Dataset {
    /// Throws where an option names a class that is none.
    func checkClasses(_ plan: AuditPlan) throws(AuditError) {
        let named =
            [plan.onlyClass].compactMap { $0 }.map { ("--only-class", $0) }
            + plan.excludedSuggestions.map { ("--exclude", $0) }
        guard classCount > 0, let (option, label) = named.first(where: { !(0..<classCount).contains($0.1) }) else {
            return
        }
        throw .input(
            probabilities.first?.displayName ?? "?", "\(option) \(label) is no class of \(classCount)",
            remedy: classCount == 1 ? "the only class is 0" : "name one from 0 to \(classCount - 1)")
    }

    /// Throws where the confident joint is asked for and data can be read once alone, or K x K counts are too many.
    func checkJoint(_ plan: AuditPlan) throws(AuditError) {
        guard plan.needsJoint else { return }
        let cause = plan.rule.needsJoint ? "--filter-by \(plan.rule.rawValue)" : "--joint"
        if let piped = (labels + probabilities).first(where: { $0.pipe != nil }) {
            throw .input(
                piped.displayName, "\(cause) reads labels and pred_probs several times, a pipe can be read once",
                remedy: "save the array to a file and name that")
        }
        guard classCount <= ConfidentJoint.maximumClassCount else {
            throw .input(
                probabilities.first?.displayName ?? "?",
                "\(classCount) classes, \(cause) takes \(ConfidentJoint.maximumClassCount) at most",
                remedy: "choose another --filter-by" + (plan.joint ? " and leave --joint out" : ""))
        }
    }
}
