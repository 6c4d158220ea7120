import ArgumentParser
import ConfidentLearning
import MaskAudit
import NumPyFiles
import Reporting

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Writes quality scores of images and pixels.",
        discussion: """
            Writes OUTPUT (.npz) with image_scores and ranking, worst first, on request pixel_scores and label_issues, \
            and prints the worst images. Lower is worse; an image without a counted pixel has no score (NaN) and ranks \
            last.

            Examples:
              masklint score -l labels.npy -p probs.npy -o scores.npz --ignore-label 255
              masklint score -l labels/ -p probs/ -o scores.npz --csv scores.csv
              masklint score -l labels.npy -p probs.npy -o scores.npz --issues-below 0.1
              masklint score --config night.json -o scores.npz --pixel-scores
            """)

    @OptionGroup(title: "Dataset")
    var dataset: DatasetOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The .npz to write; - for standard output.", valueName: "path"),
        completion: .file(extensions: ["npz"]))
    var output: String

    @Option(help: "How pixels make an image's score.")
    var method = ScoreMethod.softmin

    @Option(
        help: ArgumentHelp(
            "Of softmin: near 0 the lowest pixel is the score, with a large T the mean is. (default: 0.1)",
            valueName: "t"))
    var temperature: Double?

    @OptionGroup(title: "Rule of num_pixel_issues")
    var rule: RuleOptions

    @Flag(help: "Also writes pixel_scores: float32, NaN where ignored.")
    var pixelScores = false

    @Option(
        help: ArgumentHelp("Also writes label_issues: the counted pixels whose score is below T.", valueName: "t"))
    var issuesBelow: Double?

    @Option(
        help: ArgumentHelp("Also writes a table: image, score, counted pixels, worst first.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var csv: String?

    @Flag(help: "Stores the output's arrays without compression.")
    var store = false

    @OptionGroup(title: "Thresholds")
    var given: ThresholdOptions

    @OptionGroup(title: "Run")
    var runOptions: RunOptions

    func validate() throws {
        if let temperature {
            if method != .softmin { throw ValidationError("--temperature goes with --method softmin.") }
            guard temperature > 0 && temperature.isFinite else {
                throw ValidationError("--temperature must be above 0.")
            }
        }
        try dataset.checkData(for: "score")
        try dataset.checkReadings(for: rule.filterBy)
        if method == .softmin && given.thresholds != nil {
            throw ValidationError("--thresholds goes with --method num_pixel_issues.")
        }
        if method == .softmin && rule.downsample > 1 {
            throw ValidationError("--downsample goes with --method num_pixel_issues.")
        }
        if let issuesBelow, !(issuesBelow >= 0 && issuesBelow <= 1) {
            throw ValidationError("--issues-below is a score from 0 to 1.")
        }
        try runOptions.checkArchive(output)
        if csv == "-" { throw ValidationError("--csv names a file; the table for people goes to standard output.") }
    }

    func run() throws {
        _ = try runOptions.perform(
            { progress, files throws(AuditError) in
                let plan = try plan(files)
                // Made first: a folder that is not there is told before the work, not after.
                let table = try csv.map { path throws(AuditError) in
                    try files.textFile(path, option: "--csv", example: "scores.csv")
                }
                let summary = try ScoreRun(plan: plan, thresholds: given.source, progress: progress).run()
                try AuditError.wrapping { () throws(ArrayFileError) in
                    try table?.write(summary.csv)
                    try table?.commit()
                }
                return summary
            },
            show: { (summary: ScoreSummary) throws(AuditError) in
                try runOptions.show(summary.json, output == "-" ? nil : summary.text, warnings: summary.warnings)
            })
    }

    /// The options as values.
    private func plan(_ files: RunFiles) throws(AuditError) -> ScorePlan {
        try files.write(output, option: "--output", example: "scores.npz")
        var plan = ScorePlan(audit: try runOptions.auditPlan(dataset, rule, files), output: output)
        try files.read(given.thresholds)
        plan.isStored = store
        plan.method = method
        if let temperature { plan.temperature = temperature }
        plan.writesPixelScores = pixelScores
        plan.issuesBelow = issuesBelow
        return plan
    }
}
