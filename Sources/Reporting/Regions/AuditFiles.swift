public import MaskAudit
import NumPyFiles

/// A run for masks with a table of regions beside them, where the plan names one.
public struct AuditFiles {
    private let plan: AuditPlan

    public init(plan: AuditPlan) {
        self.plan = plan
    }

    /// Runs and writes.
    ///
    /// **Errors.** As of `Audit`, and a table that cannot be written. The table appears after the masks do, whole or not
    /// at all.
    public func write(_ progress: ProgressMeter) throws(AuditError) -> AuditSummary {
        let audit = Audit(plan: plan, progress: progress)
        guard let path = plan.regionsFile else { return try audit.run() }
        // Made first: a folder that is not there is told before the work, not after.
        let file = try AuditError.wrapping { () throws(ArrayFileError) in try AtomicTextFile(path: path) }
        let threads = plan.threads
        let summary = try audit.run { regions throws(AuditError) in
            try AuditError.wrapping { () throws(ArrayFileError) in
                try regions.writeTable(to: file, path: path, threads: threads)
                // A full disk is told while there are no masks yet.
                try file.flush()
            }
        }
        try AuditError.wrapping { () throws(ArrayFileError) in try file.commit() }
        return summary
    }
}
