/// Pass 1: sums and counts of self-confidence by given class, and the confident thresholds that follow from them.
///
/// **Units.** Sums are whole numbers of 2^-40. Adding integers is associative, so the same bits come out for any number
/// of threads, any batches and any shards.
/// **Source.** Northcutt, Jiang, Chuang 2021, section 3.1 (t_j); the lower bound is cleanlab's
/// `CONFIDENT_THRESHOLDS_LOWER_BOUND`.
public struct ThresholdAccumulator: Sendable, Equatable {
    /// Two words per class, low before high: a 128-bit sum cannot overflow.
    var sumWords: [UInt64]
    var countWords: [UInt64]

    public init(classCount: Int) {
        sumWords = Array(repeating: 0, count: 2 * classCount)
        countWords = Array(repeating: 0, count: classCount)
    }

    /// Sums and counts that were read from a file, shape (K,) each; nil for sums that no pixels can have. Each pixel
    /// adds less than 2^16, the bound of the largest score.
    public init?(sums: [UInt128], counts: [Int]) {
        guard sums.count == counts.count, counts.allSatisfy({ $0 >= 0 }),
            zip(sums, counts).allSatisfy({ $0 <= UInt128($1) << 56 })
        else { return nil }
        sumWords = sums.flatMap { [UInt64(truncatingIfNeeded: $0), UInt64(truncatingIfNeeded: $0 >> 64)] }
        countWords = counts.map { UInt64($0) }
    }

    public var classCount: Int { countWords.count }

    /// Counted pixels by given class, shape (K,).
    public var counts: [Int] { countWords.map { Int($0) } }

    /// Sums of self-confidence by given class, shape (K,), in units of 2^-40.
    public var sums: [UInt128] {
        (0..<classCount).map { UInt128(sumWords[2 * $0]) | UInt128(sumWords[2 * $0 + 1]) << 64 }
    }

    /// Adds the sums and counts of another part of the same dataset.
    public mutating func merge(_ other: Self) {
        precondition(classCount == other.classCount, "accumulators of different class counts")
        for label in 0..<classCount {
            let (low, carried) = sumWords[2 * label].addingReportingOverflow(other.sumWords[2 * label])
            sumWords[2 * label] = low
            sumWords[2 * label + 1] += other.sumWords[2 * label + 1] + (carried ? 1 : 0)
            countWords[label] += other.countWords[label]
        }
    }

    /// **Edge cases.** A class without counted pixels has no threshold.
    public func thresholds() -> ConfidentThresholds {
        ConfidentThresholds(
            values: zip(sums, counts).map { sum, count in
                guard count > 0 else { return nil }
                return max(Double(sum) / Self.unitsInOne / Double(count), ConfidentThresholds.lowerBound)
            })
    }

    /// What a self-confidence of 1 adds to a sum.
    public static let sumOfOne: UInt128 = 1 << 40

    static let unitsInOne = Double(sumOfOne)
}

/// The confident threshold of each class: the mean self-confidence of the counted pixels with that given label.
public struct ConfidentThresholds: Sendable, Equatable {
    /// cleanlab's `CONFIDENT_THRESHOLDS_LOWER_BOUND`. No threshold lies below it, and under `low_self_confidence` a
    /// class that no pixel is labelled with has this threshold.
    public static let lowerBound = 2e-6
    /// cleanlab's `FLOATING_POINT_COMPARISON`: a probability this far below the threshold still counts as confident.
    public static let slack = 1e-6

    /// Shape (K,); nil for a class without evidence.
    public let values: [Double?]

    public init(values: [Double?]) {
        self.values = values
    }

    /// The smallest probability of each class that counts as confident under `rule`; infinite where no probability
    /// does.
    func confidentFrom(_ rule: FilterRule) -> [Double] {
        values.map { value in
            guard let value else {
                return rule == .lowSelfConfidence ? Self.lowerBound - Self.slack : .infinity
            }
            return value - Self.slack
        }
    }
}
