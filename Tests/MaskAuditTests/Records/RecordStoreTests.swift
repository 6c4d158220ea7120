import TestSupport
import Testing

@testable import ConfidentLearning
@testable import MaskAudit

@Suite struct RecordStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A record of one tile, of a size that depends on `number`.
    static func record(_ number: Int) throws -> UnitRecord {
        let count = 10 + number * 30
        let bytes =
            (0..<count).flatMap { _ in elementBytes(0.25, "<f4") }
            + (0..<count).flatMap { _ in elementBytes(0.75, "<f4") }
        let scanner = PixelScanner(classCount: 2, check: .normalized, keepsVectors: number % 2 == 0)
        var record = UnitRecord(candidates: CandidateRecord(isWide: false))
        let labels = [Int32](repeating: number % 3 == 0 ? 1 : 0, count: count)
        _ = try unsafe scanner.scan(
            PlaneTile(type: .float32, classCount: 2, offset: 0, stride: count, count: count), in: bytes.span.bytes,
            labels: labels.span, into: &record.candidates)
        record.fullSize = FullSizeRecord(
            contested: [UInt64(1) << UInt64(number), 7], given: Array(repeating: UInt16(number), count: 4),
            predicted: Array(repeating: UInt16(number + 1), count: 4))
        record.taken = Array(repeating: 5, count: number % 3)
        return record
    }

    @Test("records come back as they were, held or spooled", arguments: [0, 100, 500, 1 << 20])
    func roundTrip(limit: Int) throws {
        let records = try (0..<8).map { try Self.record($0) }
        let store = RecordStore(unitCount: 8, limitBytes: limit, folder: folder.path)
        for number in [3, 0, 7, 1, 2, 6, 5, 4] { try store.store(records[number], unit: number) }
        for number in records.indices {
            #expect(try store.record(unit: number) == records[number])
            #expect(try store.record(unit: number) == records[number])
        }
        // The temporary file has no name.
        #expect(try folder.names == [])
    }

    @Test("a folder that cannot be written to is named")
    func noFolder() throws {
        let store = RecordStore(unitCount: 1, limitBytes: 0, folder: folder("none"))
        let record = try Self.record(1)
        do throws(AuditError) {
            try store.store(record, unit: 0)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.description.contains(folder("none")))
        }
        let roomy = RecordStore(unitCount: 1, limitBytes: 1 << 20, folder: folder("none"))
        #expect(throws: Never.self) { try roomy.store(record, unit: 0) }
    }

    @Test("bytes of a record that were cut or changed are no record, or one that can be walked over")
    func damagedBytes() throws {
        let record = try Self.record(5)
        var bytes: [UInt8] = []
        record.encode(into: &bytes)
        for count in bytes.indices {
            #expect(unsafe UnitRecord(decoding: bytes.span.extracting(..<count).bytes) == nil)
        }
        #expect(unsafe UnitRecord(decoding: (bytes + [0]).span.bytes) == nil)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x81
            guard let read = unsafe UnitRecord(decoding: damaged.span.bytes) else { continue }
            #expect(read.candidates.candidateCount == record.candidates.candidateCount)
            #expect(read.candidates.contestedCount == record.candidates.contestedCount)
            #expect(read.fullSize.given.count == record.fullSize.given.count)
        }
    }

    @Test("a record's size is about what its bytes take")
    func size() throws {
        for number in 0..<4 {
            let record = try Self.record(number)
            var bytes: [UInt8] = []
            record.encode(into: &bytes)
            // Nine counts of 8 bytes beside the arrays.
            #expect(bytes.count == record.byteCount + 72)
        }
    }
}
