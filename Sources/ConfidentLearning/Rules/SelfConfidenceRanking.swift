internal import CPixelKernels

/// Finds the cut-off of `low_self_confidence` without sorting all pixels: radix selection over the bits of doubles.
///
/// The n-th lowest self-confidence of all counted pixels is found 16 bits at a time, and among keys in memory once few
/// enough pixels share the known bits. Records hold every pixel that can lie at or below it. Non-negative doubles order as
/// their bits do.
///
/// **Cost.** The first 16 bits come from the scan's own histogram; then one pass over the records where up to a quarter
/// of a million pixels share them, and one a further 16 bits before that where more do; 512 KiB a thread.
public struct SelfConfidenceRanking: Sendable {
    /// Bins of a histogram, those of the scan's own.
    public static let binCount = PixelScanner.histogramBinCount
    /// Keys that are gathered in memory: 2 MiB, and as much again twice while threads join theirs.
    static let gatherLimit = 1 << 18

    /// How many pixels are to be taken: n.
    public let rank: Int
    /// Bits of the cut-off that are known, and how many lower bits are not.
    private var prefix: UInt64 = 0
    private var unknownBits = 64
    /// Position of the cut-off among the pixels that share the known bits, from 1, and their number.
    private var rest: Int
    private var sharing = Int.max

    public init(rank: Int) {
        precondition(rank > 0, "an empty ranking has no cut-off")
        self.rank = rank
        rest = rank
    }

    /// What is to be done next.
    public enum Step: Sendable, Equatable {
        /// Count the next 16 bits: `histogram(of:into:)`, then `narrow(by:)`.
        case count
        /// Gather the keys that share the known bits: `keys(of:into:)`, then `finish(_:)`.
        case gather
    }

    public var step: Step { sharing <= Self.gatherLimit || unknownBits == 0 ? .gather : .count }

    /// Counts of the next 16 bits in some records; parts merge by adding.
    public func histogram(of record: CandidateRecord, into counts: inout [UInt64]) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.binCount) }
        let shift = UInt64(unknownBits - 16)
        record.forEachKey { key in
            if shares(key) { counts[Int((key >> shift) & 0xffff)] += 1 }
        }
    }

    /// Fixes the next 16 bits from the counts of all records.
    public mutating func narrow(by counts: [UInt64]) {
        precondition(unknownBits > 0 && counts.count == Self.binCount, "nothing to narrow")
        var bin = 0
        while rest > Int(counts[bin]) {
            rest -= Int(counts[bin])
            bin += 1
        }
        prefix = prefix << 16 | UInt64(bin)
        sharing = Int(counts[bin])
        unknownBits -= 16
    }

    /// Appends the keys of a record that share the known bits; parts merge by joining. Where all bits are known there
    /// is nothing to gather.
    public func keys(of record: CandidateRecord, into keys: inout [UInt64]) {
        guard unknownBits > 0 else { return }
        let low = prefix << UInt64(unknownBits)
        let high = low + (1 << UInt64(unknownBits))
        // -0.0 counts as 0, which it equals; no other value needs its key to be compared.
        let from = Double(bitPattern: low)
        let below = Double(bitPattern: high)
        if record.isWide {
            for value in unsafe record.selfConfidence.wide.selecting(from: from, below: below, mlk_select_f64) {
                keys.append(rankingKey(value))
            }
        } else {
            for value in unsafe record.selfConfidence.narrow.selecting(from: from, below: below, mlk_select_f32) {
                keys.append(rankingKey(Double(value)))
            }
        }
    }

    /// The cut-off, from all keys that share the known bits.
    public func finish(_ keys: [UInt64]) -> SelfConfidenceCutoff {
        guard unknownBits > 0 else { return SelfConfidenceCutoff(key: prefix, tiesTaken: rest, tieTotal: sharing) }
        var sharing = keys
        var rest = rest
        for shift in stride(from: UInt64(unknownBits) - 8, through: 0, by: -8) where sharing.count > 1 {
            var counts = [Int](repeating: 0, count: 256)
            for key in sharing { counts[Int(key >> shift & 0xff)] += 1 }
            var digit = 0
            while rest > counts[digit] {
                rest -= counts[digit]
                digit += 1
            }
            if counts[digit] < sharing.count { sharing.removeAll { Int($0 >> shift & 0xff) != digit } }
        }
        return SelfConfidenceCutoff(key: sharing[0], tiesTaken: rest, tieTotal: sharing.count)
    }

    @inline(__always)
    private func shares(_ key: UInt64) -> Bool {
        unknownBits == 64 || key >> UInt64(unknownBits) == prefix
    }
}

extension Array where Element: BinaryFloatingPoint & BitwiseCopyable {
    /// The values in a range, by the kernel for the element type.
    fileprivate func selecting(
        from: Double, below: Double,
        _ kernel: (UnsafePointer<Element>, Int, Double, Double, UnsafeMutablePointer<Element>) -> Int
    ) -> [Element] {
        unsafe [Element](capacity: count) { unsafe kernel(self, count, from, below, $0) }
    }
}

/// Which pixels `low_self_confidence` takes: all whose self-confidence lies below a value, and of those equal to it
/// the first few by flat position (image, row, column).
public struct SelfConfidenceCutoff: Sendable, Equatable {
    let key: UInt64
    /// How many of the pixels equal to the cut-off are taken.
    public let tiesTaken: Int
    /// How many there are.
    public let tieTotal: Int

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
