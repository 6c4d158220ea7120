import ArgumentParser
import MaskAudit
import NumPyFiles
import Reporting

/// The options that say how a run goes about its work.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads; all cores by default.", valueName: "t"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Memory for records of contested pixels, such as 512M or 4G; more go to a temporary file beside the output.",
            valueName: "size"))
    var memoryLimit: ByteSize?

    @Flag(
        help: "Does not wait until outputs are on the disk; after a loss of power they may be empty.")
    var noSync = false

    @Flag(help: "Prints the summary as one JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "No summary for people, no progress, no warnings.")
    var quiet = false

    @OptionGroup
    var configuration: ConfigOptions

    func validate() throws {
        if let threads, threads < 1 || threads > 1024 { throw ValidationError("--threads is from 1 to 1024.") }
    }

    /// These options as values.
    private var plan: RunPlan {
        var plan = RunPlan()
        plan.threads = threads ?? availableCoreCount()
        if let memoryLimit { plan.memoryLimitBytes = memoryLimit.bytes }
        return plan
    }

    /// What a command is told that reads a dataset and applies a rule to it.
    /// Reads the table of `--map-labels`.
    ///
    /// - Parameter files: those of the run.
    func auditPlan(
        _ dataset: DatasetOptions, _ rule: RuleOptions, _ files: RunFiles
    ) throws(AuditError) -> AuditPlan {
        try files.read(dataset.classNames, dataset.mapLabels, dataset.records)
        var audit = AuditPlan(dataset: try dataset.plan())
        audit.files = files
        audit.rule = rule.plan
        audit.run = plan
        return audit
    }

    /// Runs the work with progress shown, lets its outputs appear, and shows what it found; turns a fault into its line and
    /// exit code 2, with all outputs as they were before.
    func perform<R>(
        _ work: (ProgressMeter, RunFiles) throws(AuditError) -> R, show: (R) throws(AuditError) -> Void
    ) throws -> R {
        Interruption.install()
        Terminal.ignoreClosedPipes()
        Terminal.reserveStandardStreams()
        FreedMemory.keep()
        let line = quiet || !Terminal.isErrorTerminal ? nil : ProgressLine()
        let progress = ProgressMeter { line?.draw($0) }
        let files = RunFiles(isSynced: !noSync)
        do throws(AuditError) {
            return try files.whole(
                { () throws(AuditError) in
                    defer { line?.clear() }
                    try files.read(configuration.config)
                    return try work(progress, files)
                }, then: show)
        } catch {
            // Whoever read standard output has seen enough: end as a process that SIGPIPE ends, and as quietly.
            if case .file(let fault) = error, fault.code == .brokenPipe { throw ExitCode(141) }
            Terminal.note(.error, "\(error)")
            throw ExitCode(2)
        }
    }

    /// Prints warnings, and what was found: the object with `--json`, else the text for people where there is one.
    func show(
        _ object: @autoclosure () -> JSONText, _ text: @autoclosure () -> String?, warnings: [String]
    ) throws(AuditError) {
        if !quiet {
            for warning in warnings { Terminal.note(.warning, warning) }
        }
        if json {
            try Terminal.show(object().text + "\n")
        } else if !quiet, let text = text() {
            try Terminal.show(text)
        }
    }

    /// Throws where an archive goes to standard output and that is a terminal, or is wanted for the JSON object too.
    func checkArchive(_ output: String?) throws {
        guard output == "-" else { return }
        if Terminal.isOutputTerminal {
            throw ValidationError(
                "--output - writes an archive and standard output is a terminal: redirect it, or name a file.")
        }
        if json {
            throw ValidationError("--json and --output - both want standard output; name a file for one of them.")
        }
    }
}

/// A size in bytes, with K, M, G or T for powers of 1,024.
struct ByteSize: ExpressibleByArgument {
    var bytes: Int

    init?(argument: String) {
        let units = ["K": 10, "M": 20, "G": 30, "T": 40]
        let shift = argument.last.flatMap { units[$0.uppercased()] }
        guard let number = Int(shift == nil ? argument : String(argument.dropLast())), number >= 0,
            number <= Int.max >> (shift ?? 0)
        else { return nil }
        bytes = number << (shift ?? 0)
    }
}
