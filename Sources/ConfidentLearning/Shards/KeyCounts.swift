/// How many pixels have each of some probabilities: keys, which are bits of doubles (`rankingKey`), in rising order,
/// and the count of each.
///
/// Counts are added exactly and in any order, so those of the parts of a dataset make those of the whole.
public struct KeyCounts: Sendable, Equatable {
    public private(set) var keys: [UInt64] = []
    /// The count of each key, above 0.
    public private(set) var counts: [UInt64] = []

    public init() {}

    /// Nil unless keys rise, every count is above 0 and all of them add up to no more than `limit`.
    public init?(keys: [UInt64], counts: [UInt64], limit: UInt64) {
        guard keys.count == counts.count else { return nil }
        var total: UInt64 = 0
        for index in keys.indices {
            guard counts[index] > 0, counts[index] <= limit - total, index == 0 || keys[index] > keys[index - 1] else {
                return nil
            }
            total += counts[index]
        }
        self.keys = keys
        self.counts = counts
    }

    /// Counts equal keys of a list in any order.
    public init(counting list: [UInt64]) {
        for key in list.sorted() { append(key, 1) }
    }

    /// Adds to the last key, or appends a higher one.
    public mutating func append(_ key: UInt64, _ count: UInt64) {
        if keys.last == key {
            counts[counts.count - 1] += count
        } else {
            precondition(keys.last.map { $0 < key } ?? true, "keys that do not rise")
            keys.append(key)
            counts.append(count)
        }
    }

    /// Number of different keys.
    public var count: Int { keys.count }

    public var total: Int { Int(counts.reduce(0, +)) }

    /// The counts of both together.
    public func merged(with other: KeyCounts) -> KeyCounts {
        if keys.isEmpty { return other }
        if other.keys.isEmpty { return self }
        var out = KeyCounts()
        out.keys.reserveCapacity(max(count, other.count))
        out.counts.reserveCapacity(max(count, other.count))
        var a = 0
        var b = 0
        while a < count || b < other.count {
            if b == other.count || a < count && keys[a] <= other.keys[b] {
                out.append(keys[a], counts[a])
                a += 1
            } else {
                out.append(other.keys[b], other.counts[b])
                b += 1
            }
        }
        return out
    }

    /// The counts of several together. They are merged in pairs, so that each count is touched a logarithmic number of
    /// times.
    public static func merged(_ parts: [KeyCounts]) -> KeyCounts {
        var parts = parts
        while parts.count > 1 {
            parts = stride(from: 0, to: parts.count, by: 2).map {
                $0 + 1 < parts.count ? parts[$0].merged(with: parts[$0 + 1]) : parts[$0]
            }
        }
        return parts.first ?? KeyCounts()
    }

    /// How many pixels have a key.
    public func count(of key: UInt64) -> Int {
        let at = keys.partitioningIndex { $0 >= key }
        return at < count && keys[at] == key ? Int(counts[at]) : 0
    }

    /// How many pixels have a lower key.
    public func count(below key: UInt64) -> Int {
        Int(counts[..<keys.partitioningIndex { $0 >= key }].reduce(0, +))
    }

    /// The key of the n-th lowest pixel, counted from 1, and how many pixels have a lower key; nil where there are
    /// fewer pixels.
    public func key(ofRank rank: Int) -> (key: UInt64, before: Int)? {
        var before = 0
        for (key, count) in zip(keys, counts) {
            if before + Int(count) >= rank { return (key, before) }
            before += Int(count)
        }
        return nil
    }
}

/// Counts probabilities in bins of their leading bits. Each group and exponent has a page of bins, made when it is
/// needed.
struct KeyHistogram: Sendable {
    /// How many bits of a mantissa tell bins apart. With 10 each bin holds one float16 value.
    let mantissaBits: Int
    private let firstExponent: Int
    private let exponentCount: Int
    /// The page of each group and exponent, or -1 where there is none.
    private var pages: [Int32]
    private var bins: [UInt64] = []

    /// - Parameter exponents: the biased exponents that are told apart. A value below them counts as the lowest double
    ///   that has one of them, and a value above them as having the last one.
    init(groupCount: Int, mantissaBits: Int, exponents: ClosedRange<Int>) {
        self.mantissaBits = mantissaBits
        firstExponent = exponents.lowerBound
        exponentCount = exponents.count
        pages = Array(repeating: -1, count: groupCount * exponents.count)
    }

    /// Adds values, each to its group.
    ///
    /// **Cost.** The bins are moved to a local while values come in. Otherwise each value would check whether the array
    /// has other owners, which takes longer than counting it.
    @inline(__always)
    mutating func add<Value: BinaryFloatingPoint>(_ values: [Value], group: (Int) -> Int) {
        var bins = self.bins
        self.bins = []
        defer { self.bins = bins }
        let shift = UInt64(52 - mantissaBits)
        let mask = 1 << mantissaBits - 1
        for index in values.indices {
            let key = rankingKey(Double(values[index]))
            var exponent = Int(key >> 52) - firstExponent
            var bin = Int(key >> shift) & mask
            if exponent < 0 { (exponent, bin) = (0, 0) }
            let place = group(index) * exponentCount + min(exponent, exponentCount - 1)
            var page = pages[place]
            if page < 0 {
                page = Int32(bins.count >> mantissaBits)
                pages[place] = page
                bins.append(contentsOf: repeatElement(0, count: 1 << mantissaBits))
            }
            bins[Int(page) << mantissaBits + bin] &+= 1
        }
    }

    /// The counts of a group, each bin under its lowest value.
    func counts(group: Int) -> KeyCounts {
        var out = KeyCounts()
        for exponent in 0..<exponentCount {
            let page = pages[group * exponentCount + exponent]
            guard page >= 0 else { continue }
            for bin in 0..<1 << mantissaBits {
                let count = bins[Int(page) << mantissaBits + bin]
                guard count > 0 else { continue }
                out.append(
                    UInt64(firstExponent + exponent) << 52 | UInt64(bin) << UInt64(52 - mantissaBits), count)
            }
        }
        return out
    }
}

extension [UInt64] {
    /// First index of a sorted array at which `predicate` holds.
    fileprivate func partitioningIndex(_ predicate: (UInt64) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
