import Testing

@testable import Reporting

@Suite struct TextTableTests {
    @Test("columns are as wide as their widest cell, in characters")
    func widths() {
        let table = textTable(
            [.left("name"), .right("n"), .left("note")],
            [["Straße", "1", "a"], ["x", "1,000", "longer"]])
        #expect(
            table == """
                name        n  note
                Straße      1  a
                x       1,000  longer

                """)
    }

    @Test("a table without rows is its titles")
    func empty() {
        #expect(textTable([.left("a"), .right("b")], []) == "a  b\n")
    }
}
