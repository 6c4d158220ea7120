import TestSupport
import Testing

@testable import MaskAudit

@Suite struct RegionRankingTests {
    /// Regions of one pixel, an array for each of 40 images in no order; scores have `steps` values, so many are equal.
    private func images(steps: Int) -> [[Region]] {
        var random = SplitMix(seed: UInt64(steps))
        return (0..<40).reversed().map { image in
            (0..<random.below(60)).map { row in
                let confidence = Double(random.below(steps)) / 1024
                return Region(
                    image: image, row: row, column: 0, given: 0, suggested: 1, area: 1, left: 0, top: row, width: 1,
                    height: 1, centerX: 0, centerY: Double(row), selfConfidence: confidence,
                    lowestSelfConfidence: confidence, suggestedConfidence: 0, boundaryPixels: 0, runs: [row..<row + 1])
            }
        }
    }

    private func ranked(_ parts: [[Region]], keeping limit: Int?) -> (regions: [Region], dropped: Int) {
        var ranking = RegionRanking(keeping: limit)
        for part in parts { ranking.add(part) }
        let regions = ranking.rank()
        return (regions, ranking.droppedCount)
    }

    @Test("regions rank by score, then by place, whatever parts they come in", arguments: [8, 700])
    func rank(steps: Int) {
        let parts = images(steps: steps)
        let all = Array(parts.joined())
        #expect(all.count > 1000)
        let wanted = all.sorted { ($0.selfConfidence, $0.image, $0.row) < ($1.selfConfidence, $1.image, $1.row) }
        for limit in [0, 1, 5, all.count - 1, all.count, all.count + 1, Int.max / 2 + 1, Int.max, nil] {
            for parts in [parts, [all], [[], all]] {
                let (regions, dropped) = ranked(parts, keeping: limit)
                #expect(regions == Array(wanted.prefix(limit ?? .max)))
                #expect(regions.count + dropped == all.count)
            }
        }
        #expect(ranked([], keeping: nil).regions.isEmpty && ranked([[], []], keeping: 3).regions.isEmpty)
    }

    @Test("what is dropped early would have been dropped in the end", arguments: [1, 50, 3000])
    func early(limit: Int) {
        // Many times the number at which regions are dropped before all have come.
        let parts = (0..<40).flatMap { _ in images(steps: 700) }
        let wanted = ranked([Array(parts.joined())], keeping: limit)
        var threads = [RegionRanking](repeating: RegionRanking(keeping: limit), count: 3)
        for (number, part) in parts.enumerated() { threads[number % 3].add(part) }
        var whole = RegionRanking(keeping: limit)
        for thread in threads { whole.add(thread) }
        #expect(threads.contains { $0.droppedCount > 0 })
        #expect(whole.rank() == wanted.regions)
        #expect(whole.droppedCount == wanted.dropped)
    }
}
