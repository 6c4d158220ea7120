/// The pixels of a region as runs along the rows, in pixel order.
///
/// Of each run the pixels since the end of the last one and its length, seven bits a byte, lowest first. Up to 15 bytes,
/// which is what some four runs take, lie in the value itself: most regions of noisy data need no memory beside it.
public struct RegionShape: Sendable, Equatable {
    /// The first bytes, lowest first; the highest byte of `high` is their count.
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    /// All bytes, once there are more.
    private var bytes: [UInt8]?
    private var end = 0

    private static let inlineCount = 15

    public init() {}

    /// Adds a run of pixels of an image; beyond the last one.
    public mutating func append(_ run: Range<Int>) {
        precondition(run.lowerBound >= end && !run.isEmpty, "runs in order")
        append(run.lowerBound - end)
        append(run.count)
        end = run.upperBound
    }

    private mutating func append(_ number: Int) {
        var rest = number
        while rest > 127 {
            append(byte: UInt8(rest & 127 | 128))
            rest >>= 7
        }
        append(byte: UInt8(rest))
    }

    private mutating func append(byte: UInt8) {
        guard bytes == nil else {
            bytes?.append(byte)
            return
        }
        let count = Int(high >> 56)
        if count < 8 {
            low |= UInt64(byte) << UInt64(8 * count)
        } else if count < Self.inlineCount {
            high |= UInt64(byte) << UInt64(8 * count - 64)
        } else {
            bytes = (0..<count).map(inlineByte) + [byte]
            return
        }
        high += 1 << 56
    }

    private func inlineByte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: index < 8 ? low >> UInt64(8 * index) : high >> UInt64(8 * index - 64))
    }

    /// Calls `body` for each run, as pixels of the image.
    func forEachRun(_ body: (Range<Int>) -> Void) {
        var decoder = RunDecoder()
        if let bytes {
            for byte in bytes {
                if let run = decoder.next(byte) { body(run) }
            }
        } else {
            for index in 0..<Int(high >> 56) {
                if let run = decoder.next(inlineByte(index)) { body(run) }
            }
        }
    }

    /// The runs, as pixels of the image.
    public var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        forEachRun { runs.append($0) }
        return runs
    }
}

/// Puts runs together from their bytes.
private struct RunDecoder {
    private var last = 0
    private var first: Int?
    private var number = 0
    private var shift = 0

    /// The run that a byte ends.
    mutating func next(_ byte: UInt8) -> Range<Int>? {
        number |= Int(byte & 127) << shift
        shift += 7
        guard byte & 128 == 0 else { return nil }
        defer { (number, shift) = (0, 0) }
        guard let start = first else {
            first = last + number
            return nil
        }
        last = start + number
        first = nil
        return start..<last
    }
}
