extension CandidateRecord {
    /// Appends the record's bytes: six counts, then each array as it lies in memory.
    public func encode(into bytes: inout [UInt8]) {
        let counts = [
            pixelCount, candidateBits.count, selfConfidence.count, predicted.count, vectors.count, isWide ? 1 : 0,
        ]
        RecordCoding.append(counts, to: &bytes)
        RecordCoding.append(candidateBits, to: &bytes)
        RecordCoding.append(contestedBits, to: &bytes)
        for list in [selfConfidence, predictedConfidence, vectors] {
            RecordCoding.append(list.narrow, to: &bytes)
            RecordCoding.append(list.wide, to: &bytes)
        }
        RecordCoding.append(predicted, to: &bytes)
        RecordCoding.append(given, to: &bytes)
    }

    /// Reads back what `encode(into:)` appended; nil where the bytes are no record. They may come from any file: a
    /// record that is read has one value for each bit, so whoever walks over it stays inside its arrays.
    public init?(decoding bytes: RawSpan, with reader: inout RecordCoding.Reader) {
        guard let counts: [Int] = reader.take(6, from: bytes), counts[5] == 0 || counts[5] == 1,
            let candidates: [UInt64] = reader.take(counts[1], from: bytes),
            let contested: [UInt64] = reader.take(counts[1], from: bytes),
            candidates.bitCount == counts[2], contested.bitCount == counts[3],
            candidates.indices.allSatisfy({ candidates[$0] & contested[$0] == contested[$0] })
        else { return nil }
        self.init(isWide: counts[5] == 1)
        pixelCount = counts[0]
        candidateBits = candidates
        contestedBits = contested
        guard selfConfidence.fill(counts[2], from: bytes, with: &reader),
            predictedConfidence.fill(counts[3], from: bytes, with: &reader),
            vectors.fill(counts[4], from: bytes, with: &reader),
            let predicted: [UInt16] = reader.take(counts[3], from: bytes),
            let given: [UInt16] = reader.take(counts[3], from: bytes)
        else { return nil }
        self.predicted = predicted
        self.given = given
    }

    /// Whether a scan of some images can have left this record. Any probabilities from 0 to the largest score are taken:
    /// they do no more than flag other pixels. NaN and infinities have no place in the order that rules rank pixels by.
    ///
    /// - Parameter pixels: of each image of the run, on the grid that is scored.
    public func isScan(of pixels: [Int], classCount: Int) -> Bool {
        pixelCount == pixels.reduce(0, +) && RecordCoding.isBitmap(candidateBits, of: pixels)
            && (vectors.count == 0
                || vectors.count == contestedCount.multipliedReportingOverflow(by: classCount).partialValue)
            && predicted.allSatisfy { Int($0) < classCount } && given.allSatisfy { Int($0) < classCount }
            && selfConfidence.holdsScores && predictedConfidence.holdsScores && vectors.holdsScores
    }
}

extension ConfidenceList {
    /// Whether all values can be probabilities or scores; NaN compares as false.
    fileprivate var holdsScores: Bool {
        narrow.allSatisfy { $0 >= 0 && $0 <= Float(ProbabilityCheck.largestScore) }
            && wide.allSatisfy { $0 >= 0 && $0 <= ProbabilityCheck.largestScore }
    }

    /// Replaces the values by the next `count` of some bytes; false where there are not so many.
    fileprivate mutating func fill(
        _ count: Int, from bytes: RawSpan, with reader: inout RecordCoding.Reader
    ) -> Bool {
        if isWide {
            guard let values: [Double] = reader.take(count, from: bytes) else { return false }
            wide = values
        } else {
            guard let values: [Float] = reader.take(count, from: bytes) else { return false }
            narrow = values
        }
        return true
    }
}
