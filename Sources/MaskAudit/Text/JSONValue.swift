/// A JSON value that was read; objects keep the order of their keys.
public indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Pair])

    public struct Pair: Sendable, Equatable {
        public var key: String
        public var value: JSONValue
    }

    /// What is wrong with a text, and where: lines and columns from 1, a column being a byte.
    public struct Fault: Error, Equatable {
        public var line: Int
        public var column: Int
        public var finding: String
    }

    /// Reads a whole text: one value, and white space around it.
    ///
    /// **Edge cases.** A key that stands twice in an object is an error: readers disagree which one counts.
    /// **Errors.** The first place that is not JSON, and values more than 64 deep.
    /// **Source.** RFC 8259.
    public init(parsing text: String) throws(Fault) {
        var parser = JSONParser(text)
        self = try parser.document()
    }

    /// The value of a key of an object; nil where there is none, or no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    public var keys: [String] { pairs.map(\.key) }

    public var pairs: [Pair] {
        guard case .object(let pairs) = self else { return [] }
        return pairs
    }

    public var elements: [JSONValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    public var number: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    /// A number that is whole, and small enough that a double holds all its digits.
    public var integer: Int? {
        guard let number, abs(number) <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: number)
    }

    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The kind of value, as a message names it.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
