import TestSupport
import Testing

@testable import MaskAudit

@Suite struct RegionListTests {
    /// A region of one pixel whose score falls with `confidence`.
    private func region(_ image: Int, _ row: Int, confidence: Double, swap: (Int, Int) = (0, 1)) -> Region {
        Region(
            image: image, row: row, column: 0, given: swap.0, suggested: swap.1, area: 1, left: 0, top: row, width: 1,
            height: 1, centerX: 0, centerY: Double(row), selfConfidence: confidence, lowestSelfConfidence: confidence,
            suggestedConfidence: 0, boundaryPixels: 0, shape: RegionShape())
    }

    /// Regions of 40 images, appended out of order: scores of eighths, so that many are equal.
    private func list(keeping count: Int = .max) -> (list: RegionList, all: [Region], dropped: Int) {
        var random = SplitMix(seed: 4)
        var list = RegionList()
        var all: [Region] = []
        var dropped = 0
        for image in (0..<40).reversed() {
            let regions = (0..<random.below(9)).map { region(image, $0, confidence: Double(random.below(8)) / 8) }
            var part = RegionList(regions)
            dropped += part.rank(keeping: count)
            list.append(part)
            all += regions
        }
        return (list, all, dropped)
    }

    private func ranked(_ regions: [Region]) -> [[Int]] {
        regions.sorted { a, b in
            (a.selfConfidence, a.image, a.row) < (b.selfConfidence, b.image, b.row)
        }.map { [$0.image, $0.row] }
    }

    @Test("regions are sorted by score, then by place, whatever the order they were appended in")
    func order() {
        var (list, all, _) = list()
        list.sort()
        #expect(list.map { [$0.image, $0.row] } == ranked(all))
        var copied: [Region] = []
        list.copy(3..<20, into: &copied)
        #expect(copied == Array(list[3..<20]))
    }

    @Test("what is dropped early would have been dropped in the end", arguments: [1, 2, 5, 50])
    func keeping(count: Int) {
        var (list, all, dropped) = list(keeping: count)
        dropped += list.rank(keeping: count)
        #expect(list.map { [$0.image, $0.row] } == Array(ranked(all).prefix(count)))
        #expect(list.count + dropped == all.count)
        #expect(list.swaps.map(\.sum.regions) == [list.count])
    }

    @Test("the first of many are those of all when sorted", arguments: [1, 3, 500, 511, 512, 600])
    func sample(count: Int) {
        var random = SplitMix(seed: UInt64(count))
        let all = (0..<2000).map { region(0, $0, confidence: Double(random.below(700)) / 1024) }
        var list = RegionList(all)
        #expect(list.rank(keeping: count) == 2000 - count)
        #expect(list.map { [$0.image, $0.row] } == Array(ranked(all).prefix(count)))
    }

    @Test("swaps are summed up over all parts, most pixels first, then by class")
    func swaps() {
        var list = RegionList([region(0, 0, confidence: 0, swap: (2, 1)), region(0, 1, confidence: 0, swap: (0, 3))])
        list.append(RegionList([region(1, 0, confidence: 0, swap: (2, 1)), region(1, 1, confidence: 0, swap: (0, 1))]))
        #expect(
            list.swaps.map { [$0.given, $0.suggested, $0.sum.regions, $0.sum.pixels] } == [
                [2, 1, 2, 2], [0, 1, 1, 1], [0, 3, 1, 1],
            ])
    }

    @Test("shapes give back their runs on both sides of what lies in the value itself", arguments: 0...12)
    func shapes(count: Int) {
        // Two bytes a run, or three where the gap is long.
        for gap in [1, 100, 200] {
            let runs = (0..<count).map { $0 * (gap + 5)..<$0 * (gap + 5) + 5 }
            var shape = RegionShape()
            for run in runs { shape.append(run) }
            #expect(shape.runs == runs)
        }
    }
}
