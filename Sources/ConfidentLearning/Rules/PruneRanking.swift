/// The rankings of `prune_by_class`, `prune_by_noise_rate` and `both`: which pixels compete, by what, for how many
/// places.
///
/// `prune_by_class` ranks the pixels of each given class by self-confidence, lowest first, and takes as many as the
/// joint has off the diagonal. `prune_by_noise_rate` ranks them for each other class j by p[j] - p[given], largest
/// first, and takes as many as the joint has at j. All counted pixels compete; contested ones alone are issues.
///
/// **Source.** cleanlab `filter.py`, `_prune_by_class` and `_prune_by_count`.
public struct PruneRanking: Sendable {
    private struct Pair: Sendable {
        var label: Int
        var group: Int
    }

    private let rule: FilterRule
    /// By given class: its group, or nil where none of its pixels is taken.
    private var classGroups: [Int?]
    private var pairs: [[Pair]]
    /// Places of each group.
    public private(set) var ranks: [Int] = []

    /// - Parameters:
    ///   - joint: the calibrated joint.
    ///   - classCounts: counted pixels a given class.
    public init(rule: FilterRule, joint: ConfidentJoint, classCounts: [Int]) {
        precondition(rule.needsJoint && classCounts.count == joint.classCount, "a rule without rankings")
        self.rule = rule
        let classes = 0..<joint.classCount
        classGroups = classes.map { _ in nil }
        pairs = classes.map { _ in [] }
        let places = joint.keepingOnePerClass
        for given in classes where classCounts[given] > 1 {
            // With `both`, a class that is not pruned by class has no issues.
            let byClass = classCounts[given] - places[given, true: given]
            if rule != .pruneByNoiseRate {
                guard byClass > 0 else { continue }
                classGroups[given] = ranks.count
                ranks.append(byClass)
            }
            guard rule != .pruneByClass else { continue }
            for label in classes where label != given && places[given, true: label] > 0 {
                pairs[given].append(Pair(label: label, group: ranks.count))
                ranks.append(places[given, true: label])
            }
        }
    }

    /// Walks over tiles in the rankings of one dataset. One a thread.
    public final class Walker {
        private let ranking: PruneRanking
        private let tile: WidenedTile
        /// No class is confident: the walk is after values and predicted classes alone.
        private let nothingConfident: [Double]

        public init(_ ranking: PruneRanking) {
            self.ranking = ranking
            tile = WidenedTile(classCount: ranking.pairs.count)
            nothingConfident = Array(repeating: .infinity, count: ranking.pairs.count)
        }

        /// Counts every ranking of every pixel for a selection's next round.
        ///
        /// - Parameter position: of the tile's first pixel, rising over the dataset.
        public func count(
            _ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, position: UInt64,
            for selection: GroupedSelection, into counts: inout [UInt64]
        ) {
            forEach(source, in: bytes, labels: labels, position: position) { group, value, position in
                selection.count(value, position: position, group: group, into: &counts)
            }
        }

        /// Gathers what lies in a selection's intervals.
        public func gather(
            _ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, position: UInt64,
            for selection: GroupedSelection, into entries: inout [GroupedSelection.Entry]
        ) {
            forEach(source, in: bytes, labels: labels, position: position) { group, value, position in
                selection.gather(value, position: position, group: group, into: &entries)
            }
        }

        /// Calls `body` with each ranking that each counted pixel is in: group, value (lowest is taken first) and
        /// position.
        @inline(__always)
        private func forEach(
            _ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, position: UInt64,
            _ body: (_ group: Int, _ value: Double, _ position: UInt64) -> Void
        ) {
            guard ranking.rule != .pruneByClass else {
                for pixel in labels.indices where labels[pixel] >= 0 {
                    let given = Int(labels[pixel])
                    guard let group = ranking.classGroups[given] else { continue }
                    body(group, source.value(classIndex: given, pixel: pixel, in: bytes), position + UInt64(pixel))
                }
                return
            }
            tile.widen(source, in: bytes)
            // Locals: what the loop reads is looked up once.
            let planes = tile.planes
            let pairs = ranking.pairs
            let classGroups = ranking.classGroups
            for pixel in labels.indices where labels[pixel] >= 0 {
                let given = Int(labels[pixel])
                let own = planes[given * PlaneTile.capacity + pixel]
                let at = position + UInt64(pixel)
                if let group = classGroups[given] { body(group, own, at) }
                for pair in pairs[given] { body(pair.group, own - planes[pair.label * PlaneTile.capacity + pixel], at) }
            }
        }

        /// Appends a bit a pixel, set where it is an issue; the tile starts at a whole word, as in a `CandidateRecord`.
        public func appendIssues(
            _ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, position: UInt64, cutoffs: [GroupedCutoff],
            to words: inout [UInt64]
        ) {
            tile.load(source, in: bytes, confidentFrom: nothingConfident)
            let first = words.count
            words += Array(repeating: 0, count: (labels.count + 63) / 64)
            for pixel in labels.indices where labels[pixel] >= 0 && tile.argmax[pixel] != labels[pixel] {
                let given = Int(labels[pixel])
                let predicted = Int(tile.argmax[pixel])
                let own = tile.value(given, pixel)
                let isClear = IssueSelector.isClear(
                    own: own, predictedConfidence: tile.value(predicted, pixel), given: given, predicted: predicted)
                if isClear && isTaken(pixel, given, own, position + UInt64(pixel), cutoffs) {
                    words[first + pixel / 64] |= 1 << UInt64(pixel % 64)
                }
            }
        }

        private func isTaken(
            _ pixel: Int, _ given: Int, _ own: Double, _ position: UInt64, _ cutoffs: [GroupedCutoff]
        ) -> Bool {
            if ranking.rule != .pruneByNoiseRate {
                guard let group = ranking.classGroups[given], cutoffs[group].takes(own, position: position) else {
                    return false
                }
                if ranking.rule == .pruneByClass { return true }
            }
            return ranking.pairs[given].contains {
                cutoffs[$0.group].takes(own - tile.value($0.label, pixel), position: position)
            }
        }
    }
}
