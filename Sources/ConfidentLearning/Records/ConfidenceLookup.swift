/// The probabilities that a record holds of a pixel, found by the pixel's position, in any order.
///
/// **Cost.** One pass over the record's bits to make it, and 8 bytes for every 64 pixels. A look-up counts bits and
/// searches nothing.
public struct ConfidenceLookup: Sendable {
    /// What a record holds of a candidate.
    public struct Entry: Sendable {
        public var selfConfidence: Double
        /// Probability of the predicted label, which is the given one where the pixel is not contested.
        public var predictedConfidence: Double
        /// Nil where the pixel is not contested.
        public var predicted: Int?
        /// How many contested pixels the record has before this one.
        public var number: Int
    }

    private let record: CandidateRecord
    /// How many candidates and contested pixels there are before each word.
    private let candidatesBefore: [UInt32]
    private let contestedBefore: [UInt32]

    public init(_ record: CandidateRecord) {
        self.record = record
        candidatesBefore = Self.countsBefore(record.candidateBits)
        contestedBefore = Self.countsBefore(record.contestedBits)
    }

    private static func countsBefore(_ bits: [UInt64]) -> [UInt32] {
        var sum: UInt32 = 0
        return bits.map { word in
            defer { sum += UInt32(word.nonzeroBitCount) }
            return sum
        }
    }

    /// What the record holds of a pixel; nil where the pixel is no candidate.
    public subscript(pixel: Int) -> Entry? {
        let word = pixel >> 6
        let bit: UInt64 = 1 << UInt64(pixel & 63)
        guard record.candidateBits[word] & bit != 0 else { return nil }
        let rank = Int(candidatesBefore[word]) + (record.candidateBits[word] & (bit - 1)).nonzeroBitCount
        let own = record.selfConfidence[rank]
        let number = Int(contestedBefore[word]) + (record.contestedBits[word] & (bit - 1)).nonzeroBitCount
        guard record.contestedBits[word] & bit != 0 else {
            return Entry(selfConfidence: own, predictedConfidence: own, predicted: nil, number: number)
        }
        return Entry(
            selfConfidence: own, predictedConfidence: record.predictedConfidence[number],
            predicted: Int(record.predicted[number]), number: number)
    }
}
