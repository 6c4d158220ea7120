/// The confident joint: how many counted pixels have one label and are confidently of one class, for each pair of them.
/// The class that a pixel is confidently of is called its true class.
///
/// **Shapes.** `counts` (K, K), with a row per given class and a column per true class.
/// **Cost.** K x K integers; K is limited by `maximumClassCount`.
/// **Source.** Northcutt, Jiang, Chuang 2021, section 3.1; cleanlab `count.py`, `compute_confident_joint` and
/// `calibrate_confident_joint`, `filter.py`, `_keep_at_least_n_per_class`.
public struct ConfidentJoint: Sendable, Equatable {
    /// Most classes for which K x K counts are kept: 8 MiB.
    public static let maximumClassCount = 1024

    public let classCount: Int
    /// Row after row.
    public let counts: [Int]

    public init(classCount: Int, counts: [Int]) {
        precondition(counts.count == classCount * classCount, "not K x K counts")
        self.classCount = classCount
        self.counts = counts
    }

    public subscript(given: Int, true label: Int) -> Int { counts[given * classCount + label] }

    /// The joint scaled so that each row adds up to the counted pixels of its given class, as cleanlab returns it by
    /// default.
    ///
    /// Every class first gets at least one pixel on the diagonal. Fractions are rounded so that a row keeps its sum. Of
    /// equal remainders that of the higher class gives way, where cleanlab leaves the choice to an unstable sort.
    ///
    /// **Edge cases.** A class without counted pixels has a row of zeros.
    public func calibrated(classCounts: [Int]) -> ConfidentJoint {
        precondition(classCounts.count == classCount, "not K counts")
        var scaled = [Double](repeating: 0, count: counts.count)
        for given in 0..<classCount {
            var row = Array(counts[given * classCount..<(given + 1) * classCount])
            row[given] = max(1, row[given])
            let sum = Double(row.reduce(0, +))
            for label in 0..<classCount {
                // True classes first, the order in which cleanlab's array lies in memory and is added up.
                scaled[label * classCount + given] = Double(row[label]) / sum * Double(classCounts[given])
            }
        }
        let total = max(scaled.span.pairwiseSum, .leastNormalMagnitude)
        let pixels = Double(classCounts.reduce(0, +))
        var rounded: [Int] = []
        rounded.reserveCapacity(counts.count)
        for given in 0..<classCount {
            rounded += roundedPreservingSum((0..<classCount).map { scaled[$0 * classCount + given] / total * pixels })
        }
        return ConfidentJoint(classCount: classCount, counts: rounded)
    }

    /// How many pixels of each given class are to be pruned for each true class, from a calibrated joint. The diagonal
    /// holds how many pixels of the class stay, of which there is at least one.
    public var keepingOnePerClass: ConfidentJoint {
        var kept = counts
        for given in 0..<classCount {
            let row = given * classCount..<(given + 1) * classCount
            let missing = 1 - counts[given * classCount + given]
            guard missing > 0 else { continue }
            // The other classes give what the diagonal lacks, in equal parts that are cut to whole pixels.
            let others = max(1, counts[row].count { $0 != 0 } - 1)
            for at in row {
                kept[at] = max(0, Int(Double(counts[at]) - Double(missing) / Double(others)))
            }
            kept[given * classCount + given] = 1
        }
        return ConfidentJoint(classCount: classCount, counts: kept)
    }
}

/// Integers near some numbers, which add up to the rounded sum of those numbers.
func roundedPreservingSum(_ values: [Double]) -> [Int] {
    var rounded = values.map { $0.rounded(.toNearestOrEven) }
    let wanted = values.span.pairwiseSum.rounded(.toNearestOrEven)
    var sum = rounded.span.pairwiseSum
    while abs(sum - wanted) > ConfidentThresholds.slack {
        let step: Double = wanted < sum ? -1 : 1
        let changes = min(Int(abs(wanted - sum)), values.count)
        let rising = values.indices.sorted {
            let a = values[$0] - rounded[$0]
            let b = values[$1] - rounded[$1]
            return a == b ? $0 < $1 : a < b
        }
        for index in step > 0 ? Array(rising.reversed().prefix(changes)) : Array(rising.prefix(changes)) {
            rounded[index] += step
        }
        sum = rounded.span.pairwiseSum
    }
    return rounded.map { Int($0) }
}
