/// Finds, for many groups of pixels at once, the n pixels with the lowest values, without holding or sorting all of
/// them.
///
/// The caller shows every pixel of every group again and again, and counts of bins narrow the interval in which each
/// group's cut-off lies. The bins of the first round are even in value. Those of later rounds are even in the bits of
/// doubles, which have the order of the doubles. Where more values are equal than are to be taken, further rounds
/// narrow their flat positions. As soon as few enough pixels are left in all intervals together, they are gathered and
/// sorted.
///
/// **Cost.** Usually two rounds, at most some two hundred. A thread holds 1 MiB of counters, or 16 bytes per group
/// where that is more, and at most half a million gathered pixels, which are 12 MiB.
/// **Edge cases.** Ties go to the lowest position, so that the result does not depend on the order in which pixels are
/// shown. -0.0 equals 0. A group with fewer pixels than are to be taken is taken whole.
public struct GroupedSelection: Sendable {
    /// 1 MiB, which stays in a core's own cache.
    private static let counterLimit = 1 << 17
    private static let binLimit = 1 << 12
    static let gatherLimit = 1 << 19

    private enum Phase: Sendable { case values, keys, positions, done }

    private struct Group: Sendable {
        /// How many pixels of the interval are to be taken.
        var rest: Int
        /// How many pixels the interval has.
        var sharing = Int.max
        var phase = Phase.values
        var low = UInt64.min
        var high = UInt64.max
        var firstPosition = UInt64.min
        var lastPosition = UInt64.max
    }

    private var groups: [Group]
    public let binCount: Int
    private let bound: Double
    private let scale: Double

    /// - Parameters:
    ///   - ranks: how many pixels of each group are to be taken; at least 1.
    ///   - bound: the bins of the first round divide -bound...bound.
    public init(ranks: [Int], bound: Double) {
        self.init(ranks: ranks, bound: bound, binLimit: Self.binLimit)
    }

    init(ranks: [Int], bound: Double, binLimit: Int) {
        precondition(ranks.allSatisfy { $0 > 0 } && bound > 0 && binLimit > 1, "nothing to be taken")
        groups = ranks.map { Group(rest: $0) }
        var bins = binLimit
        while bins > 2 && bins * ranks.count > Self.counterLimit { bins /= 2 }
        binCount = bins
        self.bound = bound
        scale = Double(bins) / (2 * bound)
    }

    /// What is to be done next.
    public var step: SelectionStep { step(gatherLimit: Self.gatherLimit) }

    func step(gatherLimit: Int) -> SelectionStep {
        var open = 0
        for group in groups where group.phase != .done {
            if group.sharing > gatherLimit - open { return .count }
            open += group.sharing
        }
        return .gather
    }

    public var emptyCounts: [UInt64] { Array(repeating: 0, count: groups.count * binCount) }

    /// Counts a pixel of a group. Each thread has its own `counts`, which add up.
    @inline(__always)
    public func count(_ value: Double, position: UInt64, group: Int, into counts: inout [UInt64]) {
        let bin: Int
        switch groups[group].phase {
        case .values:
            bin = evenBin(value)
        case .keys:
            let key = Self.key(value)
            let low = groups[group].low
            guard key >= low && key <= groups[group].high else { return }
            bin = Int((key - low) / width(low, groups[group].high))
        case .positions:
            let first = groups[group].firstPosition
            guard Self.key(value) == groups[group].low && position >= first && position <= groups[group].lastPosition
            else { return }
            bin = Int((position - first) / width(first, groups[group].lastPosition))
        case .done:
            return
        }
        counts[group * binCount + bin] += 1
    }

    /// Narrows every group's interval to the bin that its cut-off is in.
    public mutating func narrow(by counts: [UInt64]) {
        precondition(counts.count == groups.count * binCount, "counts of other groups")
        for number in groups.indices where groups[number].phase != .done {
            narrow(&groups[number], counts[number * binCount..<(number + 1) * binCount])
        }
    }

    private func narrow(_ group: inout Group, _ counts: ArraySlice<UInt64>) {
        var bin = counts.startIndex
        while bin < counts.endIndex && group.rest > Int(counts[bin]) {
            group.rest -= Int(counts[bin])
            bin += 1
        }
        guard bin < counts.endIndex else {
            // There are fewer pixels than are to be taken, so all of them are.
            group.high = .max
            group.lastPosition = .max
            group.phase = .done
            return
        }
        group.sharing = Int(counts[bin])
        let number = UInt64(bin - counts.startIndex)
        switch group.phase {
        case .values:
            group.low = firstKey { evenBin($0) >= Int(number) }
            group.high = number == UInt64(binCount - 1) ? .max : firstKey { evenBin($0) > Int(number) } - 1
            group.phase = .keys
        case .keys:
            (group.low, group.high) = part(number, of: group.low, group.high)
        case .positions:
            (group.firstPosition, group.lastPosition) = part(number, of: group.firstPosition, group.lastPosition)
        case .done:
            break
        }
        if group.rest == group.sharing || group.firstPosition == group.lastPosition {
            group.phase = .done
        } else if group.low == group.high {
            group.phase = .positions
        }
    }

    /// A pixel that lies in a group's interval.
    public struct Entry: Sendable {
        var group: Int
        var key: UInt64
        var position: UInt64
    }

    /// Keeps a pixel of a group where it lies in the group's interval. Each thread has its own `entries`, which are
    /// joined.
    @inline(__always)
    public func gather(_ value: Double, position: UInt64, group: Int, into entries: inout [Entry]) {
        guard groups[group].phase != .done else { return }
        let key = Self.key(value)
        guard
            key >= groups[group].low && key <= groups[group].high && position >= groups[group].firstPosition
                && position <= groups[group].lastPosition
        else { return }
        entries.append(Entry(group: group, key: key, position: position))
    }

    /// The cut-offs, from all gathered entries.
    public func finish(_ entries: [Entry]) -> [GroupedCutoff] {
        let sorted = entries.sorted { ($0.group, $0.key, $0.position) < ($1.group, $1.key, $1.position) }
        var cutoffs = groups.map { GroupedCutoff(key: $0.high, position: $0.lastPosition) }
        var start = 0
        while start < sorted.count {
            let number = sorted[start].group
            var end = start
            while end < sorted.count && sorted[end].group == number { end += 1 }
            if groups[number].rest <= end - start {
                let last = sorted[start + groups[number].rest - 1]
                cutoffs[number] = GroupedCutoff(key: last.key, position: last.position)
            } else {
                cutoffs[number] = GroupedCutoff(key: .max, position: .max)
            }
            start = end
        }
        return cutoffs
    }

    @inline(__always)
    private func evenBin(_ value: Double) -> Int {
        // This never falls where the value rises, because none of its steps does. Only a file that changed since pass 1 has
        // NaN, which is in the first bin: a comparison with it is false.
        let place = (value + bound) * scale
        return place > 0 ? Int(min(place, Double(binCount - 1))) : 0
    }

    @inline(__always)
    private func width(_ low: UInt64, _ high: UInt64) -> UInt64 { (high - low) / UInt64(binCount) + 1 }

    private func part(_ number: UInt64, of low: UInt64, _ high: UInt64) -> (UInt64, UInt64) {
        let width = width(low, high)
        let first = low + number * width
        return (first, high - first < width ? high : first + width - 1)
    }

    /// The lowest key of a finite value at which a rising condition holds.
    private func firstKey(_ holds: (Double) -> Bool) -> UInt64 {
        var low = Self.key(-.greatestFiniteMagnitude)
        var high = Self.key(.greatestFiniteMagnitude)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(Self.value(middle)) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The bits of a finite value, changed so that they have the order of the values.
    @inline(__always)
    static func key(_ value: Double) -> UInt64 {
        let bits = (value + 0.0).bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    private static func value(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }
}

/// Which pixels of a group are taken: those with a lower value than the cut-off and, of those with an equal value,
/// those up to a flat position.
public struct GroupedCutoff: Sendable, Equatable {
    let key: UInt64
    let position: UInt64

    @inline(__always)
    public func takes(_ value: Double, position: UInt64) -> Bool {
        let key = GroupedSelection.key(value)
        return key < self.key || key == self.key && position <= self.position
    }
}
