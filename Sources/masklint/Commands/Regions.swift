import ArgumentParser
import ConfidentLearning
import MaskAudit
import NumPyFiles
import Reporting

struct Regions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regions",
        abstract: "Lists mislabelled regions, exports them for annotation tools, and applies reviews.",
        discussion: """
            A region is a connected component of issues with one given and one suggested class. Writes them, most likely \
            mislabelled first, as a table (.csv or .json), for COCO and Label Studio, and as corrected labels.

            Examples:
              masklint regions -l labels.npy -p probs.npy -o regions.csv
              masklint regions -l labels/ -p probs/ --coco coco.json --skip-boundary 2
              masklint regions -l l.npy -p p.npy --accept done.csv --corrected fixed.npz
            """)

    @OptionGroup(title: "Dataset")
    var dataset: DatasetOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The table to write: .json, or else CSV with a column for decisions.", valueName: "path"),
        completion: .file(extensions: ["csv", "json"]))
    var output: String?

    @Option(
        help: ArgumentHelp("Also writes a COCO file of masks, with suggested classes.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var coco: String?

    @Flag(help: "COCO regions without holes are polygons along pixel edges instead of masks.")
    var polygons = false

    @Option(
        help: ArgumentHelp("Also writes Label Studio tasks with brush predictions.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var labelStudio: String?

    @Option(
        help: ArgumentHelp("File names of the images for those two, one a line, in order.", valueName: "file"),
        completion: .file(extensions: ["txt"]))
    var fileNames: String?

    @Option(
        help: ArgumentHelp(
            "Also writes labels with regions replaced by their suggested classes (.npz).", valueName: "file"),
        completion: .file(extensions: ["npz"]))
    var corrected: String?

    @Option(
        help: ArgumentHelp(
            "A table with accept or reject in its decision column: exports and corrected labels hold what is accepted.",
            valueName: "file"), completion: .file(extensions: ["csv"]))
    var accept: String?

    @Option(
        name: .customLong("known"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Tables of rejected regions; what lies in them with at least half of its pixels is left out.",
            valueName: "file"), completion: .file(extensions: ["csv"]))
    var knownArguments: [ArgumentList] = []

    @Option(
        help: ArgumentHelp(
            "With --accept: writes the rejected regions, and those of --known, for the next run.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var knownOut: String?

    @OptionGroup(title: "Rule")
    var rule: RuleOptions

    @OptionGroup(title: "Regions")
    var regions: RegionOptions

    @Flag(help: "Stores the corrected labels without compression.")
    var store = false

    @OptionGroup(title: "Run")
    var runOptions: RunOptions

    private var known: [String] { knownArguments.all }

    private var outputs: RegionFiles.Outputs {
        var outputs = RegionFiles.Outputs()
        outputs.table = output
        outputs.coco = coco
        outputs.labelStudio = labelStudio
        outputs.known = knownOut
        outputs.usesPolygons = polygons
        return outputs
    }

    func validate() throws {
        let paths = outputs.paths + (corrected.map { [($0, "--corrected")] } ?? [])
        if paths.isEmpty {
            throw ValidationError("Name a file to write with --output, --coco, --label-studio or --corrected.")
        }
        for (path, option) in paths where path == "-" {
            throw ValidationError("\(option) names a file; the summary goes to standard output.")
        }
        if knownOut != nil && accept == nil { throw ValidationError("--known-out goes with --accept.") }
        if polygons && coco == nil { throw ValidationError("--polygons goes with --coco.") }
        if fileNames != nil && coco == nil && labelStudio == nil {
            throw ValidationError("--file-names goes with --coco or --label-studio.")
        }
        if dataset.channel != nil && corrected != nil {
            throw ValidationError("--corrected writes one class a pixel, which --channel does not tell of its rest.")
        }
        if regions.top != nil && corrected != nil {
            throw ValidationError(
                "--corrected is written before regions are ranked: --min-score goes with it, --top not.")
        }
        if dataset.volumes && (coco != nil || labelStudio != nil) {
            throw ValidationError("--coco and --label-studio hold images: with --volumes write a table with --output.")
        }
        if regions.minScore > 1 && rule.filterBy != .calibrated {
            throw ValidationError("--min-score is from 0 to 1; only scores of --filter-by calibrated are higher.")
        }
        try RegionOptions.check(dataset)
        try regions.checkConnectivity(dataset)
        try dataset.checkReadings(for: rule.filterBy)
    }

    func run() throws {
        _ = try runOptions.perform(
            { progress, files throws(AuditError) in
                try RegionFiles(plan: try plan(files), outputs: outputs, fileNamesFile: fileNames).write(progress)
            },
            show: { (summary: RegionSummary) throws(AuditError) in
                try runOptions.show(summary.json, summary.text, warnings: summary.warnings)
            })
    }

    /// The options as values. Reads the tables of decisions and of regions that are known.
    private func plan(_ files: RunFiles) throws(AuditError) -> RegionPlan {
        var plan = RegionPlan(
            audit: try runOptions.auditPlan(dataset, rule, files), output: outputs.paths.first?.path ?? corrected)
        regions.apply(to: &plan)
        plan.correctedFile = corrected
        plan.isStored = store
        for path in known { try files.read(path) }
        try files.read(accept, fileNames)
        plan.review = try accept.map { path throws(AuditError) in try ReviewTable(path: path).review() }
        for path in known { plan.known += try ReviewTable(path: path).known() }
        return plan
    }
}
