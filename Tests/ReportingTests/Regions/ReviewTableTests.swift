import MaskAudit
import TestSupport
import Testing

@testable import Reporting

@Suite struct ReviewTableTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func table(_ text: String) throws -> ReviewTable {
        try folder.write(Array(text.utf8), to: "t.csv")
        return try ReviewTable(path: folder("t.csv"))
    }

    private func fault(_ text: String, _ read: (ReviewTable) throws -> Void = { _ = try $0.review() }) -> String {
        do {
            try read(table(text))
            return "nothing was thrown"
        } catch {
            return "\(error)".split(separator: folder.path + "/", omittingEmptySubsequences: false).joined()
        }
    }

    @Test(
        "decisions are read however a spreadsheet saves them",
        arguments: [
            "id,decision\n0@1x2,accept\nb@3x4,reject\nc@5x6,\n",
            "\u{FEFF}id,decision\r\n0@1x2,accept\r\nb@3x4,reject\r\n",
            "decision;score;id\nAccept;0,5;0@1x2\n REJECT ;1;b@3x4\n",
            "\"id\"\t\"decision\"\n\"0@1x2\"\t\"accept\"\n\nb@3x4\treject",
            "id,decision,note\n0@1x2,accept,\"two\nlines, and a \"\"quote\"\"\"\nb@3x4,reject,",
            "ID, Decision \r0@1x2,accept\rb@3x4,reject\r",
        ])
    func forms(text: String) throws {
        let review = try table(text).review()
        #expect(review.entries.mapValues(\.decision) == ["0@1x2": .accept, "b@3x4": .reject])
    }

    @Test("names may hold commas, quotes and line ends, and lines count those")
    func names() throws {
        let review = try table("id,decision\n\"a,\"\"b\"\"\n@1x2\",accept\nx@1x1,reject\n").review()
        #expect(review.entries["a,\"b\"\n@1x2"]?.line == 2)
        #expect(review.entries["x@1x1"]?.line == 4)
    }

    @Test(
        "what is wrong names the line",
        arguments: [
            ("", "t.csv: line 1: the table is empty; name a table of masklint regions"),
            ("id\n0@0x0\n", "t.csv: line 1: no column decision; name a table of masklint regions"),
            ("name,decision\n", "t.csv: line 1: no column id; name a table of masklint regions"),
            ("id,decision\na@0x0,yes\n", "t.csv: line 2: the decision is 'yes'; write accept, reject or nothing"),
            (
                "id,decision\n\na@0x0,accept\na@0x0,reject\n",
                "t.csv: line 4: region 'a@0x0' is decided twice, first in line 3; leave one of the lines"
            ),
            (
                "id,decision\na@0x0,accept,,\n",
                "t.csv: line 2: 4 fields, the first line has 2; quote fields that hold the separator"
            ),
            (
                "id,decision\na@0x0,accept\n\"a@0x0,reject\nb",
                "t.csv: line 3: a quote is not closed; close it, and double quotes within fields"
            ),
        ])
    func faults(text: String, line: String) { #expect(fault(text) == line) }

    @Test("rejected regions are known, all where nobody decided")
    func known() throws {
        let rows = "i@0x0,%,0,1,2x3:042\nj@0x0,%,2,3,2x3:6"
        let decided = "id,decision,given,suggested,mask\ni@0x0,reject,0,1,2x3:042\nj@0x0,accept,?,?,?\nk@0x0,,?,?,?\n"
        let known = try table(decided).known()
        #expect(known.map(\.identifier) == ["i@0x0"])
        #expect(known[0].mask.counts == [0, 4, 2])
        #expect((known[0].given, known[0].suggested, known[0].image, known[0].line) == (0, 1, "i", 2))
        let all = try table("id,x,given,suggested,mask\n" + rows).known()
        #expect(all.map(\.suggested) == [1, 3])
        // What is written is read again.
        let written = KnownRegion.csvHead + known.map(\.csvLine).joined()
        #expect(try table(written).known().map(\.mask) == known.map(\.mask))
    }

    @Test(
        "a damaged row of known regions names its line",
        arguments: [
            ("0,1,2x3:05", "the mask is damaged; leave this column as it was"),
            ("0,1,052", "the mask is damaged; leave this column as it was"),
            ("0,1,2x:052", "the mask is damaged; leave this column as it was"),
            ("0,1,", "the mask is damaged; leave this column as it was"),
            ("0,1,99999999999x99999999999:0", "the mask is damaged; leave this column as it was"),
            ("car,1,2x3:042", "given and suggested class are numbers; leave these columns as they were"),
        ])
    func damaged(row: String, finding: String) {
        let line = fault("id,decision,given,suggested,mask\ni@0x0,reject,\(row)\n") { _ = try $0.known() }
        #expect(line == "t.csv: line 2: \(finding)")
    }
}
