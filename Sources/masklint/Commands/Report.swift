import ArgumentParser
import ConfidentLearning
import MaskAudit
import NumPyFiles
import Reporting

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes an HTML page with the numbers and the worst images.",
        discussion: """
            Writes OUTPUT (.html), one file that opens from disk and needs no network: the numbers and the verdict of the \
            gate, issue rates by class, given against suggested classes, the distribution of self-confidence, and the \
            worst images with their masks.

            Examples:
              masklint report -l labels.npy -p probs.npy -o report.html --images images.npz
              masklint report -l labels.npy -p probs.npy -o report.html --issues issues.npz
              masklint report -l labels/ -p probs/ -o report.html --png-dir pictures
              masklint report --config night.json -o report.html --fail-over 2% --top 30
            """)

    @OptionGroup(title: "Dataset")
    var dataset: DatasetOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The .html to write.", valueName: "path"),
        completion: .file(extensions: ["html"]))
    var output: String

    @Option(
        name: .customLong("images"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Photographs to show issues over: uint8 (N,H,W,3), or (H,W,3) an image, paired as the labels are.",
            valueName: "path"),
        completion: .file(extensions: ["npy", "npz"]))
    var imageArguments: [ArgumentList] = []

    @Option(help: ArgumentHelp("The array to read from an images archive.", valueName: "key"))
    var imagesKey: String?

    @Option(
        help: ArgumentHelp(
            "Takes label_issues from a finished run instead of finding issues again.", valueName: "issues.npz"),
        completion: .file(extensions: ["npy", "npz"]))
    var issues: String?

    @OptionGroup(title: "Rule")
    var rule: RuleOptions

    @Option(help: ArgumentHelp("Images in the gallery; up to some 60 the page stays below 10 MB.", valueName: "n"))
    var top = 12

    @Option(help: ArgumentHelp("Mislabelled regions with a picture. (default: 24)", valueName: "n"))
    var regions: Int?

    @Option(
        help: ArgumentHelp("Also writes the pictures as PNG files, at full size.", valueName: "dir"),
        completion: .directory)
    var pngDir: String?

    @OptionGroup(title: "Gate")
    var gate: GateOptions

    @OptionGroup(title: "Summary")
    var files: SummaryOptions

    @OptionGroup(title: "Thresholds")
    var given: ThresholdOptions

    @OptionGroup(title: "Run")
    var runOptions: RunOptions

    private var images: [String] { imageArguments.all }

    func validate() throws {
        try dataset.checkData(for: "report")
        try dataset.checkReadings(for: rule.filterBy)
        if top < 0 || top > 10_000 { throw ValidationError("--top is from 0 to 10000.") }
        if let regions, regions < 0 || regions > 10_000 { throw ValidationError("--regions is from 0 to 10000.") }
        if output == "-" { throw ValidationError("--output names a file: a page is no text for a terminal.") }
        if images.contains("-") { throw ValidationError("--images names files or folders.") }
        if imagesKey != nil && images.isEmpty { throw ValidationError("--images-key goes with --images.") }
        try files.check(output: output, json: runOptions.json)
        if issues != nil && given.thresholds != nil {
            throw ValidationError("--issues has its masks: leave --thresholds out.")
        }
        if issues != nil && rule.downsample > 1 {
            throw ValidationError("--issues has its masks: leave --downsample out.")
        }
    }

    func run() throws {
        let summary = try runOptions.perform(
            { progress, runFiles throws(AuditError) in
                let plan = try plan(runFiles)
                return try files.writing(in: runFiles) { () throws(AuditError) in
                    try ReportFiles(plan: plan, thresholds: given.source, pictureFolder: pngDir).write(progress)
                }
            },
            show: { (summary: AuditSummary) throws(AuditError) in
                try runOptions.show(
                    summary.json, files.takesStandardOutput ? nil : summary.text, warnings: summary.warnings)
                if let text = files.printedText(summary) { try Terminal.show(text) }
            })
        try gate.check(summary, quiet: runOptions.quiet)
    }

    /// The options as values. Reads the baseline.
    private func plan(_ runFiles: RunFiles) throws(AuditError) -> ReportPlan {
        try runFiles.write(output, option: "--output", example: "report.html")
        var plan = ReportPlan(audit: try runOptions.auditPlan(dataset, rule, runFiles), output: output)
        try runFiles.read(given.thresholds, gate.baseline)
        if !images.isEmpty { plan.images = InputSelection(paths: images, key: imagesKey) }
        plan.issues = issues.map { InputSelection(paths: [$0]) }
        plan.topCount = top
        plan.regionCount = regions
        plan.summary.gates = try gate.plan()
        return plan
    }
}
