import ArgumentParser
import MaskAudit
import Reporting

/// The options that say what ends a run with exit code 1.
struct GateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Exits 1 when more is flagged: a rate of the counted pixels (0.02, 2%, 0 or 1), or with a whole number from 2 \
            a count of pixels.
            """, valueName: "limit"),
        transform: { try limit($0, option: "--fail-over") })
    var failOver: GateFigure?

    @Option(
        help: ArgumentHelp(
            "The same for a class, by name or number, held against its counted pixels. Repeatable.",
            valueName: "class=limit"),
        transform: { try classLimit($0) })
    var failOverClass: [GatePlan.ClassLimit] = []

    @Option(
        help: ArgumentHelp(
            """
            A summary of an earlier run (--json-file): exits 1 when the rate, of the whole or of a class, is above that \
            run's.
            """, valueName: "file"),
        completion: .file(extensions: ["json"]))
    var baseline: String?

    @Option(
        help: ArgumentHelp(
            "How much a rate may be above the baseline's: 0.005 or 0.5%. (default: 0)", valueName: "rate"),
        transform: { try rate($0, option: "--fail-if-worse-by") })
    var failIfWorseBy: Double?

    @Flag(help: "Exits 1 when an image is among the worst ten that was not in the baseline.")
    var failOnNewWorst = false

    func validate() throws {
        if baseline == nil && (failIfWorseBy != nil || failOnNewWorst) {
            throw ValidationError(
                "\(failOnNewWorst ? "--fail-on-new-worst" : "--fail-if-worse-by") goes with --baseline.")
        }
    }

    /// The gates as values. Reads the baseline.
    func plan() throws(AuditError) -> GatePlan {
        var plan = GatePlan()
        plan.limit = failOver
        plan.classLimits = failOverClass
        plan.baseline = try baseline.map { path throws(AuditError) in try AuditBaseline(path: path) }
        plan.allowedIncrease = failIfWorseBy ?? 0
        plan.failsOnNewWorst = failOnNewWorst
        return plan
    }

    /// Throws exit code 1 where a gate was exceeded, after saying which.
    func check(_ summary: AuditSummary, quiet: Bool) throws {
        let failed = summary.failedGates
        guard !failed.isEmpty else { return }
        if !quiet {
            for gate in failed { Terminal.note(.gate, gate.line(summary)) }
        }
        throw ExitCode(1)
    }

    private static func limit(_ text: String, option: String) throws -> GateFigure {
        if let limit = GateFigure(text) { return limit }
        throw ValidationError("\(option) is a rate from 0 to 1, a percentage such as 2%, or a number of pixels from 2.")
    }

    private static func rate(_ text: String, option: String) throws -> Double {
        if let rate = GateFigure.rate(text) { return rate }
        throw ValidationError("\(option) is a rate from 0 to 1, or a percentage such as 2%.")
    }

    /// `CLASS=LIMIT`; a name may hold an equals sign.
    private static func classLimit(_ text: String) throws -> GatePlan.ClassLimit {
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
            throw ValidationError("--fail-over-class is a class and its limit, such as road=0.02.")
        }
        return GatePlan.ClassLimit(
            name: String(text[..<equals]),
            limit: try limit(String(text[text.index(after: equals)...]), option: "--fail-over-class CLASS=LIMIT"))
    }
}
