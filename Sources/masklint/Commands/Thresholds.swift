import ArgumentParser
import ConfidentLearning
import MaskAudit
import Reporting

struct Thresholds: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thresholds",
        abstract: "Writes the confident thresholds of a dataset, or of a shard of one, to be merged and used again.",
        discussion: """
            Reads labels and probabilities once and writes OUTPUT (.npz): class sums that masklint merge adds up to those of \
            one run over all shards, bit for bit, and what the cut-off of low_self_confidence needs. find --thresholds takes \
            the file.

            Unless probabilities are float16, low_self_confidence over several shards takes a second round: the same \
            command again with --thresholds and the merged file, then merge again.

            Examples:
              masklint thresholds -l labels.npy -p probs.npy -o reference.npz
              masklint thresholds -l l3.npy -p p3.npy -o 3.part.npz --shard 3/8
              masklint merge *.part.npz -o t.npz
              masklint thresholds -l l3.npy -p p3.npy -o 3.rank.npz --thresholds t.npz
              masklint thresholds -l l3.npy -p p3.npy -o 3.npz --keep-records 3.rec
              masklint find --records 3.rec --thresholds t.npz -o 3.masks.npz
            """)

    @OptionGroup(title: "Dataset")
    var dataset: DatasetOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The .npz to write.", valueName: "path"),
        completion: .file(extensions: ["npz"]))
    var output: String

    @OptionGroup(title: "Rule")
    var rule: RuleOptions

    @Option(
        help: ArgumentHelp(
            "Which of how many shards the data are, from 1, such as 3/8: merge then orders them and tells which are missing.",
            valueName: "i/n"))
    var shard: ShardNumber?

    @Option(
        help: ArgumentHelp("Makes the second round of a merged file.", valueName: "file"),
        completion: .file(extensions: ["npz"]))
    var thresholds: String?

    @Option(
        help: ArgumentHelp(
            """
            Also keeps what later steps need of the data, about 2 bytes a pixel: the second round and find take it with \
            --records, and read no probabilities. Name find's --filter-by here too.
            """, valueName: "file"), completion: .file())
    var keepRecords: String?

    @OptionGroup(title: "Run")
    var runOptions: RunOptions

    func validate() throws {
        try shard?.check()
        if let shard, shard.total == nil && thresholds == nil {
            throw ValidationError("--shard is which of how many shards, such as \(shard.number)/8.")
        }
        if thresholds == nil { try dataset.checkData(for: "the first round") }
        if thresholds != nil && keepRecords != nil {
            throw ValidationError("--keep-records goes with the first round, without --thresholds.")
        }
        if keepRecords != nil && rule.filterBy.needsJoint {
            throw ValidationError(
                "--filter-by \(rule.filterBy.rawValue) reads the data several times, so records do not serve it.")
        }
        if keepRecords == "-" { throw ValidationError("--keep-records names a file: masklint alone reads it.") }
        if output == "-" { throw ValidationError("--output names a file: parts are read by masklint alone.") }
    }

    func run() throws {
        _ = try runOptions.perform(
            { progress, files throws(AuditError) in
                try ThresholdRun(plan: try plan(files), progress: progress).run()
            },
            show: { (summary: ThresholdSummary) throws(AuditError) in
                try runOptions.show(summary.json, summary.text, warnings: summary.warnings)
            })
    }

    /// The options as values.
    private func plan(_ files: RunFiles) throws(AuditError) -> ThresholdPlan {
        var plan = ThresholdPlan(audit: try runOptions.auditPlan(dataset, rule, files), output: output)
        try files.read(thresholds)
        plan.records = dataset.records
        plan.merged = thresholds.map { ($0, shard?.number) }
        plan.keptRecords = keepRecords
        if let shard, let total = shard.total { plan.shard = (shard.number, total) }
        return plan
    }
}
