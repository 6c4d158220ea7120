import ArgumentParser
import ConfidentLearning
import MaskAudit
import Reporting

struct Find: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Writes boolean masks of mislabelled pixels.",
        discussion: """
            Writes OUTPUT (.npz) with label_issues, confident_thresholds, class_counts and issue_counts, and prints a \
            summary.

            Examples:
              masklint find -l labels.npy -p probs.npy -o issues.npz --ignore-label 255
              masklint find -l labels/ -p probs/ -o issues.npz --json
              masklint find -l labels.npy -p logits.npz -o issues.npz --logits
              masklint find -l labels.npy -p probs.npy -o issues.npz --regions regions.csv
              masklint find -l labels.npy -p probs.npy --dry-run
              masklint find --config night.json --baseline last.json --fail-over 2%
              export_probs | masklint find -l labels.npy -p - -o - | use_masks
            """)

    @OptionGroup(title: "Dataset")
    var dataset: DatasetOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The .npz to write; - for standard output. Needed unless --dry-run.", valueName: "path"),
        completion: .file(extensions: ["npz"]))
    var output: String?

    @Flag(help: "Finds and checks the inputs, prints what a run would do, and reads no data.")
    var dryRun = false

    @OptionGroup(title: "Rule")
    var rule: RuleOptions

    @Flag(help: "Also writes suggested_labels.")
    var suggest = false

    @Flag(
        help: """
            Also writes confident_joint, counts by given and estimated true label, which reads the inputs once more; \
            prune_by_class, prune_by_noise_rate and both do so anyway.
            """)
    var joint = false

    @Option(
        help: ArgumentHelp("Keeps only issues whose given or suggested label is this class.", valueName: "class"))
    var onlyClass: Int?

    @Option(
        help: ArgumentHelp(
            "A class whose suggestions are left out of the summary's swaps. Repeatable.", valueName: "class"))
    var exclude: [Int] = []

    @Option(help: ArgumentHelp("Swaps that the summary lists.", valueName: "n"))
    var top = 10

    @Option(
        help: ArgumentHelp(
            "Also writes the table of regions, .json or else CSV, that masklint regions writes by default.",
            valueName: "file"),
        completion: .file(extensions: ["csv", "json"]))
    var regions: String?

    @Flag(help: "Stores the output's arrays without compression.")
    var store = false

    @OptionGroup(title: "Gate")
    var gate: GateOptions

    @OptionGroup(title: "Summary")
    var files: SummaryOptions

    @OptionGroup(title: "Thresholds")
    var given: ThresholdOptions

    @OptionGroup(title: "Run")
    var runOptions: RunOptions

    func validate() throws {
        if output == nil && !dryRun {
            throw ValidationError("Missing expected argument '--output <path>', the .npz to write.")
        }
        if top < 0 { throw ValidationError("--top is a number of swaps, 0 or more.") }
        if let onlyClass, onlyClass < 0 { throw ValidationError("--only-class is a class, from 0.") }
        if exclude.contains(where: { $0 < 0 }) { throw ValidationError("--exclude is a class, from 0.") }
        if let void = (exclude + [onlyClass].compactMap { $0 }).first(where: { dataset.ignoreLabel.contains($0) }) {
            throw ValidationError("Class \(void) is ignored by --ignore-label and has no issues to keep or leave out.")
        }
        try dataset.checkReadings(for: rule.filterBy, joint: joint)
        if dryRun { try dataset.checkData(for: "--dry-run") }
        if let regions {
            try dataset.checkData(for: "--regions")
            try RegionOptions.check(dataset)
            if regions == "-" {
                throw ValidationError("--regions names a file; standard output has the summary or the masks.")
            }
        }
        if !dryRun {
            try runOptions.checkArchive(output)
            try files.check(output: output, regions: regions, json: runOptions.json)
        }
    }

    func run() throws {
        if dryRun { return try showOutline() }
        let summary = try runOptions.perform(
            { progress, runFiles throws(AuditError) in
                let plan = try plan(runFiles)
                let run = FindRun(plan: plan, source: dataset.source, thresholds: given.source, progress: progress)
                let findFiles = FindFiles(run: run, table: regions, threads: plan.audit.run.threads)
                return try files.writing(in: runFiles) { () throws(AuditError) in try findFiles.write() }
            },
            show: { (summary: AuditSummary) throws(AuditError) in
                let text = output == "-" || files.takesStandardOutput ? nil : summary.text
                try runOptions.show(summary.json, text, warnings: summary.warnings)
                if let text = files.printedText(summary) { try Terminal.show(text) }
            })
        try gate.check(summary, quiet: runOptions.quiet)
    }

    /// The options as values. Reads the baseline.
    private func plan(_ runFiles: RunFiles) throws(AuditError) -> FindPlan {
        try runFiles.write(output, option: "--output", example: "issues.npz")
        var plan = FindPlan(audit: try runOptions.auditPlan(dataset, rule, runFiles), output: output)
        plan.audit.rule.joint = joint
        plan.audit.rule.onlyClass = onlyClass
        try runFiles.read(given.thresholds, gate.baseline)
        plan.suggest = suggest
        plan.isStored = store
        plan.listsRegions = regions != nil
        plan.summary.excludedSuggestions = exclude
        plan.summary.listedSwapCount = top
        plan.summary.gates = try gate.plan()
        return plan
    }

    private func showOutline() throws {
        _ = try runOptions.perform(
            { progress, runFiles throws(AuditError) in
                let plan = try plan(runFiles)
                try files.note(in: runFiles)
                try runFiles.write(regions, option: "--regions", example: "regions.csv")
                return try FindRun(plan: plan, progress: progress).outline()
            },
            show: { (outline: RunOutline) throws(AuditError) in
                try runOptions.show(outline.json, outline.text, warnings: outline.warnings)
            })
    }
}
