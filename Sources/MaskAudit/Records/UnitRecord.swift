import ConfidentLearning
import NumPyFiles

/// What pass 1 leaves of a unit for pass 2.
struct UnitRecord: Sendable, Equatable {
    var candidates: CandidateRecord
    /// With downsampling, what is kept of the full-size pixels.
    var fullSize = FullSizeRecord()
    /// Issues that were found by further passes: one bit per pixel, placed as in `candidates`.
    var taken: [UInt64] = []
    /// Of each image that ends in the unit, where the rule leaves images out of counts; else empty.
    var counts: [ImageCounts] = []
}

extension UnitRecord {
    var byteCount: Int {
        candidates.byteCount + fullSize.byteCount + 8 * taken.count + counts.reduce(0) { $0 + $1.byteCount }
    }

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
        for image in counts { image.encode(into: &bytes) }
    }

    /// Reads what `encode(into:)` wrote; nil where the bytes are no record. They may come from any file.
    init?(decoding bytes: RawSpan) {
        var reader = RecordCoding.Reader()
        guard let candidates = CandidateRecord(decoding: bytes, with: &reader),
            let counts: [Int] = reader.take(3, from: bytes),
            let contested: [UInt64] = reader.take(counts[0], from: bytes),
            let given: [UInt16] = reader.take(counts[1], from: bytes),
            let predicted: [UInt16] = reader.take(counts[1], from: bytes),
            let taken: [UInt64] = reader.take(counts[2], from: bytes),
            contested.reduce(0, { $0 + $1.nonzeroBitCount }) == given.count
        else { return nil }
        while !reader.isAtEnd(of: bytes) {
            guard let image = ImageCounts(decoding: bytes, with: &reader) else { return nil }
            self.counts.append(image)
        }
        self.candidates = candidates
        fullSize = FullSizeRecord(contested: contested, given: given, predicted: predicted)
        self.taken = taken
    }

    /// Whether a scan of a unit can have left this record.
    ///
    /// - Parameters:
    ///   - pixels: of each image of the unit, at full size.
    ///   - factor: of downsampling.
    ///   - countedImages: how many images end in the unit and have counts of their own.
    func isScan(of pixels: [Int], factor: Int, classCount: Int, countedImages: Int) -> Bool {
        candidates.isScan(of: pixels.map { $0 / (factor * factor) }, classCount: classCount) && taken.isEmpty
            && self.counts.count == countedImages && self.counts.allSatisfy { $0.fits(classCount: classCount) }
            && (factor > 1
                ? RecordCoding.isBitmap(fullSize.contested, of: pixels) : fullSize.contested.isEmpty)
            && fullSize.given.allSatisfy { Int($0) < classCount }
            && fullSize.predicted.allSatisfy { Int($0) < classCount }
    }
}
