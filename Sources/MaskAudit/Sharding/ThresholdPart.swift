import ConfidentLearning

/// What `masklint thresholds` leaves of one shard or `masklint merge` of several: class sums, and what the cut-off of
/// `low_self_confidence` over all shards takes from each. A merged part is a part again.
///
/// In the first round pixels are counted by probability, in bins. Where each bin holds one value (float16) the cut-off
/// follows; else a second round counts exact values in the window that the bins leave open.
struct ThresholdPart: Sendable, Equatable {
    struct Shard: Sendable, Equatable {
        var digest: InputDigest
        /// The shard's number from 1; 0 where none was given.
        var number = 0
        var imageCount: Int
        var pixelCount: Int
        var ignoredCount: Int
        /// Candidates below the window, in a second round; nil where the shard is still to be read in it.
        var below: Int?
    }

    var options: PartOptions
    /// Shards of the dataset; 0 where none was given.
    var shardTotal = 0
    /// One entry per image, in dataset order.
    var shards: [Shard]
    var totals: ThresholdAccumulator
    /// Counted pixels of each given class, at full size.
    var labelCounts: [Int]
    /// Whether each bin of the first round holds one value.
    var isExact: Bool
    /// First round: contested pixels of all shards by predicted class, as of `ShardTally`. Empty in a second round.
    var contested: [KeyCounts]
    /// Candidates by self-confidence: one list per shard where they are exact or in a window, else one list for all shards.
    var candidates: [KeyCounts]
    /// What `calibrated` counts, of all shards; nil where the parts were made for other rules.
    var cells: CellCounts?
    /// Second round: the values that are counted. Nil in the first.
    var window: CutoffWindow?
    /// Second round: what the shards that were read in it have of the pixels that the rule takes.
    var rank = 0

    var classCount: Int { labelCounts.count }
    var thresholds: ConfidentThresholds { totals.thresholds() }

    /// Bins of contested pixels' probabilities.
    var mantissaBits: Int { ShardTally.mantissaBits(classCount: classCount) }

    /// What a message calls a shard.
    func name(of index: Int) -> String {
        let shard = shards[index]
        return shard.number > 0
            ? "shard \(shard.number) of \(shardTotal)"
            : "shard \(index + 1) of \(shards.count), in the order they were merged"
    }

    /// Whether every shard is known to be in it.
    var isComplete: Bool { shardTotal > 0 && shards.count == shardTotal }
}

extension ThresholdPart {
    /// What is known of the cut-off of `low_self_confidence` over all shards.
    enum CutoffState: Sendable, Equatable {
        /// No pixel is to be taken.
        case nothingTaken
        /// The cut-off, and what each shard contributes of the pixels equal to it.
        case known(SelfConfidenceCutoff, shards: [SelfConfidenceCutoff])
        /// A second round has to count the values in this window.
        case open(CutoffWindow)
        /// The second round lacks these shards, by index.
        case unread([Int])
        /// The counts cannot be those of one dataset.
        case inconsistent
    }

    var cutoffState: CutoffState {
        if window != nil {
            let unread = shards.indices.filter { shards[$0].below == nil }
            guard unread.isEmpty else { return .unread(unread) }
            return rank == 0 ? .nothingTaken : exactCutoff(rank: rank)
        }
        let bounds = confidentContestedBounds(
            contested, thresholds: thresholds, mantissaBits: mantissaBits, isExact: isExact)
        if bounds.upperBound == 0 { return .nothingTaken }
        if isExact { return exactCutoff(rank: bounds.lowerBound) }
        return CutoffWindow(binned: candidates[0], rank: bounds).map { .open($0) } ?? .inconsistent
    }

    private func exactCutoff(rank: Int) -> CutoffState {
        let ranks = zip(shards, candidates).map { ShardRanks(below: $0.below ?? 0, keys: $1) }
        guard let found = SelfConfidenceCutoff.over(ranks, rank: rank) else { return .inconsistent }
        return .known(found.cutoff, shards: found.shards)
    }

    /// How many pixels the rule takes of all shards, where the first round tells.
    private var exactRank: Int {
        confidentContestedBounds(contested, thresholds: thresholds, mantissaBits: mantissaBits, isExact: true)
            .lowerBound
    }

    /// A second round that has nothing left to count: this one, or of a first one that leaves nothing open, the ties at the
    /// cut-off alone. Nil where something is left.
    var narrowed: ThresholdPart? {
        var part = self
        part.contested = []
        switch cutoffState {
        case .nothingTaken where window != nil, .known where window != nil: break
        case .nothingTaken:
            part.window = CutoffWindow(start: 0, end: 0)
            part.candidates = shards.map { _ in KeyCounts() }
            for index in shards.indices { part.shards[index].below = 0 }
        case .known(let cutoff, _):
            let key = cutoff.value.bitPattern
            part.window = CutoffWindow(start: key, end: key + 1)
            part.rank = exactRank
            for index in shards.indices {
                var ties = KeyCounts()
                let count = candidates[index].count(of: key)
                if count > 0 { ties.append(key, UInt64(count)) }
                part.shards[index].below = candidates[index].count(below: key)
                part.candidates[index] = ties
            }
        case .open, .unread, .inconsistent: return nil
        }
        return part
    }

    /// One shard's share of a second round, while the others are unread.
    func only(_ index: Int) -> ThresholdPart {
        var part = self
        for other in shards.indices where other != index && shards[other].pixelCount > 0 {
            part.shards[other].below = nil
            part.candidates[other] = KeyCounts()
        }
        // Pixels that are to be taken add up over parts, so one of them has those of all: one that comes once.
        if index != shards.firstIndex(where: { $0.pixelCount > 0 }) { part.rank = 0 }
        return part
    }

    /// A second round that no shard has been read in yet.
    func round(_ window: CutoffWindow) -> ThresholdPart {
        var part = self
        part.contested = []
        part.candidates = shards.map { _ in KeyCounts() }
        part.window = window
        part.rank = 0
        // A shard without pixels is read already.
        for index in shards.indices { part.shards[index].below = shards[index].pixelCount == 0 ? 0 : nil }
        return part
    }
}
