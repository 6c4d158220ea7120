/// The regions by score, the highest first and equal scores by place; the first `count` of them.
///
/// **Cost.** Scores and positions are sorted, as a region is ten times as large; then each region is copied once. A copy
/// counts a reference to the region's runs, which lie anywhere in memory: among hundreds of thousands it costs as much as
/// a quarter of the region's row in a table, so the parts are not joined before.
func rankedRegions(_ parts: [[Region]], keeping count: Int = .max) -> [Region] {
    var ranks: [(score: Double, part: Int, index: Int)] = []
    ranks.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for (part, regions) in parts.enumerated() {
        for index in regions.indices { ranks.append((regions[index].score, part, index)) }
    }
    ranks.sort { a, b in
        if a.score != b.score { return a.score > b.score }
        return parts[a.part][a.index].place < parts[b.part][b.index].place
    }
    return ranks.prefix(count).map { parts[$0.part][$0.index] }
}
