import TestSupport
import Testing

@testable import MaskAudit

@Suite struct JSONValueTests {
    @Test(
        "what is no JSON is refused",
        arguments: [
            "", "nul", "[1,]", "[1 2]", "{\"a\" 1}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "NaN",
            "\"\n\"", "\"\\x\"", "\"a", "[", "1 2", "{\"a\":}", "'a'", "-", "-01", "1e999", "[,1]", "{,}", "tru",
            "nulll",
            "\"\\u12\"", "\"\\u+123\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "// a\n1", "\u{feff}1",
        ])
    func refused(text: String) { #expect(throws: JSONValue.Fault.self) { try JSONValue(parsing: text) } }

    @Test(
        "values are read as they are written",
        arguments: [
            ("null", JSONValue.null), (" true\n", .bool(true)), ("false", .bool(false)), ("-0.5e1", .number(-5)),
            ("0", .number(0)), ("[]", .array([])), ("{}", .object([])),
            ("\r\n\t [ 1 , 2 ] ", .array([.number(1), .number(2)])),
            ("{\"b\":1,\"a\":{}}", .object([.init(key: "b", value: .number(1)), .init(key: "a", value: .object([]))])),
        ])
    func values(text: String, value: JSONValue) throws { #expect(try JSONValue(parsing: text) == value) }

    @Test(
        "escapes stand for their characters, surrogates for one",
        arguments: [
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"), ("\"\\u00e9\\u20AC\"", "é€"),
            ("\"\\ud83d\\ude00\"", "😀"), ("\"\\uD800\\uDC00\\udbff\\udfff\"", "\u{10000}\u{10ffff}"),
            ("\"\\u0000\"", "\0"),
        ])
    func escapes(text: String, value: String) throws { #expect(try JSONValue(parsing: text).string == value) }

    @Test(
        "a fault names its line and column",
        arguments: [
            ("", 1, 1, "the text ends where a value is needed"),
            ("{\"a\": 1,\n \"b\": tru}", 2, 7, "a value is needed"),
            ("[1,\n2\n3]", 3, 1, "a comma or ] is needed"), ("{\"a\": 1 \"b\": 2}", 1, 9, "a comma or } is needed"),
            ("{\n  \"key\": 1,\n  \"key\": 2\n}", 3, 3, "the key \"key\" stands twice"),
            ("{\"a\" 1}", 1, 6, "a colon is needed"), ("{'a': 1}", 1, 2, "a key in double quotes is needed"),
            ("[\"abc", 1, 2, "the string is not ended"), ("1\n2", 2, 1, "something follows the value"),
            ("[01]", 1, 2, "a number with a zero in front"), ("[1e400]", 1, 2, "a number beyond what a double holds"),
            ("\"a\\x\"", 1, 3, "an unknown escape in a string"),
        ])
    func places(text: String, line: Int, column: Int, finding: String) {
        #expect(throws: JSONValue.Fault(line: line, column: column, finding: finding)) { try JSONValue(parsing: text) }
    }

    @Test("keys that differ in their escapes alone are one key")
    func escapedKey() {
        #expect(throws: JSONValue.Fault.self) { try JSONValue(parsing: "{\"a\":1,\"\\u0061\":2}") }
    }

    @Test("values are read 64 deep and no deeper, however deep a text is")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue(parsing: nested(64))
        for depth in [65, 1_000_000] {
            #expect(throws: JSONValue.Fault(line: 1, column: 65, finding: "values are more than 64 deep")) {
                try JSONValue(parsing: nested(depth))
            }
        }
    }

    @Test("a text cut at any byte is refused")
    func cut() throws {
        let text = "{\"a\": [1.5e3, true, null, \"x\\u00e9\\n\"], \"b\": {\"c\": false}}"
        _ = try JSONValue(parsing: text)
        for count in 0..<text.utf8.count {
            #expect(throws: JSONValue.Fault.self) {
                try JSONValue(parsing: String(decoding: Array(text.utf8.prefix(count)), as: UTF8.self))
            }
        }
    }

    @Test(
        "only whole numbers that a double holds are integers",
        arguments: [
            ("7", 7), ("-3.0", -3), ("1e3", 1000), ("9007199254740992", 9_007_199_254_740_992), ("0.5", nil),
            ("9007199254740994", nil), ("\"7\"", nil), ("null", nil),
        ] as [(String, Int?)])
    func integers(text: String, value: Int?) throws { #expect(try JSONValue(parsing: text).integer == value) }

    @Test("a file at fault is named with its place")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array("{\"a\":\n 1,}".utf8), to: "a.json")
        let error = #expect(throws: AuditError.self) { try JSONValue(path: path) }
        #expect(error?.description == "\(path): line 2 column 4 is no JSON: a key in double quotes is needed")
        try folder.write([0xEF, 0xBB, 0xBF] + Array("[1]".utf8), to: "marked.json")
        #expect(try JSONValue(path: folder("marked.json")) == .array([.number(1)]))
    }
}
