import ArgumentParser
import MaskAudit

/// The options that say what ends a run with exit code 1.
struct GateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Exits 1 when the share of issues among counted pixels is above this rate.", valueName: "rate"))
    var failOver: Double?

    func validate() throws {
        if let failOver, !(failOver >= 0 && failOver <= 1) {
            throw ValidationError("--fail-over is a rate from 0 to 1.")
        }
    }

    /// Throws exit code 1 where a gate was exceeded, after saying which.
    func check(_ summary: AuditSummary, quiet: Bool) throws {
        guard let failOver, summary.issueRate > failOver else { return }
        if !quiet {
            Terminal.printError("masklint: gate: issue rate \(summary.issueRate) is above --fail-over \(failOver)\n")
        }
        throw ExitCode(1)
    }
}
