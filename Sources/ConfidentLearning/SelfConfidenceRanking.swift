/// Finds the cut-off of `low_self_confidence` without sorting all pixels: radix selection over the bits of doubles.
///
/// The n-th lowest self-confidence of all counted pixels is found 16 bits at a time. Records hold every pixel that can
/// lie at or below it. Non-negative doubles order as their bits do.
///
/// **Cost.** One pass over the records for the first 16 bits, and one a further 16 bits until what is left fits in
/// memory, at most four; 512 KiB a thread.
public struct SelfConfidenceRanking: Sendable {
    /// How many pixels are to be taken: n.
    public let rank: Int
    /// Bits of the cut-off that are known, and how many lower bits are not.
    private var prefix: UInt64 = 0
    private var unknownBits = 64
    /// Position of the cut-off among the pixels that share the known bits, from 1.
    private var rest: Int

    public init(rank: Int) {
        precondition(rank > 0, "an empty ranking has no cut-off")
        self.rank = rank
        rest = rank
    }

    /// The cut-off, once all bits are known.
    public var cutoff: SelfConfidenceCutoff? {
        unknownBits == 0 ? SelfConfidenceCutoff(key: prefix, tiesTaken: rest) : nil
    }

    /// Counts of the next 16 bits in some records; parts merge by adding.
    public func histogram(of record: CandidateRecord, into counts: inout [Int]) {
        if counts.isEmpty { counts = Array(repeating: 0, count: 1 << 16) }
        let shift = UInt64(unknownBits - 16)
        if unknownBits == 64 {
            record.forEachKey { counts[Int($0 >> shift)] += 1 }
        } else {
            record.forEachKey { key in
                if key >> UInt64(unknownBits) == prefix { counts[Int((key >> shift) & 0xffff)] += 1 }
            }
        }
    }

    /// Fixes the next 16 bits from the counts of all records.
    public mutating func narrow(by counts: [Int]) {
        precondition(unknownBits > 0 && counts.count == 1 << 16, "nothing to narrow")
        var bin = 0
        while rest > counts[bin] {
            rest -= counts[bin]
            bin += 1
        }
        prefix = prefix << 16 | UInt64(bin)
        unknownBits -= 16
    }
}

/// Which pixels `low_self_confidence` takes: all whose self-confidence lies below a value, and of those equal to it
/// the first few by flat position (image, row, column).
public struct SelfConfidenceCutoff: Sendable, Equatable {
    let key: UInt64
    /// How many of the pixels equal to the cut-off are taken.
    public let tiesTaken: Int

    /// The highest self-confidence that is taken.
    public var value: Double { Double(bitPattern: key) }

    /// Pixels of a record that are equal to the cut-off.
    public func tieCount(in record: CandidateRecord) -> Int {
        var count = 0
        record.forEachKey { count += $0 == key ? 1 : 0 }
        return count
    }
}

/// Bits of a non-negative double; -0.0 counts as 0.
@inline(__always)
func rankingKey(_ selfConfidence: Double) -> UInt64 {
    (selfConfidence + 0.0).bitPattern
}

extension CandidateRecord {
    /// The ranking key of each candidate, in pixel order.
    @inline(__always)
    fileprivate func forEachKey(_ body: (UInt64) -> Void) {
        if isWide {
            for value in selfConfidence.wide { body(rankingKey(value)) }
        } else {
            for value in selfConfidence.narrow { body(rankingKey(Double(value))) }
        }
    }
}
