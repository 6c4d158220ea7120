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
    /// **Errors.** As of `FindRun`, and a table that cannot be written. Masks and table appear together or not at all.
    public func write() throws(AuditError) -> AuditSummary {
        guard let path = table else { return try run.run() }
        return try run.files.whole { () throws(AuditError) in
            let file = try run.files.textFile(path, option: "--regions", example: "regions.csv")
            return try run.run { flagged throws(AuditError) in
                let regions = try flagged.regions()
                try AuditError.wrapping { () throws(ArrayFileError) in
                    try regions.writeTable(to: file, path: path, threads: threads)
                    try file.commit()
                }
            }
        }
    }
}
