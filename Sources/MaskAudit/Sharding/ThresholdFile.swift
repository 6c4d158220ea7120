import ConfidentLearning

/// A file of thresholds, and what the data are to it: other data than those it was made from, or one of its shards.
struct ThresholdFile: Sendable {
    let part: ThresholdPart
    let path: String
    /// Which of its shards the data are; nil for data that it was not made from.
    let shard: Int?

    /// Reads the file and finds the shard: the one that was named, else the one whose inputs had the same digest.
    ///
    /// **Errors.** A file that is no part, other classes or options, a shard that is none of its.
    init(path: String, named number: Int?, plan: AuditPlan, dataset: Dataset) throws(AuditError) {
        try plan.files.read(path)
        part = try ThresholdPart(path: path)
        self.path = path
        guard part.classCount == dataset.classCount else {
            throw .input(
                path, "has thresholds of \(part.classCount) classes, the data have \(dataset.classCount)",
                remedy: "name a file that was made with these classes")
        }
        if let difference = part.options.difference(from: PartOptions(plan: plan), named: "this run") {
            throw .input(path, "was made with \(difference)", remedy: "give the same options again")
        }
        if let number {
            shard = try Self.index(number, in: part, path, dataset)
        } else {
            let digest = try InputDigest(dataset)
            shard = part.shards.firstIndex { $0.digest == digest }
        }
    }

    var thresholds: ConfidentThresholds { part.thresholds }

    private static func index(
        _ number: Int, in part: ThresholdPart, _ path: String, _ dataset: Dataset
    ) throws(AuditError) -> Int {
        let index = part.shardTotal == 0 ? number - 1 : part.shards.firstIndex { $0.number == number } ?? -1
        guard part.shards.indices.contains(index) else {
            throw .input(
                path, "has no shard \(number) (it has \(part.shards.count))", remedy: "name one that was merged")
        }
        let shard = part.shards[index]
        guard shard.imageCount == dataset.images.count && shard.pixelCount == dataset.pixelCount else {
            throw .input(
                path,
                "\(part.name(of: index)) has \(shard.imageCount) images of \(shard.pixelCount) pixels, the data have "
                    + "\(dataset.images.count) of \(dataset.pixelCount)",
                remedy: "name the data's own shard with --shard")
        }
        return index
    }

    /// The cut-off for these data.
    ///
    /// **Errors.** Shards that are missing or were not all read in the second round, or a second round that is still to
    /// be made; a rule that takes the whole dataset.
    func cutoff(for rule: FilterRule) throws(AuditError) -> GivenThresholds.Cutoff {
        guard let shard else { return .ofData }
        if let missing = part.missingShardsText {
            throw .input(
                path, "lacks \(missing.text) of \(part.shardTotal)", remedy: "merge the parts of all shards")
        }
        if part.shards.count == 1 { return .ofData }
        switch rule {
        case .confidentLearning, .predictedNeqGiven, .calibrated: return .none
        case .lowSelfConfidence: break
        case .lowNormalizedMargin, .pruneByClass, .pruneByNoiseRate, .both:
            throw .input(
                path, "the data are \(part.name(of: shard)), and --filter-by \(rule.rawValue) needs the whole dataset",
                remedy: "run find over all shards at once, or choose low_self_confidence, confident_learning or "
                    + "predicted_neq_given")
        }
        switch part.cutoffState {
        case .nothingTaken: return .none
        case .known(_, let shards): return .given(shards[shard])
        case .open:
            throw .input(
                path, "the cut-off of low_self_confidence over all shards is not known yet",
                remedy:
                    "make a second round: masklint thresholds --thresholds \(printable(path)) for each shard, then merge"
            )
        case .unread(let unread):
            throw .input(
                path, "\(part.name(of: unread[0])) was not read in the second round",
                remedy: "merge the second round's parts of all shards")
        case .inconsistent:
            throw .input(path, "its counts are not those of one dataset", remedy: "make the parts again")
        }
    }
}

extension ThresholdFile {
    /// What the data are judged by under `calibrated`; nil for other rules.
    ///
    /// **Errors.** A file that was made for other rules.
    func counts(for rule: FilterRule) throws(AuditError) -> GivenThresholds.Counts? {
        guard rule == .calibrated else { return nil }
        guard let cells = part.cells else {
            throw .input(
                path, "has no counts for --filter-by calibrated",
                remedy: "make it again with masklint thresholds --filter-by calibrated")
        }
        return GivenThresholds.Counts(
            cells: cells, imageCount: part.shards.reduce(0) { $0 + $1.imageCount }, holdsData: shard != nil)
    }
}

extension ThresholdSource {
    /// The thresholds in a file that `masklint thresholds` or `merge` wrote.
    ///
    /// - Parameter shard: which of the file's shards the data are, from 1; nil finds it out.
    public static func file(_ path: String, shard: Int? = nil) -> ThresholdSource {
        ThresholdSource { plan, dataset throws(AuditError) in
            let file = try ThresholdFile(path: path, named: shard, plan: plan, dataset: dataset)
            return GivenThresholds(
                thresholds: file.thresholds, cutoff: try file.cutoff(for: plan.rule.filter),
                counts: try file.counts(for: plan.rule.filter), path: path,
                shardText: file.shard.map { file.part.name(of: $0) })
        }
    }
}
