public import MaskAudit
import NumPyFiles

/// A run for masks, and on request a table of regions beside them.
public struct FindFiles {
    private let run: FindRun
    private let table: String?
    private let threads: Int

    /// - Parameter table: the file for the regions; nil writes none.
    public init(run: FindRun, table: String?, threads: Int) {
        self.run = run
        self.table = table
        self.threads = threads
    }

    /// Runs and writes.
    ///
    /// **Errors.** As of `FindRun`, and a table that cannot be written. The table appears after the masks do, whole or
    /// not at all.
    public func write() throws(AuditError) -> AuditSummary {
        guard let path = table else { return try run.run() }
        // The file is made before the run, so that a missing folder is reported before the work and not after.
        let file = try AuditError.wrapping { () throws(ArrayFileError) in try AtomicTextFile(path: path) }
        let threads = threads
        let summary = try run.run { flagged throws(AuditError) in
            let regions = try flagged.regions()
            try AuditError.wrapping { () throws(ArrayFileError) in
                try regions.writeTable(to: file, path: path, threads: threads)
                // A full disk is reported here, while there are no masks yet.
                try file.flush()
            }
        }
        try AuditError.wrapping { () throws(ArrayFileError) in try file.commit() }
        return summary
    }
}
