import TestSupport
import Testing

/// The mechanism itself, in a folder that stands for the repository.
@Suite struct SnapshotTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Array("one\ntwo\n".utf8), to: "text")
        try folder.write(
            Array("before\n<!-- begin table, written by make snapshots -->\nrow\n<!-- end -->\nafter\n".utf8),
            to: "page.md")
    }

    private func snapshot(_ path: String, block: String? = nil, isRewriting: Bool = false) -> Snapshot {
        Snapshot(path: path, block: block, root: folder.path, isRewriting: isRewriting)
    }

    private func text(_ name: String) throws -> String { String(decoding: try folder.read(name), as: UTF8.self) }

    @Test("the committed text passes")
    func same() throws {
        try snapshot("text").check("one\ntwo\n")
        try snapshot("page.md", block: "table").check("row\n")
    }

    @Test("another text fails with its first line that differs, and the file stays as it is")
    func difference() throws {
        #expect(
            throws: SnapshotDifference(
                path: "text", found: "differs from line 2 on\n  committed: \"two\"\n  now:       \"2\"")
        ) { try snapshot("text").check("one\n2\n") }
        #expect(
            throws: SnapshotDifference(
                path: "text", found: "differs from line 3 on\n  committed: \"\"\n  now:       (the end)")
        ) { try snapshot("text").check("one\ntwo") }
        #expect(throws: SnapshotDifference.self) { try snapshot("page.md", block: "table").check("other") }
        #expect(try text("text") == "one\ntwo\n")
    }

    @Test("a file or a block that is not there fails")
    func absent() throws {
        #expect(throws: SnapshotDifference(path: "new", found: "is not there")) { try snapshot("new").check("") }
        for isRewriting in [false, true] {
            #expect(
                throws: SnapshotDifference(
                    path: "page.md", found: "has no line <!-- begin list, written by make snapshots -->")
            ) { try snapshot("page.md", block: "list", isRewriting: isRewriting).check("row") }
        }
    }

    @Test("make snapshots replaces the text, and of a block nothing outside of it")
    func rewriting() throws {
        try snapshot("text", isRewriting: true).check("new\n")
        try snapshot("folder/new", isRewriting: true).check("made\n")
        try snapshot("page.md", block: "table", isRewriting: true).check("first\nsecond")
        #expect(try text("text") == "new\n")
        #expect(try text("folder/new") == "made\n")
        #expect(
            try text("page.md")
                == "before\n<!-- begin table, written by make snapshots -->\nfirst\nsecond\n<!-- end -->\nafter\n")
    }
}
