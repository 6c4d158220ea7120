import ConfidentLearning

/// Pixels by given and suggested class.
public struct SwapCounts: Sendable, Equatable {
    public let classCount: Int
    /// K x K counts, given class first; empty where K is so large that pairs are kept one by one.
    private var dense: [Int]
    /// Pixels of each swap, under the key `given << 16 | suggested`.
    private var sparse: [UInt32: Int] = [:]

    /// The largest K for which K x K counts are kept, which are half a MiB then.
    static let denseLimit = 256

    public init(classCount: Int) {
        self.classCount = classCount
        dense = classCount <= Self.denseLimit ? Array(repeating: 0, count: classCount * classCount) : []
    }

    @inline(__always)
    mutating func add(given: Int, suggested: Int) {
        if dense.isEmpty {
            sparse[UInt32(given) << 16 | UInt32(suggested), default: 0] += 1
        } else {
            dense[given * classCount + suggested] += 1
        }
    }

    /// Adds issues; K is at most `denseLimit`.
    mutating func add(_ issues: FlaggedPixels) {
        issues.addPairs(classCount: classCount, to: &dense)
    }

    /// Pixels by given class.
    var byGiven: [Int] {
        var counts = [Int](repeating: 0, count: classCount)
        for (pair, count) in dense.enumerated() { counts[pair / classCount] += count }
        for (pair, count) in sparse { counts[Int(pair >> 16)] += count }
        return counts
    }

    mutating func merge(_ other: Self) {
        for (pair, count) in other.dense.enumerated() { dense[pair] += count }
        sparse.merge(other.sparse, uniquingKeysWith: +)
    }

    /// All pairs that occur, commonest first, then by given and suggested class.
    public var sorted: [(given: Int, suggested: Int, pixels: Int)] {
        let pairs =
            dense.enumerated().filter { $0.element > 0 }
            .map { (given: $0.offset / classCount, suggested: $0.offset % classCount, pixels: $0.element) }
            + sparse.map { (given: Int($0.key >> 16), suggested: Int($0.key & 0xffff), pixels: $0.value) }
        return pairs.sorted { ($1.pixels, $0.given, $0.suggested) < ($0.pixels, $1.given, $1.suggested) }
    }
}
