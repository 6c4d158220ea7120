/// Reads JSON from bytes, strictly: nothing that RFC 8259 does not have.
struct JSONParser {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    /// Values within values; the stack of a thread holds many more.
    private static let deepest = 64

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func document() throws(JSONValue.Fault) -> JSONValue {
        let value = try value()
        skipSpace()
        guard at == bytes.count else { throw fault("something follows the value") }
        return value
    }

    private func fault(_ finding: String, at offset: Int? = nil) -> JSONValue.Fault {
        let before = bytes[..<min(offset ?? at, bytes.count)]
        let newline = UInt8(ascii: "\n")
        let line = before.count { $0 == newline } + 1
        let column = before.count - (before.lastIndex(of: newline) ?? -1)
        return JSONValue.Fault(line: line, column: column, finding: finding)
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func take(_ word: StaticString, as value: JSONValue) throws(JSONValue.Fault) -> JSONValue {
        let expected = Array("\(word)".utf8)
        guard bytes[at...].starts(with: expected) else { throw fault("a value is needed") }
        at += expected.count
        return value
    }

    private mutating func value() throws(JSONValue.Fault) -> JSONValue {
        skipSpace()
        switch next {
        case nil: throw fault("the text ends where a value is needed")
        case UInt8(ascii: "n"): return try take("null", as: .null)
        case UInt8(ascii: "t"): return try take("true", as: .bool(true))
        case UInt8(ascii: "f"): return try take("false", as: .bool(false))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "["): return try nested { parser throws(JSONValue.Fault) in try parser.array() }
        case UInt8(ascii: "{"): return try nested { parser throws(JSONValue.Fault) in try parser.object() }
        default: return .number(try number())
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONValue.Fault) -> JSONValue
    ) throws(JSONValue.Fault) -> JSONValue {
        guard depth < Self.deepest else { throw fault("values are more than \(Self.deepest) deep") }
        depth += 1
        at += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONValue.Fault) -> JSONValue {
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(values) }
        repeat {
            values.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("a comma or ] is needed") }
        return .array(values)
    }

    private mutating func object() throws(JSONValue.Fault) -> JSONValue {
        var pairs: [JSONValue.Pair] = []
        var keys: Set<String> = []
        if take(UInt8(ascii: "}")) { return .object(pairs) }
        repeat {
            skipSpace()
            let start = at
            guard next == UInt8(ascii: "\"") else { throw fault("a key in double quotes is needed") }
            let key = try string()
            guard keys.insert(key).inserted else { throw fault("the key \"\(key)\" stands twice", at: start) }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fault("a colon is needed") }
            pairs.append(JSONValue.Pair(key: key, value: try value()))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("a comma or } is needed") }
        return .object(pairs)
    }

    private mutating func string() throws(JSONValue.Fault) -> String {
        let start = at
        at += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault("a line break or control character in a string; escape it") }
            at += 1
            if byte == UInt8(ascii: "\\") {
                text += Array(String(Character(try escape())).utf8)
            } else {
                text.append(byte)
            }
        }
        guard take(UInt8(ascii: "\"")) else { throw fault("the string is not ended", at: start) }
        // Whole scalars were read and written, so this holds.
        return String(decoding: text, as: UTF8.self)
    }

    /// What a backslash stands for; it is read already.
    private mutating func escape() throws(JSONValue.Fault) -> Unicode.Scalar {
        let start = at - 1
        let letter = next
        at += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw fault("an unknown escape in a string", at: start)
        }
        guard let first = hexadecimal() else { throw fault("four hexadecimal digits are needed after \\u", at: start) }
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Characters beyond U+FFFF are written as two surrogates.
        if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let second = hexadecimal(),
            (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        {
            return scalar
        }
        throw fault("half of a surrogate pair in a string", at: start)
    }

    private mutating func hexadecimal() -> UInt32? {
        guard at + 4 <= bytes.count else { return nil }
        let digits = bytes[at..<at + 4]
        // The initializer would take a sign.
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        at += 4
        return value
    }

    /// `-? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?`
    private mutating func number() throws(JSONValue.Fault) -> Double {
        let start = at
        _ = take(UInt8(ascii: "-"))
        let whole = digits()
        guard whole > 0 else { throw fault("a value is needed", at: start) }
        guard whole == 1 || bytes[at - whole] != UInt8(ascii: "0") else {
            throw fault("a number with a zero in front", at: start)
        }
        if take(UInt8(ascii: ".")) {
            guard digits() > 0 else { throw fault("a digit is needed") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw fault("a digit is needed") }
        }
        guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)), value.isFinite else {
            throw fault("a number beyond what a double holds", at: start)
        }
        return value
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        return at - start
    }
}
