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
        _ = try runOptions.perform(
            { _, runFiles throws(AuditError) in
                let merge = MergeRun(
                    paths: files, output: output, isPartial: partial, isStored: store, files: runFiles)
                try merge.noteFiles()
                switch try MergeKind.of(files) {
                case .part:
                    let summary = try merge.parts()
                    return Found(json: summary.json, text: output == "-" ? nil : summary.text)
                case .masks:
                    let summary = try merge.masks()
                    return Found(json: summary.json, text: output == "-" ? nil : summary.text)
                case .summary:
                    let merged = try SummaryMerge(paths: files)
                    if output != "-" { try merged.write(to: output, in: runFiles) }
                    return Found(
                        json: merged.json, text: output == "-" ? merged.json.text + "\n" : merged.summary.text,
                        warnings: merged.summary.warnings)
                }
            },
            show: { (found: Found) throws(AuditError) in
                try runOptions.show(found.json, found.text, warnings: found.warnings)
            })
    }

    /// What merging found, to be shown.
    private struct Found {
        var json: JSONText
        var text: String?
        var warnings: [String] = []
    }
}
