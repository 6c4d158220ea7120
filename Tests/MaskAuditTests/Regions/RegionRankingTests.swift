import TestSupport
import Testing

@testable import MaskAudit

@Suite struct RegionRankingTests {
    /// Regions of one pixel, an array for each of 40 images in no order; scores have `steps` values, so many are equal.
    private func parts(steps: Int) -> [[Region]] {
        var random = SplitMix(seed: UInt64(steps))
        return (0..<40).reversed().map { image in
            (0..<random.below(60)).map { row in
                let confidence = Double(random.below(steps)) / 1024
                return Region(
                    image: image, row: row, column: 0, given: 0, suggested: 1, area: 1, left: 0, top: row, width: 1,
                    height: 1, centerX: 0, centerY: Double(row), selfConfidence: confidence,
                    lowestSelfConfidence: confidence, suggestedConfidence: 0, boundaryPixels: 0, runs: [])
            }
        }
    }

    @Test("regions rank by score, then by place, whatever parts they come in", arguments: [8, 700])
    func rank(steps: Int) {
        let parts = parts(steps: steps)
        let all = Array(parts.joined())
        #expect(all.count > 1000)
        let wanted = all.sorted { ($0.selfConfidence, $0.image, $0.row) < ($1.selfConfidence, $1.image, $1.row) }
        for count in [0, 1, 5, all.count - 1, all.count, all.count + 1, Int.max] {
            #expect(rankedRegions(parts, keeping: count) == Array(wanted.prefix(count)))
            #expect(rankedRegions([all], keeping: count) == Array(wanted.prefix(count)))
        }
        #expect(rankedRegions([]).isEmpty && rankedRegions([[], []], keeping: 3).isEmpty)
    }

    @Test("what is dropped early would have been dropped in the end", arguments: [1, 2, 5, 50])
    func early(count: Int) {
        let parts = parts(steps: 8)
        let shortened = parts.map { rankedRegions([$0], keeping: count) }
        #expect(rankedRegions(shortened, keeping: count) == rankedRegions(parts, keeping: count))
    }
}
