/// JSON by RFC 8259, read strictly; objects keep the order of their keys.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Pair])

    package struct Pair: Sendable, Equatable {
        package var key: String
        package var value: JSONValue
    }

    package struct Fault: Error, Equatable {
        package var offset: Int
    }

    /// Parses a whole text; white space around the value is allowed, anything else is not.
    package init(parsing text: String) throws {
        var parser = Parser(bytes: Array(text.utf8))
        self = try parser.value()
        parser.skipSpace()
        guard parser.at == parser.bytes.count else { throw Fault(offset: parser.at) }
    }

    package subscript(key: String) -> JSONValue? {
        guard case .object(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    package var keys: [String] {
        guard case .object(let pairs) = self else { return [] }
        return pairs.map(\.key)
    }

    package var elements: [JSONValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    package var number: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }
}

private struct Parser {
    let bytes: [UInt8]
    var at = 0

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipSpace() {
        while let byte = next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { at += 1 }
    }

    private mutating func take(_ text: String) throws {
        guard bytes[at...].starts(with: text.utf8) else { throw JSONValue.Fault(offset: at) }
        at += text.utf8.count
    }

    mutating func value() throws -> JSONValue {
        skipSpace()
        switch next.map({ Character(Unicode.Scalar($0)) }) {
        case "n":
            try take("null")
            return .null
        case "t":
            try take("true")
            return .bool(true)
        case "f":
            try take("false")
            return .bool(false)
        case "\"": return .string(try string())
        case "[":
            return .array(try list("[", "]") { parser in try parser.value() })
        case "{":
            return .object(
                try list("{", "}") { parser in
                    parser.skipSpace()
                    let key = try parser.string()
                    parser.skipSpace()
                    try parser.take(":")
                    return JSONValue.Pair(key: key, value: try parser.value())
                })
        default: return .number(try number())
        }
    }

    private mutating func list<Element>(
        _ open: String, _ close: String, _ element: (inout Parser) throws -> Element
    ) throws -> [Element] {
        try take(open)
        var elements: [Element] = []
        skipSpace()
        while next != close.utf8.first {
            if !elements.isEmpty { try take(",") }
            elements.append(try element(&self))
            skipSpace()
        }
        try take(close)
        return elements
    }

    private mutating func string() throws -> String {
        try take("\"")
        var units: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            at += 1
            guard byte >= 0x20 else { throw JSONValue.Fault(offset: at - 1) }
            guard byte == UInt8(ascii: "\\") else {
                units.append(byte)
                continue
            }
            guard let escape = next else { break }
            at += 1
            let plain: [UInt8: UInt8] = [
                UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 8,
                UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
            ]
            if let unit = plain[escape] {
                units.append(unit)
            } else {
                guard escape == UInt8(ascii: "u"), at + 4 <= bytes.count,
                    let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16),
                    let scalar = Unicode.Scalar(code)
                else { throw JSONValue.Fault(offset: at) }
                units += Array(String(Character(scalar)).utf8)
                at += 4
            }
        }
        try take("\"")
        guard let text = String(validating: units, as: UTF8.self) else { throw JSONValue.Fault(offset: at) }
        return text
    }

    /// `-? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?`
    private mutating func number() throws -> Double {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[at - whole] != UInt8(ascii: "0") else { throw JSONValue.Fault(offset: at) }
        if next == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { throw JSONValue.Fault(offset: at) }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw JSONValue.Fault(offset: at) }
        }
        guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else {
            throw JSONValue.Fault(offset: start)
        }
        return value
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        return at - start
    }
}
