internal import CPixelKernels

/// What the next walk over the pixels is for, when a cut-off is found round by round.
public enum SelectionStep: Sendable, Equatable {
    /// Count the pixels in bins, by which the selection then narrows its interval.
    case count
    /// Gather the pixels that are left, among which the selection then finishes.
    case gather
}

/// Finds the cut-off of `low_self_confidence` without sorting all pixels: radix selection over the bits of doubles.
///
/// The n-th lowest self-confidence of all counted pixels is found 16 bits at a time, and among keys in memory as soon
/// as few enough pixels share the known bits. This works because the bits of non-negative doubles have the order of the
/// doubles. The records suffice: they hold every pixel that can lie at or below the cut-off.
///
/// **Cost.** The first 16 bits come from the histogram of the scan. One pass over the records follows where at most a
/// quarter of a million pixels share them, and one more before it for every 16 bits after which more pixels do. 512 KiB
/// per thread.
public struct SelfConfidenceRanking: Sendable {
    /// Bins of a histogram, as many as that of the scan has.
    public static let binCount = PixelScanner.histogramBinCount
    /// The most keys that are gathered in memory: 2 MiB, and three times that while threads join theirs.
    static let gatherLimit = 1 << 18

    /// How many pixels are to be taken: n.
    public let rank: Int
    /// The known bits of the cut-off, and how many lower bits are not known yet.
    private var prefix: UInt64 = 0
    private var unknownBits = 64
    /// The rank of the cut-off among the pixels that share the known bits, from 1.
    private var rest: Int
    /// How many pixels share the known bits.
    private var sharing = Int.max

    public init(rank: Int) {
        precondition(rank > 0, "an empty ranking has no cut-off")
        self.rank = rank
        rest = rank
    }

    /// What is to be done next: count by `histogram(of:into:)`, or gather by `keys(of:into:)`.
    public var step: SelectionStep { sharing <= Self.gatherLimit || unknownBits == 0 ? .gather : .count }

    /// Counts the next 16 bits of the candidates of a record. Each thread has its own `counts`, which add up.
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

    /// Appends the keys of a record that share the known bits. Each thread has its own `keys`, which are joined in any
    /// order. Nothing is appended where all bits are known.
    public func keys(of record: CandidateRecord, into keys: inout [UInt64]) {
        guard unknownBits > 0 else { return }
        let low = prefix << UInt64(unknownBits)
        let high = low + (1 << UInt64(unknownBits))
        // Values are compared instead of keys. -0.0 equals 0, as its key says, and no other value differs from its key.
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

/// Which pixels `low_self_confidence` takes: all whose self-confidence lies below the cut-off and, of those equal to
/// it, the first few by flat position (image, row, column).
public struct SelfConfidenceCutoff: Sendable, Equatable {
    let key: UInt64
    /// How many of the pixels equal to the cut-off are taken.
    public let tiesTaken: Int
    /// How many pixels are equal to the cut-off.
    public let tieTotal: Int

    /// The highest self-confidence that is taken.
    public var value: Double { Double(bitPattern: key) }

    /// How many pixels of a record are equal to the cut-off.
    public func tieCount(in record: CandidateRecord) -> Int {
        var count = 0
        record.forEachKey { count += $0 == key ? 1 : 0 }
        return count
    }
}

/// The bits of a non-negative double, which have the order of such doubles. -0.0 counts as 0.
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
