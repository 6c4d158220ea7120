import MaskAudit

/// A JSON value to be written; objects keep the order of their keys.
public enum JSONText: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Null where the value is NaN or infinite, which JSON does not have.
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])
    /// A value that is written out already, on one line.
    case encoded(String)

    /// A value, or null where there is none.
    public static func optional(_ value: Double?) -> JSONText { value.map { .number($0) } ?? .null }
    public static func optional(_ value: Int?) -> JSONText { value.map { .integer($0) } ?? .null }
    public static func optional(_ value: String?) -> JSONText { value.map { .string($0) } ?? .null }

    public static func integers(_ values: [Int]) -> JSONText { .array(values.map { .integer($0) }) }
    public static func strings(_ values: [String]) -> JSONText { .array(values.map { .string($0) }) }

    /// What a command prints with `--json`: the tool and its version, then what it found.
    public static func result(_ pairs: [(String, JSONText)]) -> JSONText {
        .object([("tool", .string("masklint")), ("version", .string(masklintVersion))] + pairs)
    }

    /// The value on one line, as RFC 8259 has it; doubles in the shortest form that reads back the same.
    public var text: String {
        var out = ByteText()
        out.append(json: self)
        return out.string
    }
}

extension ByteText {
    mutating func append(json value: JSONText) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(value)
        case .number(let value): append(json: value)
        case .string(let value): append(json: value)
        case .array(let values):
            append(ascii: "[")
            for (index, value) in values.enumerated() {
                if index > 0 { append(ascii: ",") }
                append(json: value)
            }
            append(ascii: "]")
        case .object(let pairs):
            append(ascii: "{")
            for (index, (key, value)) in pairs.enumerated() {
                if index > 0 { append(ascii: ",") }
                append(json: key)
                append(ascii: ":")
                append(json: value)
            }
            append(ascii: "}")
        case .encoded(let text): append(text)
        }
    }

    /// Appends a number in its shortest form that reads back the same, or null where it is NaN or infinite.
    mutating func append(json value: Double) { append(value.isFinite ? value.description : "null") }

    /// Appends a text as a JSON string, in quotes.
    mutating func append(json string: String) {
        append(ascii: "\"")
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            case 0..<0x20, 0x7f: append((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        append(ascii: "\"")
    }
}
