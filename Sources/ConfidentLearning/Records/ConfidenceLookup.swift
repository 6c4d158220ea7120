/// The probabilities that a record holds of a pixel, found by the pixel's position in any order.
///
/// **Cost.** Eight bytes a 64 pixels, one pass over the record's bits to make it; no search later.
public struct ConfidenceLookup: Sendable {
    /// What a record knows of a candidate.
    public struct Entry: Sendable {
        public var selfConfidence: Double
        /// Of the predicted label, which is the given one where the pixel is not contested.
        public var predictedConfidence: Double
        /// nil where the pixel is not contested.
        public var predicted: Int?
        /// Running number among the contested pixels.
        public var number: Int
    }

    private let record: CandidateRecord
    /// Candidates and contested pixels before each word.
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

    /// What is known of a pixel; nil where the record has no more of it than that it is no candidate.
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
