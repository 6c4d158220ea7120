import TestSupport
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct CSVFieldTests {
    @Test(
        "a field is quoted where it would end early, and is text to a spreadsheet",
        arguments: [
            ("frame1", "frame1"), ("", ""), ("a b", "a b"), ("a,b", "\"a,b\""), ("5\"", "\"5\"\"\""),
            ("a;b", "\"a;b\""),
            ("é, ü", "\"é, ü\""), ("a=b", "a=b"), ("a-1", "a-1"), ("city\\a", "city\\a"),
            ("=cmd|' /C calc'!A1", "'=cmd|' /C calc'!A1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("＝1", "'＝1"),
            ("=1,2", "\"'=1,2\""), ("'x", "''x"), ("\t=1", "\\u{9}=1"), ("\r\n=1", "\\u{d}\\u{a}=1"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"), ("\\u{1b}", "\\u{5c}u{1b}"), ("\\ud800", "\\ud800"),
        ])
    func fields(text: String, field: String) {
        #expect(csvField(text) == field)
        if !field.hasPrefix("\"") { #expect(textOfCSVField(field) == text) }
    }

    @Test(
        "what others wrote is read as it is",
        arguments: [
            "'x", "'", "a'=b", "\\u{}", "\\u{zz}", "\\u{d800}", "\\u{110000}", "\\u{+1b}", "\\u{1b", "\\", "=1", "-5",
        ])
    func others(text: String) { #expect(textOfCSVField(text) == text) }

    /// Names of every kind of trouble, and of pieces of it put together by chance.
    static let names: [String] = {
        let pieces = [
            "=", "+", "-", "@", "'", "\"", ",", ";", "\t", "\r", "\n", "\u{0}", "\u{1b}[2J", "\\", "\\u{1b}", "u{", "{",
            "}",
            "5c", "\\u{5c}", "＝", "a", "é", " ", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}",
        ]
        var random = SplitMix(seed: 17)
        return pieces
            + (0..<2000).map { _ in
                (0..<1 + random.below(6)).map { _ in pieces[random.below(pieces.count)] }.joined()
            }
    }()

    @Test("a table with any names reads back as it was written, a row a line")
    func table() throws {
        let folder = try TemporaryFolder()
        let names = Array(Set(Self.names.map { "\($0)@0x0" }))
        let known = names.map {
            KnownRegion(
                identifier: $0, given: 0, suggested: 1, mask: ColumnRuns(height: 1, width: 1, runs: [0..<1]), file: "",
                line: 0)
        }
        let text = KnownRegion.csvHead + known.map(\.csvLine).joined()
        #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == names.count + 1)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        try folder.write(Array(text.utf8), to: "known.csv")
        let table = try ReviewTable(path: folder("known.csv"))
        #expect(try table.known().map(\.identifier) == names)
        #expect(try Set(table.review().entries.keys) == Set(names))
    }
}
