import TestSupport
import Testing

@testable import ConfidentLearning

/// Counts by probability, and the cut-off over shards that follows from them.
@Suite struct KeyCountTests {
    @Test("merging adds what is equal and keeps the order")
    func merged() {
        let a = KeyCounts(counting: [5, 1, 5, 9])
        let b = KeyCounts(counting: [5, 2])
        let both = a.merged(with: b)
        #expect(both.keys == [1, 2, 5, 9])
        #expect(both.counts == [1, 1, 3, 1])
        #expect(both.total == 6)
        #expect(KeyCounts.merged([a, b, KeyCounts()]) == both)
        #expect(KeyCounts.merged([]) == KeyCounts())
    }

    @Test("ranks, counts below and counts of a key", arguments: [(1, 1 as UInt64, 0), (2, 5, 1), (4, 5, 1), (5, 9, 4)])
    func ranks(rank: Int, key: UInt64, before: Int) throws {
        let counts = KeyCounts(counting: [9, 5, 5, 1, 5])
        let found = try #require(counts.key(ofRank: rank))
        #expect(found.key == key)
        #expect(found.before == before)
        #expect(counts.count(below: key) == before)
        #expect(counts.key(ofRank: 6) == nil)
        #expect(counts.count(of: 5) == 3)
        #expect(counts.count(of: 4) == 0)
    }

    @Test(
        "what no counting gives is refused",
        arguments: [
            ([2, 1], [1, 1]), ([1, 1], [1, 1]), ([1], [0]), ([1, 2], [1]), ([1, 2], [6, 5]), ([1], [UInt64.max]),
        ] as [([UInt64], [UInt64])])
    func refused(keys: [UInt64], counts: [UInt64]) {
        #expect(KeyCounts(keys: keys, counts: counts, limit: 10) == nil)
    }

    @Test("a bin of ten bits of mantissa holds one float16 value")
    func halfValues() {
        var histogram = KeyHistogram(groupCount: 1, mantissaBits: 10, exponents: 0...2047)
        // All finite halves that are not negative: 0, subnormal and normal ones.
        let values: [Double] = (0..<UInt16(0x7C00)).map { PlaneLoading.widened(half: $0) }
        histogram.add(values + [-0.0]) { _ in 0 }
        let counts = histogram.counts(group: 0)
        #expect(counts.keys == values.map(\.bitPattern))
        #expect(counts.counts == [2] + [UInt64](repeating: 1, count: values.count - 1))
    }

    @Test("groups are counted apart, and exponents that are not told apart with the nearest")
    func groups() {
        var histogram = KeyHistogram(groupCount: 3, mantissaBits: 2, exponents: 1021...1023)
        histogram.add([0.5, 0.6, 0.7, 1e-9, 0] as [Float]) { $0 == 1 ? 2 : 0 }
        // 0.5 to 0.625, 0.625 to 0.75, and 2^-2 for what lies below.
        #expect(histogram.counts(group: 0).keys.map { Double(bitPattern: $0) } == [0.25, 0.5, 0.625])
        #expect(histogram.counts(group: 0).counts == [2, 1, 1])
        #expect(histogram.counts(group: 1) == KeyCounts())
        #expect(histogram.counts(group: 2).total == 1)
    }

    @Test("ties at the cut-off go to the first shards", arguments: [(3, [1, 0, 0]), (5, [2, 1, 0]), (7, [2, 2, 1])])
    func ties(rank: Int, taken: [Int]) throws {
        // Two pixels lie below the window, and 2, 2 and 1 are equal to 0.25; one lies above.
        let key = (0.25).bitPattern
        let shards = [[key, key], [key, key, (0.5).bitPattern], [key]].enumerated().map { index, keys in
            ShardRanks(below: index == 1 ? 2 : 0, keys: KeyCounts(counting: keys))
        }
        let found = try #require(SelfConfidenceCutoff.over(shards, rank: rank))
        #expect(found.cutoff.value == 0.25)
        #expect(found.cutoff.tiesTaken == rank - 2)
        #expect(found.cutoff.tieTotal == 5)
        #expect(found.shards.map(\.tiesTaken) == taken)
        #expect(SelfConfidenceCutoff.over(shards, rank: 2) == nil)
        #expect(SelfConfidenceCutoff.over(shards, rank: 9) == nil)
    }

    @Test("bins leave open what lies in the threshold's bin, exact ones nothing")
    func bounds() {
        // Threshold 0.53 less 1e-6. Bins of 2 bits: 0.5 to 0.625 may be confident, 0.625 is, 0.375 to 0.5 is not.
        let counts = [0.375, 0.5, 0.5, 0.625].map(\.bitPattern)
        let thresholds = ConfidentThresholds(values: [0.53, nil])
        let contested = [KeyCounts(counting: counts), KeyCounts(counting: [(0.25).bitPattern])]
        // A class without evidence has 2e-6, which 0.25 is above.
        #expect(
            confidentContestedBounds(contested, thresholds: thresholds, mantissaBits: 2, isExact: false) == 2...4)
        #expect(confidentContestedBounds(contested, thresholds: thresholds, mantissaBits: 2, isExact: true) == 2...2)
    }
}
