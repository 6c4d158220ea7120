import ConfidentLearning
public import NumPyFiles

/// What values an array holds: extremes, and how often each value occurs where there are few whole ones.
///
/// **Cost.** One pass in pieces of any size; memory does not depend on the array.
public struct ValueStatistics: Sendable, Equatable {
    /// A value as it should be shown: integers exactly, as far as 64 bits with a sign go.
    public enum Value: Sendable, Equatable {
        case integer(Int)
        case real(Double)

        public var double: Double {
            switch self {
            case .integer(let value): Double(value)
            case .real(let value): value
            }
        }
    }

    public private(set) var count = 0
    /// Smallest and largest value, NaN and infinities left aside; nil where there is none.
    public private(set) var minimum: Value?
    public private(set) var maximum: Value?
    public private(set) var nanCount = 0
    public private(set) var infiniteCount = 0
    /// How often each value occurs, rising; nil where values have fractions or there are too many different ones.
    public private(set) var occurrences: [(value: Int, count: Int)]?

    public static func == (a: ValueStatistics, b: ValueStatistics) -> Bool {
        a.count == b.count && a.minimum == b.minimum && a.maximum == b.maximum && a.nanCount == b.nanCount
            && a.infiniteCount == b.infiniteCount
            && a.occurrences?.map(\.value) == b.occurrences?.map(\.value)
            && a.occurrences?.map(\.count) == b.occurrences?.map(\.count)
    }

    /// Values that are counted one by one at most: more classes than any label set in use has.
    public static let distinctLimit = 4096

    private let dtype: DType
    private let limit: Int
    /// How often each bit pattern occurs, for types of one and two bytes.
    private var patterns: [Int]
    /// How often the values 0..<dense.count occur, for wider types; others go into the dictionary.
    private var dense: [Int]
    private var sparse: [Int: Int] = [:]
    private var isCounting = true
    private var least = Double.infinity
    private var greatest = -Double.infinity
    private var leastInteger = Int.max
    private var greatestInteger = Int.min

    public init(dtype: DType, distinctLimit: Int = distinctLimit) {
        self.dtype = dtype
        limit = distinctLimit
        patterns = Array(repeating: 0, count: dtype.byteCount == 1 ? 256 : dtype.byteCount == 2 ? 65_536 : 0)
        dense = Array(repeating: 0, count: dtype.byteCount > 2 ? 256 : 0)
    }

    /// Adds a whole number of elements.
    public mutating func add(_ bytes: [UInt8]) {
        let size = dtype.byteCount
        precondition(bytes.count % size == 0, "elements are cut")
        count += bytes.count / size
        switch (size, dtype.kind) {
        case (1, _):
            for byte in bytes { patterns[Int(byte)] += 1 }
        case (2, _):
            let isBig = dtype.isBigEndian
            each(bytes, UInt16.self) { $0.patterns[Int(isBig ? UInt16(bigEndian: $1) : UInt16(littleEndian: $1))] += 1 }
        case (4, .float):
            let isBig = dtype.isBigEndian
            each(bytes, UInt32.self) {
                $0.note(Double(Float(bitPattern: isBig ? UInt32(bigEndian: $1) : UInt32(littleEndian: $1))))
            }
        case (_, .float):
            let isBig = dtype.isBigEndian
            each(bytes, UInt64.self) {
                $0.note(Double(bitPattern: isBig ? UInt64(bigEndian: $1) : UInt64(littleEndian: $1)))
            }
        case (4, .signedInteger): integers(bytes, Int32.self)
        case (4, _): integers(bytes, UInt32.self)
        case (_, .signedInteger): integers(bytes, Int64.self)
        default: integers(bytes, UInt64.self)
        }
    }

    /// Makes the results; nothing may be added after it.
    public mutating func finish() {
        if dtype.byteCount <= 2 { gatherPatterns() }
        if leastInteger <= greatestInteger {
            (minimum, maximum) = (.integer(leastInteger), .integer(greatestInteger))
        } else if least <= greatest {
            (minimum, maximum) = (.real(least), .real(greatest))
        }
        // An unsigned value may be too large to be an Int; then only the extremes tell.
        if leastInteger <= greatestInteger, least <= greatest { maximum = .real(greatest) }
        if isCounting && nanCount == 0 && infiniteCount == 0 {
            for (value, count) in dense.enumerated() where count > 0 { sparse[value] = count }
            if sparse.count <= limit { occurrences = sparse.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
        }
        (patterns, dense, sparse) = ([], [], [:])
    }

    private mutating func gatherPatterns() {
        for (pattern, count) in patterns.enumerated() where count > 0 {
            switch (dtype.kind, dtype.byteCount) {
            case (.raw, _): note(Double(Float(bitPattern: UInt32(pattern) << 16)), count)
            case (.float, _): note(PlaneLoading.widened(half: UInt16(pattern)), count)
            case (.bool, _): note(pattern == 0 ? 0 : 1, count)
            case (.signedInteger, 1): note(Int(Int8(truncatingIfNeeded: pattern)), count)
            case (.signedInteger, _): note(Int(Int16(truncatingIfNeeded: pattern)), count)
            default: note(pattern, count)
            }
        }
    }

    private mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(_ bytes: [UInt8], _ type: Value.Type) {
        let isBig = dtype.isBigEndian
        each(bytes, type) {
            let value = isBig ? Value(bigEndian: $1) : Value(littleEndian: $1)
            if let integer = Int(exactly: value) {
                $0.note(integer, 1)
            } else {
                $0.isCounting = false
                $0.least = min($0.least, Double(value))
                $0.greatest = max($0.greatest, Double(value))
            }
        }
    }

    private mutating func each<Value: BitwiseCopyable>(
        _ bytes: [UInt8], _ type: Value.Type, _ body: (inout ValueStatistics, Value) -> Void
    ) {
        let raw = unsafe bytes.span.bytes
        for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size) {
            body(&self, unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
        }
    }

    private mutating func note(_ value: Int, _ times: Int) {
        leastInteger = min(leastInteger, value)
        greatestInteger = max(greatestInteger, value)
        tally(value, times)
    }

    private mutating func note(_ value: Double, _ times: Int = 1) {
        guard value.isFinite else {
            if value.isNaN { nanCount += times } else { infiniteCount += times }
            return
        }
        least = min(least, value)
        greatest = max(greatest, value)
        guard isCounting else { return }
        guard let whole = Int(exactly: value) else {
            isCounting = false
            return
        }
        tally(whole, times)
    }

    private mutating func tally(_ value: Int, _ times: Int) {
        guard isCounting else { return }
        if value >= 0 && value < dense.count {
            dense[value] += times
            return
        }
        sparse[value, default: 0] += times
        if sparse.count > limit { isCounting = false }
    }
}
