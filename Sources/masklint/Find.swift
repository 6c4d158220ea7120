import ArgumentParser
import ConfidentLearning
import MaskAudit
import Reporting

struct Find: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes boolean masks of mislabelled pixels.",
        discussion: """
            Writes OUTPUT (.npz) with label_issues, confident_thresholds, class_counts and issue_counts, and prints a \
            summary.

            Examples:
              masklint find -l labels.npy -p pred_probs.npy -o issues.npz --ignore-label 255
              masklint find -l labels/ -p probs/ -o issues.npz --json
              masklint find -l labels.npy -p logits.npz -o issues.npz --logits --fail-over 0.02
            """)

    @OptionGroup(title: "Dataset")
    var dataset: DatasetOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The .npz to write; - for standard output. Needed unless --dry-run.", valueName: "path"))
    var output: String?

    @Flag(help: "Finds and checks the inputs, prints what a run would do and its memory, and reads no data.")
    var dryRun = false

    @Option(help: "How pixels are chosen as issues.")
    var filterBy = FilterRule.lowSelfConfidence

    @Option(help: ArgumentHelp("Averages blocks of D x D pixels before both passes.", valueName: "d"))
    var downsample = 1

    @Option(help: "How the labels of a block become one.")
    var downsampleLabels = BlockLabelMode.mean

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

    @Flag(help: "Stores the output's arrays without compression.")
    var store = false

    @Option(
        help: ArgumentHelp(
            "Exits 1 when the share of issues among counted pixels is above this rate.", valueName: "rate"))
    var failOver: Double?

    @OptionGroup(title: "Run")
    var run_: RunOptions

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
        try dataset.checkReadings(for: filterBy, joint: joint)
        if downsample < 1 { throw ValidationError("--downsample must be at least 1.") }
        if let failOver, !(failOver >= 0 && failOver <= 1) {
            throw ValidationError("--fail-over is a rate from 0 to 1.")
        }
        if output == "-" && !dryRun && Terminal.isOutputTerminal {
            throw ValidationError(
                "--output - writes an archive and standard output is a terminal: redirect it, or name a file.")
        }
        if output == "-" && !dryRun && run_.json {
            throw ValidationError("--json and --output - both want standard output; name a file for one of them.")
        }
    }

    func run() throws {
        var plan = dataset.plan(output: output)
        plan.rule = filterBy
        plan.downsample = downsample
        plan.downsampleLabels = downsampleLabels
        plan.suggest = suggest
        plan.joint = joint
        plan.onlyClass = onlyClass
        plan.excludedSuggestions = exclude
        plan.listedSwapCount = top
        plan.store = store
        run_.apply(to: &plan)
        if dryRun { return try showOutline(of: plan) }
        let summary = try run_.perform { progress throws(AuditError) in
            try Audit(plan: plan, progress: progress).run()
        }
        run_.show(warnings: summary.warnings)
        if run_.json {
            Terminal.print(summary.json.text + "\n")
        } else if !run_.quiet && output != "-" {
            Terminal.print(summary.text)
        }
        if let failOver, summary.issueRate > failOver {
            if !run_.quiet {
                Terminal.printError(
                    "masklint: gate: issue rate \(summary.issueRate) is above --fail-over \(failOver)\n")
            }
            throw ExitCode(1)
        }
    }

    private func showOutline(of plan: AuditPlan) throws {
        let outline = try run_.perform { progress throws(AuditError) in
            try Audit(plan: plan, progress: progress).outline()
        }
        run_.show(warnings: outline.warnings)
        if run_.json {
            Terminal.print(outline.json.text + "\n")
        } else if !run_.quiet {
            Terminal.print(outline.text)
        }
    }
}
