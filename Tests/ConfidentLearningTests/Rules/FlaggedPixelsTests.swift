import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct FlaggedPixelsTests {
    func lastTaken(_ records: [CandidateRecord], _ rank: Int) -> SelfConfidenceCutoff? { cutoff(records, rank: rank) }

    @Test("bits give the masks and counts that issues one by one give", arguments: [PlaneType.float32, .float64])
    func againstIssues(type: PlaneType) throws {
        var random = SplitMix(seed: 77)
        for count in [1, 8, 63, 64, 65, 300] {
            let vectors = (0..<count).map { _ in KernelTests.vector(4, &random) }
            let planes = Planes(type, classCount: 4, count: count) { vectors[$1][$0] }
            let record = scan(planes, labels: KernelTests.labels(4, count, &random)).record
            for rank in Set([1, record.candidateCount / 2, record.candidateCount]) where rank > 0 {
                let end = try #require(lastTaken([record], rank))
                let selector = IssueSelector(
                    rule: .lowSelfConfidence, thresholds: ConfidentThresholds(values: [0.5, 0.5, 0.5, 0.5]))
                var mask = [UInt8](repeating: 0, count: count)
                var pairs = [Int](repeating: 0, count: 16)
                selector.lowSelfConfidenceTaken(
                    in: record, cutoff: end, tiesTaken: end.tiesTaken, contestedOnly: true
                ) { pixel, labels in
                    mask[pixel] = 1
                    if let labels { pairs[labels.given * 4 + labels.predicted] += 1 }
                }
                let flagged = selector.lowSelfConfidenceIssues(in: record, cutoff: end, tiesTaken: end.tiesTaken)
                var counts = [Int](repeating: 0, count: 16)
                flagged.addPairs(classCount: 4, to: &counts)
                #expect(flagged.mask(of: 0..<count) == mask)
                #expect(flagged.count(in: 0..<count) == mask.reduce(0) { $0 + Int($1) })
                #expect(counts == pairs)
            }
        }
    }

    @Test("every byte of bits becomes its eight bytes")
    func expansion() {
        let words = (0..<256).map { UInt64($0) << UInt64($0 % 8 * 8) }
        let flagged = FlaggedPixels(words: words, contested: words, given: [], suggested: [])
        for word in 0..<256 {
            let mask = flagged.mask(of: word * 64..<(word + 1) * 64)
            #expect(mask == (0..<64).map { UInt8(flagged.words[word] >> UInt64($0) & 1) })
        }
    }
}

@Suite struct LabelLookUpTests {
    /// Tables as a decoder makes them: -1 is ignored, -2 is no class.
    static let tables: [(name: String, [Int32])] = [
        ("classes alone", (0..<256).map { $0 < 21 ? $0 : -2 }),
        ("a void value above the classes", (0..<256).map { $0 < 21 ? $0 : $0 == 255 ? -1 : -2 }),
        ("a void class", (0..<256).map { $0 == 3 ? -1 : $0 < 21 ? $0 : -2 }),
        ("two void values", (0..<256).map { $0 < 21 ? $0 : $0 > 253 ? -1 : -2 }),
        ("a value mapped", (0..<256).map { $0 < 21 ? $0 : $0 == 30 ? 4 : -2 }),
        ("a gap between classes", (0..<256).map { $0 < 21 && $0 != 7 ? $0 : -2 }),
        ("all values classes", (0..<256).map { $0 }),
        ("signed bytes", (0..<256).map { $0 < 128 ? $0 : -2 }),
    ]

    @Test("labels are what the table says, whatever it says and however many there are", arguments: tables)
    func lookUp(name: String, table: [Int32]) {
        var random = SplitMix(seed: 3)
        let usable = (0..<256).filter { table[$0] != -2 }
        for count in [1, 7, 8, 511, 512, 1_003, 2_048] {
            for isBad in [false, true] {
                var bytes = (0..<count).map { _ in UInt8(usable[random.below(usable.count)]) }
                let unusable = (0..<256).first { table[$0] == -2 }
                if isBad, let unusable { bytes[random.below(count)] = UInt8(unusable) }
                var labels: [Int32] = []
                let found = unsafe PlaneLoading.lookUp(
                    bytes.span.bytes, offset: 0, count: count, table: ByteLabels(table, unusable: -2), into: &labels)
                #expect(found == (isBad && unusable != nil), "\(name), \(count)")
                if !found { #expect(labels == bytes.map { table[Int($0)] }, "\(name), \(count)") }
            }
        }
    }
}
