import ConfidentLearning

/// Where records of units are read from, by several threads.
protocol RecordSource: AnyObject, Sendable {
    func record(unit: Int) throws(AuditError) -> UnitRecord
}

extension Audit {
    /// The records that the plan names in place of data.
    ///
    /// **Errors.** As of `KeptRecords`, and for rules and outputs that take the data themselves.
    func keptRecords() throws(AuditError) -> KeptRecords? {
        guard let path = plan.recordsFile else { return nil }
        let refused =
            plan.needsJoint
            ? (plan.rule.needsJoint ? "--filter-by \(plan.rule.rawValue)" : "--joint")
            : plan.suggest ? "--suggest" : nil
        if let refused {
            throw .input(
                path, "\(refused) reads labels and pred_probs, of which records hold a part", remedy: "name the data")
        }
        return try KeptRecords(path: path, plan: plan)
    }
}
