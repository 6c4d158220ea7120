import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct RankingTests {
    /// Records of `sizes` pixels, labelled 0 of three classes; `isTied` draws from few values.
    static func records(_ type: PlaneType, sizes: [Int], isTied: Bool, seed: UInt64) -> (
        records: [CandidateRecord], values: [[Double]]
    ) {
        var random = SplitMix(seed: seed)
        var records: [CandidateRecord] = []
        var values: [[Double]] = []
        for size in sizes {
            let own = (0..<size).map { _ in isTied ? Double(random.below(5)) / 16 : random.unit() / 2 }
            let planes = Planes(type, classCount: 3, count: size) {
                $0 == 0 ? own[$1] : $0 == 1 ? (1 - own[$1]) / 4 : (1 - own[$1]) * 3 / 4
            }
            let scanned = scan(planes, labels: [Int32](repeating: 0, count: size))
            #expect(scanned.fault == nil)
            records.append(scanned.record)
            values.append(
                (0..<size).map { unsafe planes.tile.value(classIndex: 0, pixel: $0, in: planes.bytes.span.bytes) })
        }
        return (records, values)
    }

    @Test(
        "the cut-off and its ties are those of sorting", arguments: [PlaneType.float16, .float32, .float64],
        [true, false])
    func againstSorting(type: PlaneType, isTied: Bool) {
        let (records, values) = Self.records(type, sizes: [40, 1, 64, 77], isTied: isTied, seed: isTied ? 5 : 6)
        let sorted = values.flatMap { $0 }.sorted()
        for rank in [1, 2, 3, 50, 90, sorted.count - 1, sorted.count] {
            let found = cutoff(records, rank: rank)
            #expect(found?.value == sorted[rank - 1])
            // Of the equal ones, those that the rank still reaches.
            #expect(found?.tiesTaken == rank - (sorted.firstIndex(of: sorted[rank - 1]) ?? 0))
            let ties = records.reduce(0) { $0 + (found?.tieCount(in: $1) ?? 0) }
            #expect(ties == sorted.filter { $0 == sorted[rank - 1] }.count)
        }
    }

    @Test("negative zero ranks as zero")
    func negativeZero() {
        #expect(rankingKey(-0.0) == rankingKey(0))
        #expect(rankingKey(0) < rankingKey(Double.leastNonzeroMagnitude))
    }

    @Test("histograms of parts add up to the whole's")
    func histograms() {
        let (records, _) = Self.records(.float32, sizes: [30, 50], isTied: false, seed: 8)
        let ranking = SelfConfidenceRanking(rank: 10)
        var all: [UInt64] = []
        var first: [UInt64] = []
        var second: [UInt64] = []
        for record in records { ranking.histogram(of: record, into: &all) }
        ranking.histogram(of: records[0], into: &first)
        ranking.histogram(of: records[1], into: &second)
        #expect(all == zip(first, second).map { $0 + $1 })
        #expect(all.reduce(0, +) == 80)
    }

    @Test("all 64 bits narrowed give the cut-off that sorting the keys gives")
    func narrowing() {
        let (records, _) = Self.records(.float32, sizes: [30, 50], isTied: true, seed: 9)
        for rank in [1, 17, 60] {
            var ranking = SelfConfidenceRanking(rank: rank)
            for _ in 0..<4 {
                var counts: [UInt64] = []
                for record in records { ranking.histogram(of: record, into: &counts) }
                ranking.narrow(by: counts)
            }
            #expect(ranking.finish([]) == cutoff(records, rank: rank))
        }
    }

    @Test("the scanner's histogram is that of its records")
    func scanHistogram() {
        var random = SplitMix(seed: 31)
        let vectors = (0..<300).map { _ in KernelTests.vector(3, &random) }
        let planes = Planes(.float32, classCount: 3, count: 300) { vectors[$1][$0] }
        let labels = KernelTests.labels(3, 300, &random)
        for path in KernelPath.available {
            let scanner = PixelScanner(
                classCount: 3, check: .normalized, keepsVectors: false, path: path)
            var record = CandidateRecord(isWide: false)
            let counted = unsafe try? scanner.scan(
                planes.tile, in: planes.bytes.span.bytes, labels: labels.span, into: &record)
            #expect(counted == labels.filter { $0 >= 0 }.count)
            var counts: [UInt64] = []
            SelfConfidenceRanking(rank: 1).histogram(of: record, into: &counts)
            #expect(scanner.histogram == counts)
        }
    }

    @Test("a pixel that can be neither flagged nor ranked above one is not recorded")
    func candidates() {
        // 0.506 bounds a contested pixel's self-confidence, since sums are at most 1.01.
        let planes = Planes([[0.75, 0.25], [0.505, 0.495], [0.507, 0.493], [0.25, 0.75], [0.25, 0.75]])
        let record = scan(planes, labels: [0, 0, 0, 0, -1]).record
        #expect(record.pixelCount == 5)
        #expect(record.candidateCount == 2)
        #expect(record.contestedCount == 1)
    }
}
