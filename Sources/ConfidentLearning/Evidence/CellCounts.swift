/// How often each class is given where another is predicted: counted pixels of a dataset by predicted class, every other
/// class, and bin of the ratio of their probabilities.
///
/// **Shapes.** (K,K,8) each, predicted class first: `seen` are all pixels, `given` those whose label is the other class.
/// **Cost.** 128 K^2 bytes. Counts are integers, so they add up to the same for any threads, units and shards.
public struct CellCounts: Sendable, Equatable {
    /// Most classes that are counted: 32 MiB.
    public static let maximumClassCount = 512
    /// Bins of a ratio, the last axis of both arrays.
    public static let binCount = RatioBins.count

    public let classCount: Int
    public internal(set) var seen: [Int]
    public internal(set) var given: [Int]

    public init(classCount: Int) {
        precondition(classCount <= Self.maximumClassCount, "too many classes to count pairs of")
        self.classCount = classCount
        seen = Array(repeating: 0, count: classCount * classCount * Self.binCount)
        given = seen
    }

    /// Counts that were written down; nil for such as no pixels have.
    public init?(classCount: Int, seen: [Int], given: [Int]) {
        let (rows, isOver) = classCount.multipliedReportingOverflow(by: classCount)
        guard classCount <= Self.maximumClassCount, !isOver, seen.count == rows * Self.binCount,
            given.count == seen.count, zip(seen, given).allSatisfy({ 0 <= $1 && $1 <= $0 && $0 <= Self.countLimit })
        else { return nil }
        self.classCount = classCount
        self.seen = seen
        self.given = given
    }

    /// Far more pixels than there are.
    private static let countLimit = 1 << 48

    /// Adds what another part of the dataset gave.
    public mutating func merge(_ other: CellCounts) {
        precondition(classCount == other.classCount, "counts of other classes")
        for cell in seen.indices {
            seen[cell] &+= other.seen[cell]
            given[cell] &+= other.given[cell]
        }
    }

    /// The sums of both arrays by bin.
    var sums: BinSums {
        var sums = BinSums()
        for cell in seen.indices {
            sums.seen[cell % Self.binCount] &+= seen[cell]
            sums.given[cell % Self.binCount] &+= given[cell]
        }
        return sums
    }
}

/// Counts of all pairs of classes together, by bin.
struct BinSums: Sendable, Equatable {
    var seen = [Int](repeating: 0, count: RatioBins.count)
    var given = [Int](repeating: 0, count: RatioBins.count)
}
