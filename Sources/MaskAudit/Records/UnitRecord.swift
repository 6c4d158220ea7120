import ConfidentLearning
import NumPyFiles

/// What pass 1 leaves of a unit for pass 2.
struct UnitRecord: Sendable, Equatable {
    var candidates: CandidateRecord
    /// With downsampling, what is kept of the full-size pixels.
    var fullSize = FullSizeRecord()
    /// Issues that were found by further passes: one bit per pixel, placed as in `candidates`.
    var taken: [UInt64] = []
}

extension UnitRecord {
    var byteCount: Int { candidates.byteCount + fullSize.byteCount + 8 * taken.count }

    /// Counted full-size pixels whose predicted label is not the given one, as both classes; `isDownsampled` says which of
    /// the two records has them.
    func contested(isDownsampled: Bool) -> (given: [UInt16], predicted: [UInt16]) {
        isDownsampled ? (fullSize.given, fullSize.predicted) : (candidates.given, candidates.predicted)
    }

    /// Empties the record and keeps its memory, to be filled again.
    mutating func removeAll(isWide: Bool) {
        candidates.removeAll(isWide: isWide)
        fullSize.removeAll()
    }

    /// The same record in memory that it fills.
    func compacted() -> UnitRecord {
        UnitRecord(candidates: candidates.compacted(), fullSize: fullSize.compacted())
    }

    func encode(into bytes: inout [UInt8]) {
        candidates.encode(into: &bytes)
        RecordCoding.append([fullSize.contested.count, fullSize.given.count, taken.count], to: &bytes)
        RecordCoding.append(fullSize.contested, to: &bytes)
        RecordCoding.append(fullSize.given, to: &bytes)
        RecordCoding.append(fullSize.predicted, to: &bytes)
        RecordCoding.append(taken, to: &bytes)
    }

    init(decoding bytes: RawSpan) {
        var reader = RecordCoding.Reader()
        candidates = CandidateRecord(decoding: bytes, with: &reader)
        let counts: [Int] = reader.take(3, from: bytes)
        fullSize = FullSizeRecord(
            contested: reader.take(counts[0], from: bytes), given: reader.take(counts[1], from: bytes),
            predicted: reader.take(counts[1], from: bytes))
        taken = reader.take(counts[2], from: bytes)
    }
}
