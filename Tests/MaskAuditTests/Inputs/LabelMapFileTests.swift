import MaskAudit
import TestSupport
import Testing

@Suite struct LabelMapFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func read(_ text: String) throws -> [Int: LabelTarget] {
        try folder.write(Array(text.utf8), to: "map.csv")
        return try LabelMapFile.read(folder("map.csv"))
    }

    @Test(
        "a table is read with or without a heading, and as JSON",
        arguments: [
            "7,0\n-1,ignore\n33,2\n", "from,to\n7,0\n-1,ignore\n33,2",
            "\u{feff}id,train id\r\n7,0\r\n-1,ignore\r\n33,2\r\n",
            "\n 7 , 0\n\n\"-1\",\"Ignore\"\n33,2\n\n", "{\"7\": 0, \"-1\": \"ignore\", \"33\": 2}",
            "\n  {\"-1\": \"ignore\", \"7\": \"0\",\n\"33\": 2}\n",
        ])
    func forms(text: String) throws {
        #expect(try read(text) == [7: 0, -1: .ignored, 33: 2])
    }

    @Test(
        "what is no replacement is named with its line",
        arguments: [
            ("", "holds no replacements"), ("from,to\n", "holds no replacements"), ("{}", "holds no replacements"),
            ("7,0\nfrom,to\n", "line 2 replaces 'from', a label is a whole number"),
            ("road,0\n", "line 1 replaces 'road', a label is a whole number"),
            ("7,0\n8,road\n", "line 2 replaces 8 by 'road'; write a label or the word ignore"),
            ("7,0\n7,1\n", "line 2 replaces 7 a second time; name every label once"),
            ("7\n", "line 1 has 1 columns, two are needed: from,to"), ("7,0,road\n", "line 1 has 3 columns"),
            ("{\"road\": 0}", "the key 'road' is no label"), ("{\"7\": 0.5}", "7 is replaced by a number"),
            ("{\"7\": null}", "7 is replaced by null; write a label or the word \"ignore\""),
            ("{\"7\": 1, \"07\": 1}", "7 is replaced a second time"), ("{\"7\" 0}", "line 1 column 6 is no JSON"),
        ])
    func faults(text: String, fact: String) throws {
        let fault = #expect(throws: AuditError.self) { _ = try read(text) }
        #expect("\(try #require(fault))".hasPrefix("\(folder("map.csv")): \(fact)"))
    }
}
