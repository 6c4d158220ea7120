import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct FullSizeRecordTests {
    /// The definition, pixel by pixel: a contested pixel of a taken block is an issue; it suggests what its block
    /// suggests or, where that is nothing or its own given label, its own predicted label.
    static func plain(
        _ record: FullSizeRecord, images: [(rows: Int, width: Int)], factor: Int, suggestions: [Int32]
    ) -> [FoundIssue] {
        var found: [FoundIssue] = []
        var firstPixel = 0
        var firstBlock = 0
        var number = 0
        for (rows, width) in images {
            for pixel in 0..<rows * width {
                let at = firstPixel + pixel
                guard record.contested[at / 64] >> UInt64(at % 64) & 1 == 1 else { continue }
                let block = pixel / width / factor * (width / factor) + pixel % width / factor
                let suggestion = suggestions[firstBlock + block]
                let own = Int(record.predicted[number])
                let given = Int(record.given[number])
                if suggestion != -1 {
                    let isUsable = suggestion >= 0 && Int(suggestion) != given
                    found.append(FoundIssue(at, given, isUsable ? Int(suggestion) : own))
                }
                number += 1
            }
            firstPixel += (rows * width + 63) / 64 * 64
            firstBlock += (rows * width / (factor * factor) + 63) / 64 * 64
        }
        return found
    }

    @Test(
        "taken blocks flag their contested pixels, in images of any size",
        arguments: [
            (factor: 1, images: [(3, 5)]), (factor: 2, images: [(2, 2), (4, 6), (6, 66)]),
            (factor: 3, images: [(9, 3), (3, 201)]), (factor: 4, images: [(8, 64), (0, 4), (4, 0), (4, 132)]),
            (factor: 7, images: [(14, 21)]),
        ])
    func flagged(factor: Int, images: [(Int, Int)]) {
        let images = images.map { (rows: $0.0, width: $0.1) }
        var random = SplitMix(seed: UInt64(factor))
        for share in [0, 1, 3, 10] {
            var record = FullSizeRecord()
            var suggestions: [Int32] = []
            for (rows, width) in images {
                var words = [UInt64](repeating: 0, count: (rows * width + 63) / 64)
                for pixel in 0..<rows * width where random.below(10) < share {
                    words[pixel / 64] |= 1 << UInt64(pixel % 64)
                    let given = random.below(4)
                    record.given.append(UInt16(given))
                    record.predicted.append(UInt16((given + 1 + random.below(3)) % 4))
                }
                record.contested += words
                let blocks = rows * width / (factor * factor)
                suggestions += (0..<(blocks + 63) / 64 * 64).map { $0 < blocks ? Int32(random.below(6)) - 2 : -1 }
            }
            let expected = Self.plain(record, images: images, factor: factor, suggestions: suggestions)
            let flagged = record.flagged(images: images, factor: factor, suggestions: suggestions)
            var found: [FoundIssue] = []
            flagged.forEachIssue { found.append(FoundIssue($0, $1, $2)) }
            #expect(found == expected)
            var counts = [Int](repeating: 0, count: 16)
            flagged.addPairs(classCount: 4, to: &counts)
            var pairs = [Int](repeating: 0, count: 16)
            for issue in expected { pairs[issue.given * 4 + issue.suggested] += 1 }
            #expect(counts == pairs)
            #expect(flagged.count(in: 0..<record.contested.count * 64) == expected.count)
        }
    }

    @Test("a copy of its own size is the same record")
    func compacted() {
        let record = FullSizeRecord(contested: [5], given: [1, 2], predicted: [2, 1])
        #expect(record.compacted() == record)
        #expect(FullSizeRecord().compacted() == FullSizeRecord())
    }
}

@Suite struct CutoffTests {
    /// A word that is not the last is looked at eight values at a time: every place of it, and cut-offs that are a float,
    /// lie between two, or are none's value.
    @Test("pixels below a cut-off are taken, and the first ones equal to it", arguments: [PlaneType.float32, .float64])
    func taken(type: PlaneType) {
        var random = SplitMix(seed: 8)
        let values: [Double] = [0.25, 0.375, 0.3125, 0.40625]
        for count in [1, 9, 64, 65, 200, 257] {
            let own = (0..<count).map { _ in values[random.below(4)] }
            // Contested, so all are candidates.
            let planes = Planes(type, classCount: 2, count: count) { $0 == 0 ? own[$1] : 1 - own[$1] }
            let record = scan(planes, labels: [Int32](repeating: 0, count: count)).record
            for cutoff in values + [0.3, Double(Float(0.3)), 0.25.nextDown, 0.375.nextUp, 0, 1] {
                let equal = own.indices.filter { own[$0] == cutoff }
                for ties in Set([0, 1, equal.count / 2, equal.count]) {
                    let words = record.taken(
                        by: SelfConfidenceCutoff(key: cutoff.bitPattern, tiesTaken: ties, tieTotal: equal.count),
                        ties: ties)
                    let taken = own.indices.filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
                    let expected = own.indices.filter { own[$0] < cutoff || equal.prefix(ties).contains($0) }
                    #expect(taken == expected, "\(count) pixels, \(cutoff), \(ties) ties")
                }
            }
        }
    }
}
