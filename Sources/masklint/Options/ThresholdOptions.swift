import ArgumentParser
import MaskAudit

/// The options that take thresholds from a file.
struct ThresholdOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Takes the thresholds from a file that masklint thresholds or merge wrote; and where the data are one of several \
            shards that it was made from, the cut-off over all of them.
            """, valueName: "file"), completion: .file(extensions: ["npz"]))
    var thresholds: String?

    @Option(
        help: ArgumentHelp(
            "Which of the file's shards the data are, from 1, such as 3 or 3/8. Found out where it is not given.",
            valueName: "i"))
    var shard: ShardNumber?

    func validate() throws {
        if shard != nil && thresholds == nil { throw ValidationError("--shard goes with --thresholds.") }
        try shard?.check()
    }

    /// Whose thresholds the data are judged by.
    var source: ThresholdSource { thresholds.map { .file($0, shard: shard?.number) } ?? .data }
}

/// A shard, from 1, and how many there are: `3/8`, or `3`.
struct ShardNumber: ExpressibleByArgument {
    var number: Int
    var total: Int?

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let number = Int(parts[0]), number > 0 else { return nil }
        self.number = number
        guard parts.count == 2 else { return }
        guard let total = Int(parts[1]), total >= number else { return nil }
        self.total = total
    }

    /// Throws where there are more shards than a part can be of.
    func check() throws {
        guard max(number, total ?? 0) <= ThresholdPlan.shardLimit else {
            throw ValidationError("--shard is one of at most \(ThresholdPlan.shardLimit) shards.")
        }
    }
}
