import ConfidentLearning

extension UnitRecord {
    /// Reads what `encode(into:)` wrote out of bytes that may be anyone's; nil for what no scan can have left of a unit.
    ///
    /// - Parameters:
    ///   - pixels: of each image of the unit, at full size.
    ///   - factor: of downsampling.
    init?(checking bytes: RawSpan, pixels: [Int], factor: Int, classCount: Int) {
        var reader = RecordCoding.CheckedReader(bytes)
        guard
            let candidates = CandidateRecord(
                checking: bytes, with: &reader, runs: pixels.map { $0 / (factor * factor) }, classCount: classCount),
            let counts: [Int] = reader.take(3, from: bytes),
            let contested: [UInt64] = reader.take(counts[0], from: bytes),
            let given: [UInt16] = reader.take(counts[1], from: bytes),
            let predicted: [UInt16] = reader.take(counts[1], from: bytes),
            counts[2] == 0, reader.isAtEnd,
            factor > 1 ? RecordCoding.isBitmap(contested, of: pixels) : contested.isEmpty,
            contested.reduce(0, { $0 + $1.nonzeroBitCount }) == counts[1],
            given.allSatisfy({ Int($0) < classCount }), predicted.allSatisfy({ Int($0) < classCount })
        else { return nil }
        self.candidates = candidates
        fullSize = FullSizeRecord(contested: contested, given: given, predicted: predicted)
    }
}
