/// Pass 1: sums and counts of self-confidence by given class, and the confident thresholds that follow from them.
///
/// **Units.** Sums are fixed-point integers of 2^-40, so adding is associative: the same bits come out for any
/// threads, batches and shards.
/// **Source.** Northcutt, Jiang, Chuang 2021, section 3.1 (t_j); the lower bound is cleanlab's
/// `CONFIDENT_THRESHOLDS_LOWER_BOUND`.
public struct ThresholdAccumulator: Sendable, Equatable {
    /// Two words a class, low before high: a 128-bit sum cannot overflow.
    var sumWords: [UInt64]
    var countWords: [UInt64]

    public init(classCount: Int) {
        sumWords = Array(repeating: 0, count: 2 * classCount)
        countWords = Array(repeating: 0, count: classCount)
    }

    /// Sums and counts that were written down, shapes (K,); nil for such as no pixels have: a sum above the largest score
    /// (below 2^16) a pixel.
    public init?(sums: [UInt128], counts: [Int]) {
        guard sums.count == counts.count, counts.allSatisfy({ $0 >= 0 }),
            zip(sums, counts).allSatisfy({ $0 <= UInt128($1) << 56 })
        else { return nil }
        sumWords = sums.flatMap { [UInt64(truncatingIfNeeded: $0), UInt64(truncatingIfNeeded: $0 >> 64)] }
        countWords = counts.map { UInt64($0) }
    }

    public var classCount: Int { countWords.count }

    /// Counted pixels a given class, shape (K,).
    public var counts: [Int] { countWords.map { Int($0) } }

    /// Sum of self-confidence a given class, shape (K,), in units of 2^-40.
    public var sums: [UInt128] {
        (0..<classCount).map { UInt128(sumWords[2 * $0]) | UInt128(sumWords[2 * $0 + 1]) << 64 }
    }

    /// Adds what another part of the same dataset gave.
    public mutating func merge(_ other: Self) {
        precondition(classCount == other.classCount, "accumulators of different class counts")
        for label in 0..<classCount {
            let (low, carried) = sumWords[2 * label].addingReportingOverflow(other.sumWords[2 * label])
            sumWords[2 * label] = low
            sumWords[2 * label + 1] += other.sumWords[2 * label + 1] + (carried ? 1 : 0)
            countWords[label] += other.countWords[label]
        }
    }

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

/// The confident threshold of each class: mean self-confidence of the pixels labelled with it.
public struct ConfidentThresholds: Sendable, Equatable {
    /// cleanlab's `CONFIDENT_THRESHOLDS_LOWER_BOUND`: no threshold lies below, and a class that no pixel is labelled
    /// with gets it under `low_self_confidence`.
    public static let lowerBound = 2e-6
    /// cleanlab's `FLOATING_POINT_COMPARISON`: a probability this far below the threshold still counts as confident.
    public static let slack = 1e-6

    /// Shape (K,); nil for a class without evidence.
    public let values: [Double?]

    public init(values: [Double?]) {
        self.values = values
    }

    /// Smallest probability of each class that counts as confident under `rule`; infinite where nothing does.
    func confidentFrom(_ rule: FilterRule) -> [Double] {
        values.map { value in
            guard let value else {
                return rule == .lowSelfConfidence ? Self.lowerBound - Self.slack : .infinity
            }
            return value - Self.slack
        }
    }
}
