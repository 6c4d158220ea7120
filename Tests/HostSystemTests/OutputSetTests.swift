import Foundation
import HostSystem
import TestSupport
import Testing

/// Files that appear together, or not at all.
@Suite struct OutputSetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func contents() throws -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: try folder.names.map { ($0, try folder.read($0)) })
    }

    @Test("nothing appears before all of them do", arguments: [true, false])
    func together(isSynced: Bool) throws {
        try folder.write([1], to: "b")
        let set = OutputSet(isSynced: isSynced)
        let text = try AtomicTextFile(path: folder("a"), in: set)
        try text.write("text")
        try text.commit()
        try set.add([2, 3], path: folder("b"))
        #expect(try folder.names.filter { !$0.hasPrefix(".") } == ["b"])
        #expect(try folder.read("b") == [1])
        try set.appear()
        #expect(try folder.read("a") == Array("text".utf8))
        set.settle()
        #expect(try contents() == ["a": Array("text".utf8), "b": [2, 3]])
    }

    @Test("what appeared can be taken back, with its permissions")
    func restored() throws {
        try folder.write([1], to: "b")
        try setPermissions(of: folder("b"), to: 0o640)
        let set = OutputSet()
        try set.add([9], path: folder("a"))
        try set.add([9], path: folder("b"))
        try set.appear()
        #expect(try folder.read("a") == [9])
        #expect(try folder.read("b") == [9])
        set.takeBack()
        set.drop()
        #expect(try contents() == ["b": [1]])
        #expect(try permissions(of: folder("b")) == 0o640)
    }

    @Test("one that cannot take its place puts back those before it")
    func unplaced() throws {
        try folder.write([1], to: "a")
        do {
            let set = OutputSet()
            try set.add([9], path: folder("a"))
            try set.add([9], path: folder("new"))
            try set.add([9], path: folder("b"))
            try FileManager.default.createDirectory(atPath: folder("b"), withIntermediateDirectories: false)
            let error = #expect(throws: FileError.self) { try set.appear() }
            #expect(error?.file == folder("b"))
        }
        try FileManager.default.removeItem(atPath: folder("b"))
        #expect(try contents() == ["a": [1]])
    }

    @Test("a set that is dropped leaves nothing, and no folder that it made")
    func dropped() throws {
        do {
            let set = OutputSet()
            try set.makeFolder(path: folder("pictures"))
            try set.add([9], path: folder("pictures/a"))
        }
        #expect(try folder.names == [])
    }

    @Test("temporary files of dead processes of this system go when somebody writes beside them")
    func stale() throws {
        let set = OutputSet()
        try set.add([1], path: folder("a"))
        let own = try #require(try folder.names.first)
        let parts = own.split(separator: "-").map(String.init)
        try #require(parts.count == 4 && parts[0] == ".a.masklint", "\(own)")
        // No system has so many processes.
        let dead = "99999999"
        let kept = [
            ".a.masklint-\(parts[1])-\(getpid())-abcdef", ".a.masklint-\(parts[1])-1-abcdef",
            ".a.masklint-0000000x-\(dead)-abcdef",
            ".a.masklint-\(parts[1])-\(dead)-abcdefg", ".a.masklint-\(parts[1])-\(dead)",
            "a.masklint-\(parts[1])-\(dead)-abcdef",
            ".a.masklint-\(parts[1])-x-abcdef", ".masklint", "-",
        ]
        let stale = [".a.masklint-\(parts[1])-\(dead)-abcdef", ".b.masklint-x.masklint-\(parts[1])-\(dead)-012345"]
        let other = try TemporaryFolder()
        for name in kept + stale { try other.write([1], to: name) }
        try makeSymbolicLink(at: other(".l.masklint-\(parts[1])-\(dead)-abcdef"), to: "-")
        try set.add([1], path: other("a"))
        let left = try other.names.filter { !$0.hasPrefix(".a.masklint-\(parts[1])-\(parts[2])") || kept.contains($0) }
        #expect(left == (kept + [".l.masklint-\(parts[1])-\(dead)-abcdef"]).sorted())
    }

    @Test("places are equal where paths lead to one file, whether it is there or not")
    func places() throws {
        try folder.write([1], to: "a")
        try makeSymbolicLink(at: folder("link"), to: "a")
        try makeSymbolicLink(at: folder("here"), to: ".")
        try FileManager.default.linkItem(atPath: folder("a"), toPath: folder("hard"))
        for path in ["./a", "link", "hard", "here/a", "here/./here/a"] {
            #expect(FilePlace(path: folder(path)) == FilePlace(path: folder("a")), "\(path)")
        }
        #expect(FilePlace(path: folder("new")) == FilePlace(path: folder("here/new")))
        #expect(FilePlace(path: folder("\u{301}n")) == FilePlace(path: folder("here/\u{301}n")))
        #expect(FilePlace(path: folder("new")) != FilePlace(path: folder("new2")))
        #expect(FilePlace(path: folder("new")) != FilePlace(path: folder("a")))
        #expect(FilePlace(path: folder("gone/new")) != FilePlace(path: folder("new")))
    }

    @Test("a stamp tells a file that was written to, replaced or removed since")
    func stamps() throws {
        let path = try folder.write([1, 2], to: "a")
        let stamp = try #require(FileStamp(path: path))
        #expect(stamp.change(of: path) == nil)
        // The same size and the same times: only the time of the entry differs.
        let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        Thread.sleep(forTimeInterval: 0.02)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: [3, 4])
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: try #require(date)], ofItemAtPath: path)
        #expect(
            stamp.change(of: path)?.description
                == "\(path): changed or was replaced while it was read; run again when nothing writes to it")
        try setSize(of: path, to: 1)
        #expect(stamp.change(of: path)?.description.contains("1 bytes now, 2 when it was opened") == true)
        try FileManager.default.removeItem(atPath: path)
        #expect(stamp.change(of: path)?.code == .changed)
    }
}
