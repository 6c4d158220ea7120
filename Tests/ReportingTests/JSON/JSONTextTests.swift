import MaskAudit
import Reporting
import Testing

@Suite struct JSONTextTests {
    @Test(
        "values are written as RFC 8259 has them",
        arguments: [
            (JSONText.null, "null"), (.bool(true), "true"), (.bool(false), "false"), (.integer(-42), "-42"),
            (.integer(.max), "9223372036854775807"), (.number(0.1), "0.1"), (.number(1e-7), "1e-07"),
            (.number(2), "2.0"),
            (.number(1e22), "1e+22"), (.string("a"), "\"a\""), (.array([]), "[]"), (.object([]), "{}"),
            (.array([.integer(1), .null]), "[1,null]"),
            (.object([("b", .integer(1)), ("a", .null)]), "{\"b\":1,\"a\":null}"),
        ])
    func values(value: JSONText, text: String) throws {
        #expect(value.text == text)
        _ = try JSONValue(parsing: value.text)
    }

    @Test("numbers that JSON does not have are null", arguments: [Double.nan, .infinity, -.infinity])
    func notNumbers(value: Double) {
        #expect(JSONText.number(value).text == "null")
        #expect(JSONText.optional(value).text == "null")
        #expect(JSONText.optional(nil as Double?).text == "null")
        #expect(JSONText.array([.number(value), .number(1)]).text == "[null,1.0]")
    }

    @Test(
        "a double reads back as it was",
        arguments: [
            0.1 + 0.2, 1.0 / 3, 2e-6, 1e300, .leastNonzeroMagnitude, -0.0, 123_456_789.125,
        ] as [Double])
    func doubles(value: Double) throws {
        #expect(try JSONValue(parsing: JSONText.number(value).text).number?.bitPattern == value.bitPattern)
    }

    @Test(
        "strings are escaped and read back",
        arguments: [
            ("plain", "\"plain\""), ("say \"hi\"", "\"say \\\"hi\\\"\""), ("a\\b", "\"a\\\\b\""),
            ("a\nb\tc\r", "\"a\\nb\\tc\\r\""),
            ("\r\n", "\"\\r\\n\""), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\\u007f\""),
            ("Straße 路 🛣️", "\"Straße 路 🛣️\""),
            ("/", "\"/\""), ("", "\"\""),
        ])
    func strings(value: String, text: String) throws {
        #expect(JSONText.string(value).text == text)
        #expect(try JSONValue(parsing: text).string == value)
        #expect(JSONText.object([(value, .null)]).text == "{\(text):null}")
    }

    @Test("every character below space is escaped")
    func controls() throws {
        for code in UInt32(0)..<32 {
            let value = String(Unicode.Scalar(code).map(Character.init) ?? " ")
            let text = JSONText.string(value).text
            #expect(text.utf8.allSatisfy { $0 >= 0x20 })
            #expect(try JSONValue(parsing: text).string == value)
        }
    }
}
