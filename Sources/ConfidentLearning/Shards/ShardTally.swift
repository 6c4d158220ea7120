/// What the cut-off of `low_self_confidence` over several datasets ("shards") takes from one of them, when it is read
/// for its thresholds: how many pixels there are of each probability, in bins.
///
/// Where every probability is a float16 each bin holds one value, and the cut-off follows without another reading; else
/// bins tell between which values it lies, and a second round counts those alone (`CutoffWindow`).
/// **Cost.** Two counts a candidate; a page of 8 KiB for each class and power of two that predicted labels'
/// probabilities fall into.
public struct ShardTally: Sendable {
    /// Self-confidence of candidates, and by predicted class the probability of contested pixels' predicted labels.
    private var selfConfidence: KeyHistogram
    private var predicted: KeyHistogram

    /// Most classes for which bins are as narrow as float16: beyond them pages would take hundreds of megabytes.
    private static let fineClassLimit = 256

    /// Bits of a mantissa that tell bins apart.
    public static func mantissaBits(classCount: Int) -> Int { isExactForHalf(classCount: classCount) ? 10 : 5 }

    /// Whether a bin holds no two float16 values.
    public static func isExactForHalf(classCount: Int) -> Bool { classCount <= fineClassLimit }

    public init(classCount: Int) {
        selfConfidence = KeyHistogram(groupCount: 1, mantissaBits: 10, exponents: 0...2047)
        // 2^-30 is far below the lowest threshold (1e-6) and 2^16 above the largest score.
        predicted = KeyHistogram(
            groupCount: classCount, mantissaBits: Self.mantissaBits(classCount: classCount), exponents: 993...1039)
    }

    public mutating func add(_ record: CandidateRecord) {
        let predictedLabels = record.predicted
        if record.isWide {
            selfConfidence.add(record.selfConfidence.wide) { _ in 0 }
            predicted.add(record.predictedConfidence.wide) { Int(predictedLabels[$0]) }
        } else {
            selfConfidence.add(record.selfConfidence.narrow) { _ in 0 }
            predicted.add(record.predictedConfidence.narrow) { Int(predictedLabels[$0]) }
        }
    }

    /// Candidates by self-confidence, each bin under its lowest value.
    public var candidates: KeyCounts { selfConfidence.counts(group: 0) }

    /// Contested pixels of a predicted class by its probability, likewise.
    public func contested(_ label: Int) -> KeyCounts { predicted.counts(group: label) }
}

/// Values between which a cut-off lies, and what a second reading of a shard counts there.
public struct CutoffWindow: Sendable, Equatable {
    /// Ranking keys: from the lowest up to but not `end`.
    public let start: UInt64
    public let end: UInt64

    public init(start: UInt64, end: UInt64) {
        self.start = start
        self.end = end
    }

    /// Every value.
    public static let everything = CutoffWindow(start: 0, end: .max)

    /// Adds a record: its candidates below the window to `below`, those inside to `inside`.
    public func add(_ record: CandidateRecord, below: inout Int, inside: inout [UInt64]) {
        func add<Value: BinaryFloatingPoint>(_ values: [Value]) {
            for value in values {
                let key = rankingKey(Double(value))
                guard key < end else { continue }
                if key < start { below += 1 } else { inside.append(key) }
            }
        }
        if record.isWide { add(record.selfConfidence.wide) } else { add(record.selfConfidence.narrow) }
    }
}
