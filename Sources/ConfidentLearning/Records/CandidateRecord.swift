/// Probabilities as they were read: float for float16 and float32 data, double for all else. Never narrowed.
public struct ConfidenceList: Sendable, Equatable {
    public private(set) var isWide: Bool
    var narrow: [Float] = []
    var wide: [Double] = []

    init(isWide: Bool) {
        self.isWide = isWide
    }

    public var count: Int { isWide ? wide.count : narrow.count }

    mutating func removeAll(isWide: Bool) {
        self.isWide = isWide
        narrow.removeAll(keepingCapacity: true)
        wide.removeAll(keepingCapacity: true)
    }

    func compacted() -> ConfidenceList {
        var copy = ConfidenceList(isWide: isWide)
        copy.narrow = exactCopy(narrow)
        copy.wide = exactCopy(wide)
        return copy
    }

    public subscript(index: Int) -> Double {
        isWide ? wide[index] : Double(narrow[index])
    }
}

/// What pass 2 needs of a run of consecutive pixels, so that the probabilities are read once.
///
/// Kept are the contested pixels and the uncontested ones whose self-confidence may lie below the cut-off of
/// `low_self_confidence`; all others can be neither flagged nor ranked above a flagged pixel.
/// **Cost.** Two bits a pixel; 4 bytes a candidate and 8 more a contested pixel (8 and 12 for float64), plus K values
/// a contested pixel where class vectors are kept.
public struct CandidateRecord: Sendable, Equatable {
    /// Pixels of the run, on the grid that is scored.
    public internal(set) var pixelCount = 0
    /// One bit a pixel, first pixel in the lowest bit of the first word; each tile starts at a whole word.
    var candidateBits: [UInt64] = []
    var contestedBits: [UInt64] = []
    /// Of each candidate, in pixel order.
    var selfConfidence: ConfidenceList
    /// Of each contested pixel, in pixel order.
    var predictedConfidence: ConfidenceList
    public internal(set) var predicted: [UInt16] = []
    public internal(set) var given: [UInt16] = []
    /// K values a contested pixel, where class vectors are kept; else empty.
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

    /// Bytes that the record holds.
    public var byteCount: Int {
        let value = selfConfidence.isWide ? 8 : 4
        return 8 * (candidateBits.count + contestedBits.count) + 2 * (predicted.count + given.count)
            + value * (selfConfidence.count + predictedConfidence.count + vectors.count)
    }

    /// Empties the record and keeps its memory, to be filled again.
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

    /// The same record in memory of its own size.
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

extension CandidateRecord {
    /// Appends the record's bytes: six counts, then each array as it lies in memory.
    public func encode(into bytes: inout [UInt8]) {
        let counts = [
            pixelCount, candidateBits.count, selfConfidence.count, predicted.count, vectors.count,
            selfConfidence.isWide ? 1 : 0,
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

    /// Reads back what `encode(into:)` appended. The bytes are our own: anything else is a precondition.
    public init(decoding bytes: RawSpan, with reader: inout RecordCoding.Reader) {
        let counts: [Int] = reader.take(6, from: bytes)
        self.init(isWide: counts[5] == 1)
        pixelCount = counts[0]
        candidateBits = reader.take(counts[1], from: bytes)
        contestedBits = reader.take(counts[1], from: bytes)
        for (path, count) in [
            (\CandidateRecord.selfConfidence, counts[2]), (\.predictedConfidence, counts[3]), (\.vectors, counts[4]),
        ] {
            if counts[5] == 1 {
                self[keyPath: path].wide = reader.take(count, from: bytes)
            } else {
                self[keyPath: path].narrow = reader.take(count, from: bytes)
            }
        }
        predicted = reader.take(counts[3], from: bytes)
        given = reader.take(counts[3], from: bytes)
    }
}

/// A copy in a buffer without room to spare.
func exactCopy<Element: BitwiseCopyable>(_ values: [Element]) -> [Element] {
    unsafe [Element](capacity: values.count) { start in
        unsafe UnsafeMutableBufferPointer(start: start, count: values.count).initialize(fromContentsOf: values)
    }
}
