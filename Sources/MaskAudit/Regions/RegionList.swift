/// Regions in the order of their rank. They stay in the arrays that were appended: what is sorted are scores and places.
public struct RegionList: Sendable, RandomAccessCollection {
    private struct Entry: Sendable {
        var score: Double
        var part: UInt32
        var index: UInt32
    }

    /// What is listed of a given and a suggested class.
    public struct SwapSum: Sendable {
        public var regions = 0
        public var pixels = 0
    }

    /// Regions that are sorted to learn which others need not be, where few are kept.
    private static let sampleCount = 512

    private var parts: [[Region]] = []
    private var entries: [Entry] = []
    /// By `given << 16 | suggested`.
    private var sums: [Int: SwapSum] = [:]

    /// Regions in the order given.
    public init(_ regions: [Region] = []) {
        parts = [regions]
        entries.reserveCapacity(regions.count)
        for index in regions.indices {
            entries.append(Entry(score: regions[index].score, part: 0, index: UInt32(index)))
            sums[regions[index].given << 16 | regions[index].suggested, default: SwapSum()].add(
                SwapSum(regions: 1, pixels: regions[index].area))
        }
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { entries.count }
    public subscript(position: Int) -> Region {
        let entry = entries[position]
        return parts[Int(entry.part)][Int(entry.index)]
    }

    /// Given and suggested classes, those of most pixels first, then by class.
    public var swaps: [(given: Int, suggested: Int, sum: SwapSum)] {
        sums.sorted { ($1.value.pixels, $0.key) < ($0.value.pixels, $1.key) }
            .map { ($0.key >> 16, $0.key & 0xffff, $0.value) }
    }

    /// Replaces `regions` by some of these.
    ///
    /// **Cost.** They lie all over memory; copied in one go their reads overlap.
    public func copy(_ positions: Range<Int>, into regions: inout [Region]) {
        regions.removeAll(keepingCapacity: true)
        for position in positions {
            let entry = entries[position]
            regions.append(parts[Int(entry.part)][Int(entry.index)])
        }
    }

    /// Adds others behind these.
    mutating func append(_ other: RegionList) {
        guard !other.entries.isEmpty else { return }
        for (swap, sum) in other.sums { sums[swap, default: SwapSum()].add(sum) }
        let first = UInt32(parts.count)
        parts += other.parts
        entries.append(
            contentsOf: other.entries.lazy.map {
                Entry(score: $0.score, part: first + $0.part, index: $0.index)
            })
    }

    /// Sorts by score, highest first, ties by place.
    ///
    /// **Cost.** Lists that were sorted before they were appended are merged: the standard sort finds runs in order.
    mutating func sort() {
        let parts = parts
        entries.sort { a, b in
            if a.score != b.score { return a.score > b.score }
            return parts[Int(a.part)][Int(a.index)].place < parts[Int(b.part)][Int(b.index)].place
        }
    }

    /// Sorts, and moves the `count` regions of highest rank to an array of their own; returns how many others there were.
    ///
    /// Lists whose regions lie in this order are read in as many streams when they are merged: faster than all over memory.
    mutating func rank(keeping count: Int) -> Int {
        let dropped = entries.count > count ? entries.count - count : 0
        if dropped > Self.sampleCount && count < Self.sampleCount {
            // What is below the last one to keep of a sample is not sorted.
            let least = entries.prefix(Self.sampleCount).map(\.score).sorted(by: >)[count > 0 ? count - 1 : 0]
            entries.removeAll { $0.score < least }
        }
        sort()
        let regions = Array(prefix(count))
        guard dropped == 0 else {
            self = RegionList(regions)
            return dropped
        }
        parts = [regions]
        for index in entries.indices { (entries[index].part, entries[index].index) = (0, UInt32(index)) }
        return 0
    }
}

extension RegionList.SwapSum {
    fileprivate mutating func add(_ other: Self) {
        regions += other.regions
        pixels += other.pixels
    }
}

extension RegionList: Equatable {
    public static func == (a: RegionList, b: RegionList) -> Bool { a.elementsEqual(b) }
}
