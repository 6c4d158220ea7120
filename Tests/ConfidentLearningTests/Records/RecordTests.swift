import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct RecordTests {
    static func record(_ type: PlaneType, keepsVectors: Bool, counts: [Int]) throws -> CandidateRecord {
        let scanner = PixelScanner(classCount: 3, check: .normalized, keepsVectors: keepsVectors)
        var record = CandidateRecord(isWide: type == .float64)
        var random = SplitMix(seed: 12)
        for count in counts {
            let vectors = (0..<count).map { _ in KernelTests.vector(3, &random) }
            let planes = Planes(type, classCount: 3, count: count) { vectors[$1][$0] }
            let labels = KernelTests.labels(3, count, &random)
            _ = try unsafe scanner.scan(planes.tile, in: planes.bytes.span.bytes, labels: labels.span, into: &record)
        }
        return record
    }

    @Test("a record is read back as it was", arguments: [PlaneType.float16, .float32, .float64], [true, false])
    func roundTrip(type: PlaneType, keepsVectors: Bool) throws {
        for counts in [[], [1], [64], [65, 3, 128]] {
            let record = try Self.record(type, keepsVectors: keepsVectors, counts: counts)
            var bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
            record.encode(into: &bytes)
            RecordCoding.append([42], to: &bytes)
            var reader = RecordCoding.Reader()
            let before: [UInt64]? = unsafe reader.take(1, from: bytes.span.bytes)
            let back = unsafe CandidateRecord(decoding: bytes.span.bytes, with: &reader)
            let after: [Int]? = unsafe reader.take(1, from: bytes.span.bytes)
            let isAtEnd = unsafe reader.isAtEnd(of: bytes.span.bytes)
            #expect(back == record)
            #expect(before == [0x0807_0605_0403_0201])
            #expect(after == [42])
            #expect(isAtEnd)
        }
    }

    @Test("each tile starts at a whole word")
    func words() throws {
        let record = try Self.record(.float32, keepsVectors: false, counts: [65, 3, 128])
        #expect(record.pixelCount == 196)
        #expect(record.candidateBits.count == 2 + 1 + 2)
        #expect(record.contestedBits.count == 5)
        #expect(record.contestedCount == record.contestedBits.reduce(0) { $0 + $1.nonzeroBitCount })
        #expect(record.candidateCount == record.candidateBits.reduce(0) { $0 + $1.nonzeroBitCount })
        var places: [Int] = []
        record.forEachContested { pixel, number in
            #expect(number == places.count)
            places.append(pixel)
        }
        #expect(places == places.sorted())
        #expect(places.allSatisfy { record.contestedBits[$0 / 64] >> UInt64($0 % 64) & 1 == 1 })
    }

    @Test("a record's size counts what it holds")
    func size() throws {
        let record = try Self.record(.float64, keepsVectors: true, counts: [64])
        let candidates = record.candidateCount
        let contested = record.contestedCount
        // Two words of bits; 8 bytes a candidate; 8 and twice 2 a contested pixel, and three doubles of its vector.
        #expect(record.byteCount == 16 + 8 * candidates + (8 + 4 + 24) * contested)
        #expect(record.hasVectors)
        #expect(try !Self.record(.float32, keepsVectors: false, counts: [64]).hasVectors)
    }

    @Test(
        "kept vectors are the stored values of the contested pixels",
        arguments: [
            PlaneType.float16, .float32, .float64,
        ])
    func vectors(type: PlaneType) {
        var random = SplitMix(seed: 2)
        let count = 100
        let values = (0..<count).map { _ in KernelTests.vector(5, &random) }
        let planes = Planes(type, classCount: 5, count: count) { values[$1][$0] }
        let record = scan(planes, labels: KernelTests.labels(5, count, &random)).record
        var vector = [Double](repeating: 0, count: 5)
        record.forEachContested { pixel, number in
            record.vector(number: number, into: &vector)
            #expect(vector == values[pixel])
        }
    }

    @Test("the full-size comparison gives the contested pixels of the scan")
    func compare() throws {
        var random = SplitMix(seed: 21)
        let count = 130
        let values = (0..<count).map { _ in KernelTests.vector(4, &random) }
        let planes = Planes(.float32, classCount: 4, count: count) { values[$1][$0] }
        let labels = KernelTests.labels(4, count, &random)
        let record = scan(planes, labels: labels).record
        let scanner = PixelScanner(classCount: 4, check: .normalized, keepsVectors: false)
        var fullSize = FullSizeRecord(contested: [1], given: [2], predicted: [3])
        try unsafe scanner.compare(
            planes.tile, in: planes.bytes.span.bytes, labels: labels.span, into: &fullSize)
        #expect(fullSize.contested == [1] + record.contestedBits)
        #expect(fullSize.given == [2] + record.given)
        #expect(fullSize.predicted == [3] + record.predicted)
    }

    @Test(
        "a record with values that no probability or score has is refused",
        arguments: [Double.nan, -.nan, .infinity, -.infinity, -0.5, 65_505], [PlaneType.float32, .float64])
    func strangeValues(value: Double, type: PlaneType) throws {
        let good = try Self.record(type, keepsVectors: true, counts: [40])
        func isRead(_ record: CandidateRecord) -> Bool {
            var bytes: [UInt8] = []
            record.encode(into: &bytes)
            var reader = RecordCoding.Reader()
            let read = unsafe CandidateRecord(decoding: bytes.span.bytes, with: &reader)
            return read?.isScan(of: [40], classCount: 3) == true
        }
        #expect(isRead(good))
        for path in [\CandidateRecord.selfConfidence, \.predictedConfidence, \.vectors] {
            var record = good
            if type == .float64 {
                record[keyPath: path].wide[1] = value
            } else {
                record[keyPath: path].narrow[1] = Float(value)
            }
            #expect(!isRead(record))
        }
    }
}
