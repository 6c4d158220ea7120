/// What pass 2 needs of a run of consecutive pixels, so that the probabilities are read once.
///
/// The record keeps candidates: the contested pixels, and those uncontested ones whose self-confidence may lie below
/// the cut-off of `low_self_confidence`. Other pixels can be neither flagged nor ranked above a flagged pixel.
/// **Cost.** Two bits per pixel, 4 bytes per candidate and 8 more per contested pixel (8 and 12 for float64 data), and
/// K values per contested pixel where class vectors are kept.
public struct CandidateRecord: Sendable, Equatable {
    /// Pixels of the run, on the grid that is scored.
    public internal(set) var pixelCount = 0
    /// One bit per pixel, the first pixel in the lowest bit of the first word. Each tile starts at a whole word.
    var candidateBits: [UInt64] = []
    var contestedBits: [UInt64] = []
    /// The self-confidence of each candidate, in pixel order.
    var selfConfidence: ConfidenceList
    /// The probability of each contested pixel's predicted label, in pixel order.
    var predictedConfidence: ConfidenceList
    /// The predicted and the given label of each contested pixel, in pixel order.
    public internal(set) var predicted: [UInt16] = []
    public internal(set) var given: [UInt16] = []
    /// K values for each contested pixel where class vectors are kept, and otherwise empty.
    var vectors: ConfidenceList

    public init(isWide: Bool) {
        selfConfidence = ConfidenceList(isWide: isWide)
        predictedConfidence = ConfidenceList(isWide: isWide)
        vectors = ConfidenceList(isWide: isWide)
    }

    /// Whether values are doubles.
    public var isWide: Bool { selfConfidence.isWide }
    public var candidateCount: Int { selfConfidence.count }
    public var contestedCount: Int { predicted.count }
    public var hasVectors: Bool { vectors.count > 0 || contestedCount == 0 }

    /// The probability of the predicted label of a contested pixel, by its running number.
    public func predictedProbability(_ number: Int) -> Double { predictedConfidence[number] }

    /// Bytes that the record holds.
    public var byteCount: Int {
        let value = selfConfidence.isWide ? 8 : 4
        return 8 * (candidateBits.count + contestedBits.count) + 2 * (predicted.count + given.count)
            + value * (selfConfidence.count + predictedConfidence.count + vectors.count)
    }

    /// Empties the record. Its memory is kept, so that the next record needs no fresh pages.
    public mutating func removeAll(isWide: Bool) {
        pixelCount = 0
        candidateBits.removeAll(keepingCapacity: true)
        contestedBits.removeAll(keepingCapacity: true)
        selfConfidence.removeAll(isWide: isWide)
        predictedConfidence.removeAll(isWide: isWide)
        vectors.removeAll(isWide: isWide)
        predicted.removeAll(keepingCapacity: true)
        given.removeAll(keepingCapacity: true)
    }

    /// The same record in memory of exactly its size.
    public func compacted() -> CandidateRecord {
        var copy = CandidateRecord(isWide: isWide)
        copy.pixelCount = pixelCount
        copy.candidateBits = exactCopy(candidateBits)
        copy.contestedBits = exactCopy(contestedBits)
        copy.selfConfidence = selfConfidence.compacted()
        copy.predictedConfidence = predictedConfidence.compacted()
        copy.vectors = vectors.compacted()
        copy.predicted = exactCopy(predicted)
        copy.given = exactCopy(given)
        return copy
    }

    /// Calls `body` with the position and running number of each contested pixel, in pixel order.
    func forEachContested<E: Error>(_ body: (_ pixel: Int, _ number: Int) throws(E) -> Void) throws(E) {
        var number = 0
        for (word, bits) in contestedBits.enumerated() {
            var rest = bits
            while rest != 0 {
                try body(word * 64 + rest.trailingZeroBitCount, number)
                number += 1
                rest &= rest - 1
            }
        }
    }
}
