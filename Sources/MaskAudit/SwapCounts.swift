/// Pixels by given and suggested class.
public struct SwapCounts: Sendable, Equatable {
    /// Keys are `given << 16 | suggested`: most of the K x K pairs never occur.
    private var counts: [UInt32: Int] = [:]

    public init() {}

    mutating func add(given: Int, suggested: Int, pixels: Int = 1) {
        counts[UInt32(given) << 16 | UInt32(suggested), default: 0] += pixels
    }

    mutating func merge(_ other: Self) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// All pairs that occur, commonest first, then by given and suggested class.
    public var sorted: [(given: Int, suggested: Int, pixels: Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { (Int($0.key >> 16), Int($0.key & 0xffff), $0.value) }
    }
}
