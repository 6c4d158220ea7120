/// What one shard contributes to the cut-off of `low_self_confidence` over all shards.
public struct ShardRanks: Sendable, Equatable {
    /// How many candidates lie below the window in which keys are counted.
    public var below: Int
    /// The candidates in the window, by exact key.
    public var keys: KeyCounts

    public init(below: Int, keys: KeyCounts) {
        self.below = below
        self.keys = keys
    }
}

extension SelfConfidenceCutoff {
    /// The cut-off over several shards, and for each shard how many of its pixels equal to the cut-off are taken. Those
    /// are the first ones in the order of the shards. Nil where the shards hold fewer than `rank` pixels up to the end
    /// of their window, or as many below its start.
    public static func over(
        _ shards: [ShardRanks], rank: Int
    ) -> (cutoff: SelfConfidenceCutoff, shards: [SelfConfidenceCutoff])? {
        let rest = rank - shards.reduce(0) { $0 + $1.below }
        let all = KeyCounts.merged(shards.map(\.keys))
        guard rest > 0, let (key, before) = all.key(ofRank: rest) else { return nil }
        let whole = SelfConfidenceCutoff(key: key, tiesTaken: rest - before, tieTotal: all.count(of: key))
        var left = whole.tiesTaken
        return (
            whole,
            shards.map { shard in
                let total = shard.keys.count(of: key)
                let taken = min(left, total)
                left -= taken
                return SelfConfidenceCutoff(key: key, tiesTaken: taken, tieTotal: total)
            }
        )
    }
}

/// How many pixels `low_self_confidence` is to take, as far as bins tell.
///
/// - Parameters:
///   - contested: for each class what `ShardTally.contested` gives, of all shards together.
///   - isExact: whether each bin holds no value but its lowest.
public func confidentContestedBounds(
    _ contested: [KeyCounts], thresholds: ConfidentThresholds, mantissaBits: Int, isExact: Bool
) -> ClosedRange<Int> {
    let confidentFrom = thresholds.confidentFrom(.lowSelfConfidence)
    let width: UInt64 = 1 << UInt64(52 - mantissaBits)
    var sure = 0
    var possible = 0
    for (counts, from) in zip(contested, confidentFrom) {
        for (key, count) in zip(counts.keys, counts.counts) {
            if Double(bitPattern: key) >= from {
                sure += Int(count)
            } else if !isExact && Double(bitPattern: key + width) > from {
                possible += Int(count)
            }
        }
    }
    return sure...sure + possible
}

extension CutoffWindow {
    /// The window between whose values the cut-off lies, from counts in bins; nil where the bins hold fewer pixels than
    /// are to be taken.
    ///
    /// - Parameter rank: how many pixels are to be taken, as far as that is known. Its upper bound is at least 1.
    public init?(binned candidates: KeyCounts, rank: ClosedRange<Int>) {
        guard let low = candidates.key(ofRank: max(1, rank.lowerBound)),
            let high = candidates.key(ofRank: rank.upperBound)
        else { return nil }
        self.init(start: low.key, end: high.key + 1 << UInt64(52 - 10))
    }
}
