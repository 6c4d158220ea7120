/// The rankings of `prune_by_class`, `prune_by_noise_rate` and `both`: which pixels compete, by which value, and for
/// how many places.
///
/// `prune_by_class` ranks the pixels of each given class by self-confidence, lowest first, and takes as many as the
/// joint has off the diagonal in their row. `prune_by_noise_rate` ranks them for each other class j by p[j] - p[given],
/// largest first, and takes as many as the joint has in column j. All counted pixels compete, but only contested ones
/// become issues.
///
/// **Source.** cleanlab `filter.py`, `_prune_by_class` and `_prune_by_count`.
public struct PruneRanking: Sendable {
    private let rule: FilterRule
    /// The group of each given class, or nil where none of its pixels is taken.
    private var classGroups: [Int?]
    /// For each given class, the other classes that its pixels are ranked for, and the group of each ranking.
    private var pairs: [[(label: Int, group: Int)]]
    /// How many pixels of each group are taken.
    public private(set) var ranks: [Int] = []

    /// - Parameters:
    ///   - joint: the calibrated joint.
    ///   - classCounts: counted pixels by given class.
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
                pairs[given].append((label, ranks.count))
                ranks.append(places[given, true: label])
            }
        }
    }

    /// Shows the pixels of tiles to a selection. Each thread has a walker of its own, because it holds a tile.
    public final class Walker {
        private let ranking: PruneRanking
        private let tile: WidenedTile
        /// Thresholds that no class reaches: this walk needs values and predicted classes, and no confident ones.
        private let nothingConfident: [Double]

        public init(_ ranking: PruneRanking) {
            self.ranking = ranking
            tile = WidenedTile(classCount: ranking.pairs.count)
            nothingConfident = Array(repeating: .infinity, count: ranking.pairs.count)
        }

        /// Counts every pixel in each of its rankings, for the next round of a selection.
        ///
        /// - Parameter position: the flat position of the tile's first pixel in the dataset.
        public func count(
            _ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, position: UInt64,
            for selection: GroupedSelection, into counts: inout [UInt64]
        ) {
            forEach(source, in: bytes, labels: labels, position: position) { group, value, position in
                selection.count(value, position: position, group: group, into: &counts)
            }
        }

        /// Gathers the pixels that lie in the intervals of a selection.
        public func gather(
            _ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, position: UInt64,
            for selection: GroupedSelection, into entries: inout [GroupedSelection.Entry]
        ) {
            forEach(source, in: bytes, labels: labels, position: position) { group, value, position in
                selection.gather(value, position: position, group: group, into: &entries)
            }
        }

        /// Calls `body` for each ranking that each counted pixel is in, with the group, the value (the lowest is taken
        /// first) and the flat position.
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
            // These are copied to locals so that the loop does not look them up for every pixel.
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

        /// Appends one bit per pixel, set where it is an issue. The tile starts at a whole word, as in a
        /// `CandidateRecord`.
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
