/// Text as bytes, to which numbers are appended without strings in between: tables have millions of them.
struct ByteText: Sendable {
    /// UTF-8.
    var bytes: [UInt8] = []

    var string: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    /// Appends a text and the number that follows it.
    mutating func append(_ text: String, _ value: Int) {
        append(text)
        append(value)
    }

    /// Appends a text and the number that follows it, as `append(json:)` does.
    mutating func append(_ text: String, json value: Double) {
        append(text)
        append(json: value)
    }

    /// Appends one ASCII character.
    mutating func append(ascii scalar: Unicode.Scalar) { bytes.append(UInt8(ascii: scalar)) }

    mutating func append(_ value: Int) {
        if value < 0 { append(ascii: "-") }
        append(digits: value.magnitude, atLeast: 1)
    }

    /// Appends a number as `fixed` has it.
    mutating func append(fixed value: Double, decimals: Int) {
        guard value.isFinite, abs(value) < 1e15 else { return append("\(value)") }
        var scale = Self.powersOfTen[min(decimals, Self.powersOfTen.count - 1)]
        if decimals >= Self.powersOfTen.count { for _ in Self.powersOfTen.count...decimals { scale *= 10 } }
        let scaled = (value.magnitude * scale).rounded()
        // Both parts are exact integers: below 2^53 by the guard, or the fraction is beyond the double anyway.
        let whole = scaled < scale ? 0 : (scaled / scale).rounded(.down)
        if value < 0 && scaled > 0 { append(ascii: "-") }
        append(digits: UInt(whole), atLeast: 1)
        guard decimals > 0 else { return }
        append(ascii: ".")
        append(digits: UInt(max(0, scaled - whole * scale)), atLeast: decimals)
    }

    private static let powersOfTen = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

    /// Decimal digits, filled up with zeros in front.
    private mutating func append(digits value: UInt, atLeast count: Int) {
        guard value < 100_000_000 else {
            append(digits: value / 100_000_000, atLeast: max(1, count - 8))
            return append(digits: value % 100_000_000, atLeast: 8)
        }
        if count > 8 { bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: count - 8)) }
        // Up to eight digits in a number, the first one lowest.
        var rest = UInt32(value)
        var packed: UInt64 = 0
        var written = 0
        repeat {
            packed = packed << 8 | UInt64(UInt8(ascii: "0")) + UInt64(rest % 10)
            rest /= 10
            written += 1
        } while rest > 0 || written < min(count, 8)
        for _ in 0..<written {
            bytes.append(UInt8(truncatingIfNeeded: packed))
            packed >>= 8
        }
    }
}
