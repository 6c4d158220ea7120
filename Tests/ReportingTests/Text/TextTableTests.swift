import Testing

@testable import Reporting

@Suite struct TextTableTests {
    @Test("columns are as wide as their widest cell, in characters")
    func widths() {
        let table = TextTable(
            columns: [.init("name", .left), .init("n", .right), .init("note", .left)],
            rows: [["Straße", "1", "a"], ["x", "1,000", "longer"]])
        #expect(
            table.text == """
                name        n  note
                Straße      1  a
                x       1,000  longer

                """)
    }

    @Test("a table without rows is its titles")
    func empty() {
        #expect(TextTable(columns: [.init("a", .left), .init("b", .right)], rows: []).text == "a  b\n")
    }
}
