import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct GroupedSelectionTests {
    private struct Pixel {
        var group: Int
        var value: Double
        var position: UInt64
    }

    /// Runs rounds over the pixels until cut-offs are found; returns which pixels are taken, and the rounds of counting.
    private func select(
        _ pixels: [Pixel], ranks: [Int], binLimit: Int, gatherLimit: Int
    ) -> (taken: [Bool], rounds: Int) {
        var selection = GroupedSelection(ranks: ranks, bound: 1, binLimit: binLimit)
        var rounds = 0
        while selection.step(gatherLimit: gatherLimit) == .count {
            var counts = selection.emptyCounts
            for pixel in pixels {
                selection.count(pixel.value, position: pixel.position, group: pixel.group, into: &counts)
            }
            selection.narrow(by: counts)
            rounds += 1
        }
        var entries: [GroupedSelection.Entry] = []
        for pixel in pixels.reversed() {
            selection.gather(pixel.value, position: pixel.position, group: pixel.group, into: &entries)
        }
        #expect(entries.count <= gatherLimit)
        let cutoffs = selection.finish(entries)
        return (pixels.map { cutoffs[$0.group].takes($0.value, position: $0.position) }, rounds)
    }

    /// The same by sorting.
    private func sorted(_ pixels: [Pixel], ranks: [Int]) -> [Bool] {
        var taken = pixels.map { _ in false }
        for (group, rank) in ranks.enumerated() {
            let order = pixels.indices.filter { pixels[$0].group == group }
                .sorted { (pixels[$0].value, pixels[$0].position) < (pixels[$1].value, pixels[$1].position) }
            for index in order.prefix(rank) { taken[index] = true }
        }
        return taken
    }

    @Test(
        "takes what sorting takes, whatever the number of bins and of gathered pixels",
        arguments: [(2, 0), (2, 10), (16, 0), (4096, 0), (4096, 1000), (64, 100_000)], [1, 8, 1 << 40])
    func equalsSorting(limits: (bins: Int, gathered: Int), levels: Int) {
        // Few levels make ties, many make none.
        var generator = SplitMix(seed: UInt64(levels) &+ 7)
        let pixels = (0..<2000).map { index in
            let value = Double(Int.random(in: 0...levels, using: &generator)) / Double(levels) * 2 - 1
            return Pixel(
                group: Int.random(in: 0..<3, using: &generator), value: value,
                position: UInt64(index % 7) << 32 | UInt64(index))
        }
        let ranks = [1, 300, 620]
        let (taken, rounds) = select(pixels, ranks: ranks, binLimit: limits.bins, gatherLimit: limits.gathered)
        #expect(taken == sorted(pixels, ranks: ranks))
        #expect(taken.count { $0 } == 921)
        #expect(rounds <= 200)
    }

    @Test(
        "values that differ by one bit are told apart",
        arguments: [-1.0, -1e-300, 0, Double.leastNonzeroMagnitude, 0.25, 1])
    func neighbours(value: Double) {
        let pixels = [value.nextUp, value, value.nextUp.nextUp].enumerated().map {
            Pixel(group: 0, value: $1, position: UInt64($0))
        }
        #expect(select(pixels, ranks: [1], binLimit: 8, gatherLimit: 0).taken == [false, true, false])
        #expect(select(pixels, ranks: [2], binLimit: 8, gatherLimit: 0).taken == [true, true, false])
    }

    @Test("negative zero equals zero: the first position is taken")
    func negativeZero() {
        let pixels = [0.0, -0.0].enumerated().map { Pixel(group: 0, value: $1, position: UInt64($0)) }
        #expect(select(pixels, ranks: [1], binLimit: 8, gatherLimit: 0).taken == [true, false])
    }

    @Test("values beyond the bound are ranked all the same")
    func beyondBound() {
        let values = [65_504.0, -65_504, 3, -3, 2]
        let pixels = values.enumerated().map { Pixel(group: 0, value: $1, position: UInt64($0)) }
        #expect(select(pixels, ranks: [3], binLimit: 4, gatherLimit: 0).taken == [false, true, false, true, true])
    }

    @Test("a group smaller than its rank is taken whole", arguments: [0, 100])
    func smallGroup(gatherLimit: Int) {
        let pixels = (0..<3).map { Pixel(group: 0, value: Double($0) / 4, position: UInt64($0)) }
        #expect(select(pixels, ranks: [5], binLimit: 16, gatherLimit: gatherLimit).taken == [true, true, true])
    }

    @Test("a mebibyte of counters is shared by all groups, two bins a group at least")
    func binCount() {
        #expect(GroupedSelection(ranks: [1], bound: 1).binCount == 4096)
        #expect(GroupedSelection(ranks: Array(repeating: 1, count: 1024), bound: 1).binCount == 128)
        #expect(GroupedSelection(ranks: Array(repeating: 1, count: 1_000_000), bound: 1).binCount == 2)
    }

    @Test("values that no probability has are counted at an end, as a file that changed may hold them")
    func strangeValues() {
        let selection = GroupedSelection(ranks: [1], bound: 1)
        for (value, bin) in [
            (Double.nan, 0), (-.infinity, 0), (-.greatestFiniteMagnitude, 0),
            (.infinity, selection.binCount - 1), (.greatestFiniteMagnitude, selection.binCount - 1),
        ] {
            var counts = selection.emptyCounts
            selection.count(value, position: 0, group: 0, into: &counts)
            #expect(counts.firstIndex(of: 1) == bin, "\(value)")
        }
    }
}
