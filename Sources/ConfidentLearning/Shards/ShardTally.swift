/// What one shard of a dataset contributes to the cut-off of `low_self_confidence` over all shards, counted when the
/// shard is read for its thresholds: how many pixels have each probability, in bins.
///
/// Where every probability is a float16, each bin holds one value, and the cut-off follows without another reading.
/// Otherwise the bins tell between which values it lies, and a second reading counts those values alone
/// (`CutoffWindow`).
/// **Cost.** Two counts per candidate, and a page of 8 KiB for each class and each power of two that the probabilities
/// of its predicted labels fall into.
public struct ShardTally: Sendable {
    /// The self-confidence of candidates.
    private var selfConfidence: KeyHistogram
    /// The probability of contested pixels' predicted labels, by predicted class.
    private var predicted: KeyHistogram

    /// Most classes for which bins are as narrow as float16. For more classes the pages would take hundreds of
    /// megabytes.
    private static let fineClassLimit = 256

    /// How many bits of a mantissa tell bins apart.
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

    /// Candidates by self-confidence. Each bin counts under its lowest value.
    public var candidates: KeyCounts { selfConfidence.counts(group: 0) }

    /// Contested pixels of a predicted class by the probability of that class. Each bin counts under its lowest value.
    public func contested(_ label: Int) -> KeyCounts { predicted.counts(group: label) }
}

/// The values between which a cut-off lies, and which the second reading of a shard counts.
public struct CutoffWindow: Sendable, Equatable {
    /// Ranking keys: the window holds those from `start` up to, but not including, `end`.
    public let start: UInt64
    public let end: UInt64

    public init(start: UInt64, end: UInt64) {
        self.start = start
        self.end = end
    }

    /// The window that holds every value.
    public static let everything = CutoffWindow(start: 0, end: .max)

    /// Adds the candidates of a record: how many lie below the window to `below`, and the keys inside it to `inside`.
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
