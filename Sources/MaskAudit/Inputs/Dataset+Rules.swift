import ConfidentLearning

extension Dataset {
    /// Throws where an option names a class that the dataset does not have.
    func checkClass(_ label: Int?, option: String) throws(AuditError) {
        guard let label, classCount > 0, !(0..<classCount).contains(label) else { return }
        throw .input(
            probabilities.first?.displayName ?? "?", "\(option) \(label) is no class of \(classCount)",
            remedy: classCount == 1 ? "the only class is 0" : "name one from 0 to \(classCount - 1)")
    }

    /// Throws where the confident joint is asked for and data can be read once alone, or K x K counts are too many.
    func checkJoint(_ rule: RulePlan) throws(AuditError) {
        guard rule.needsJoint else { return }
        let cause = rule.filter.needsJoint ? "--filter-by \(rule.filter.rawValue)" : "--joint"
        if let piped = firstPiped {
            throw .input(
                piped.displayName, "\(cause) reads labels and pred_probs several times, a pipe can be read once",
                remedy: "save the array to a file and name that")
        }
        guard classCount <= ConfidentJoint.maximumClassCount else {
            throw .input(
                probabilities.first?.displayName ?? "?",
                "\(classCount) classes, \(cause) takes \(ConfidentJoint.maximumClassCount) at most",
                remedy: "choose another --filter-by" + (rule.joint ? " and leave --joint out" : ""))
        }
    }

    /// Throws where `calibrated` does not go with downsampling, or its K x K counts are too many.
    func checkCounts(_ rule: RulePlan) throws(AuditError) {
        guard rule.filter == .calibrated else { return }
        guard rule.downsample == 1 else {
            throw .input(
                probabilities.first?.displayName ?? "?", "--filter-by calibrated judges regions at full size",
                remedy: "leave --downsample out")
        }
        guard classCount > CellCounts.maximumClassCount else { return }
        throw .input(
            probabilities.first?.displayName ?? "?",
            "\(classCount) classes, --filter-by calibrated takes \(CellCounts.maximumClassCount) at most",
            remedy: "choose another --filter-by")
    }

    /// Throws where labels come through a pipe, which can be read once, and are needed twice.
    ///
    /// - Parameter purpose: what the second reading is for, as the message says it, such as `for regions`.
    func checkLabelsReadableTwice(_ purpose: String) throws(AuditError) {
        guard let piped = labels.first(where: { $0.pipe != nil }) else { return }
        throw .input(
            piped.displayName, "labels are read twice \(purpose), a pipe once",
            remedy: "save the labels to a file and name that")
    }

    /// Throws where an input is a pipe and a second pass is to come.
    ///
    /// - Parameter purpose: what that pass is for, as the message says it.
    func checkReadableTwice(_ purpose: String) throws(AuditError) {
        guard let piped = firstPiped else { return }
        throw .input(
            piped.displayName, "is read a second time for \(purpose), a pipe can be read once",
            remedy: "save the array to a file and name that")
    }

    /// Notes the run's own output and the files of the arrays, and throws where one is both.
    func checkFiles(
        _ plan: AuditPlan, writing main: (path: String?, option: String, example: String?)? = nil
    ) throws(AuditError) {
        if let main { try plan.files.write(main.path, option: main.option, example: main.example) }
        for source in labels + probabilities { try plan.files.read(source) }
        try plan.files.read(plan.dataset.classNamesFile)
    }

    private var firstPiped: ArraySource? { (labels + probabilities).first { $0.pipe != nil } }
}

extension RunFiles {
    /// Notes the file of an array, as it was when it was opened.
    func read(_ source: ArraySource) throws(AuditError) {
        if let stamp = source.stamp { try read(source.path, stamp) } else { try read(source.path) }
    }
}
