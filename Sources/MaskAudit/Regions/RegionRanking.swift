/// Collects listed regions and ranks them by score, the highest first and equal scores by place.
///
/// **Cost.** With a limit, about twice as many regions are held at a time. Scores and positions are sorted, as a region is
/// ten times as large; then each region that is kept is copied once. That copy counts a reference to the region's runs,
/// which lie anywhere in memory: among hundreds of thousands it takes a tenth of the time of the whole run. So regions
/// stay in the arrays they come in until then.
struct RegionRanking: Sendable {
    private let limit: Int
    private var parts: [[Region]] = []
    private var count = 0
    /// How many regions were left out because they rank beyond the limit.
    private(set) var droppedCount = 0

    /// How many regions are held beyond twice the limit, so that a low limit does not rank again for every image.
    private static let slack = 4096

    /// - Parameter limit: how many regions are kept; nil keeps all.
    init(keeping limit: Int?) {
        self.limit = limit ?? .max
    }

    mutating func add(_ regions: [Region]) {
        parts.append(regions)
        count += regions.count
        // Twice the limit could be more than an integer holds.
        if (count - Self.slack) / 2 >= limit { _ = rank() }
    }

    /// Adds what another thread collected under the same limit.
    mutating func add(_ other: RegionRanking) {
        droppedCount += other.droppedCount
        for part in other.parts { add(part) }
    }

    /// The regions in order of rank, up to the limit.
    mutating func rank() -> [Region] {
        var ranks: [(score: Double, part: Int, index: Int)] = []
        ranks.reserveCapacity(count)
        for (part, regions) in parts.enumerated() {
            for index in regions.indices { ranks.append((regions[index].score, part, index)) }
        }
        ranks.sort { a, b in
            if a.score != b.score { return a.score > b.score }
            return parts[a.part][a.index].place < parts[b.part][b.index].place
        }
        let ranked = ranks.prefix(limit).map { parts[$0.part][$0.index] }
        droppedCount += count - ranked.count
        parts = [ranked]
        count = ranked.count
        return ranked
    }
}
