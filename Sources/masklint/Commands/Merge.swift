import ArgumentParser
import MaskAudit
import Reporting

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Joins what masklint wrote of shards: thresholds, masks or summaries.",
        discussion: """
            What the files are is told by what they hold. Shards come in the order of their numbers (thresholds --shard), \
            without numbers in the order given. A merged file can be merged again.

            Examples:
              masklint merge *.part.npz -o thresholds.npz
              masklint merge 1.masks.npz 2.masks.npz 3.masks.npz -o issues.npz
              masklint merge 1.json 2.json 3.json -o summary.json
            """)

    @Argument(
        help: ArgumentHelp("Files of one kind.", valueName: "file"), completion: .file(extensions: ["npz", "json"]))
    var files: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "path"),
        completion: .file(extensions: ["npz", "json"]))
    var output: String

    @Flag(help: "Of thresholds: shards may be missing, to be merged later.")
    var partial = false

    @Flag(help: "Stores the output's arrays without compression.")
    var store = false

    @OptionGroup(title: "Run")
    var runOptions: RunOptions

    func validate() throws {
        try runOptions.checkArchive(output)
    }

    func run() throws {
        var warnings: [String] = []
        let merge = MergeRun(paths: files, output: output, isPartial: partial, isStored: store)
        let (json, text) = try runOptions.perform { _ throws(AuditError) -> (JSONText, String?) in
            switch try MergeKind.of(files) {
            case .part:
                let summary = try merge.parts()
                return (summary.json, output == "-" ? nil : summary.text)
            case .masks:
                let summary = try merge.masks()
                return (summary.json, output == "-" ? nil : summary.text)
            case .summary:
                try merge.checkOutput()
                let merged = try SummaryMerge(paths: files)
                if output != "-" { try merged.write(to: output) }
                warnings = merged.summary.warnings
                return (merged.json, output == "-" ? merged.json.text + "\n" : merged.summary.text)
            }
        }
        runOptions.show(json, text, warnings: warnings)
    }
}
