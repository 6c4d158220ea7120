import Foundation
import MaskAudit
import NumPyFiles
import TestSupport
import Testing

/// Images of any name: as many come out as went in, under their names, or an error says which does not.
@Suite struct NameTests {
    let command: Command

    init() throws { command = try Command() }

    /// Names that lead elsewhere as paths, look like markup, formulas, escapes, keys or numbers of ours, or do not show.
    static let odd: [String] = [
        "/data/a.png", "../b", "./c", "d:1", "C:\\city\\e", "city\\e", "f g", "ü/h", ".hidden", "", ".", "..", "/",
        "//", "a/",
        "a//b", "a/../b", "a.npy", "a.npz", "label_issues", "label_issues/x", "suggested_labels/x",
        "confident_thresholds",
        "records/0", "issue_counts", "x@1x2", "0", "00", "-1", "--json", "-", "=1+1", "+1", "@x", "'", "''x", "\"", ",",
        ";",
        "a,b\"c", "<b>&amp;</b>", "|", "`", "$(x)", "%s", "{}", "\\u{1b}", "\\xff", "\u{1b}[31m", "\n", "\r\n", "\t",
        "\u{7f}",
        "\u{85}", "\u{301}x", "x\u{600}", "\u{200d}", "\u{202e}abc", "\u{2028}", "\u{feff}", "\u{fffd}", "\u{ffff}",
        "\u{10ffff}",
        "é", "路", "😀", "👩‍👩‍👧", " ", " a ", "img2", "img10", "NUL", "CON.txt", "~", "~/x", "*", "?", "con\u{0301}e", "ﬁ",
        String(repeating: "long", count: 15_000),
    ]

    /// Names put together by chance from pieces of such.
    static func chance(seed: UInt64, count: Int) -> [String] {
        let pieces = [
            "/", "\\", ".", "..", ":", ".npy", "@", "0", "10", "x", "é", "e\u{301}", "\u{301}", "\u{600}", "\u{1b}[",
            "\n", " ", "'",
            "\"", ",", ";", "=", "-", "label_issues", "_", "路", "\u{202e}", "\u{feff}", "😀", "\u{7f}", "u{", "}",
        ]
        var random = SplitMix(seed: seed)
        return (0..<count).map { _ in (0..<1 + random.below(5)).map { _ in pieces[random.below(pieces.count)] }.joined()
        }
    }

    /// Without those that are equal as text, which are one name, in the order of their bytes.
    private static func distinct(_ names: [String]) -> [String] {
        Array(Set(names)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func image(_ index: Int) -> (labels: [UInt8], predProbs: [UInt8]) {
        let first = index % 2
        let labels = Array(Command.labels.values[first * 8..<first * 8 + 8])
        let probabilities = Array(Command.probabilities().values[first * 16..<first * 16 + 16])
        return (NumberArray([2, 4], labels).npy("|u1"), NumberArray([2, 2, 4], probabilities).npy("<f4"))
    }

    private func write(_ names: [String], _ labels: String, _ predProbs: String) throws {
        let members = names.enumerated().map { index, name in
            let image = Self.image(index)
            return (
                ZipMember(name + ".npy", image.labels).with(\.flags, 0x800),
                ZipMember(name + ".npy", image.predProbs).with(\.flags, 0x800)
            )
        }
        try command.folder.write(ZipBuilder(members.map(\.0)).bytes, to: labels)
        try command.folder.write(ZipBuilder(members.map(\.1).reversed()).bytes, to: predProbs)
    }

    /// The bytes of the names below a key of an archive.
    private func names(_ name: String, below key: String = "label_issues/") throws -> Set<[UInt8]> {
        Set(
            try ArrayFile(path: command.folder(name)).arrays.map { Array($0.key.utf8) }
                .filter { $0.starts(with: key.utf8) }.map { Array($0.dropFirst(key.utf8.count)) })
    }

    /// A row of the table of regions with a decision, which is its second field.
    private static func rejected(_ row: ArraySlice<UInt8>) -> [UInt8] {
        var isQuoted = false
        let comma = row.firstIndex { byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            return byte == UInt8(ascii: ",") && !isQuoted
        }
        let end = (comma ?? row.startIndex) + 1
        return Array(row[..<end]) + Array("reject".utf8) + Array(row[end...])
    }

    private func succeed(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue
    {
        let run = try TestSupport.run(program, arguments, folder: command.folder.path)
        #expect(run.status == 0, "\(run.errors)", sourceLocation: sourceLocation)
        return try JSONValue(parsing: run.text)
    }

    @Test("every image of an archive comes out of every command", arguments: [0, 1, 2] as [UInt64])
    func archives(seed: UInt64) throws {
        let all = Self.distinct(seed == 0 ? Self.odd : Self.chance(seed: seed, count: 120))
        // What macOS adds is no image.
        let names = all.filter { name in
            !name.utf8.split(separator: 47, omittingEmptySubsequences: false).last!.starts(with: "._".utf8)
        }
        let bytes = Set(names.map { Array($0.utf8) })
        let half = names.count / 2
        try write(names, "l.npz", "p.npz")
        try write(Array(names[..<half]), "l1.npz", "p1.npz")
        try write(Array(names[half...]), "l2.npz", "p2.npz")

        let found = try succeed(
            "find", "-l", "l.npz", "-p", "p.npz", "-o", "o.npz", "--json", "--suggest", "--regions", "r.csv")
        #expect(found["images"]?.integer == names.count)
        #expect(try self.names("o.npz") == bytes)
        #expect(try self.names("o.npz", below: "suggested_labels/") == bytes)
        let issues = found["issues"]?.integer

        _ = try succeed(
            "thresholds", "-l", "l.npz", "-p", "p.npz", "-o", "t.npz", "--keep-records", "rec.npz", "--json")
        let kept = try succeed("find", "--records", "rec.npz", "--thresholds", "t.npz", "-o", "k.npz", "--json")
        #expect(kept["issues"]?.integer == issues)
        #expect(try self.names("k.npz") == bytes)

        for shard in ["1", "2"] {
            _ = try succeed(
                "find", "-l", "l\(shard).npz", "-p", "p\(shard).npz", "--thresholds", "t.npz", "-o", "o\(shard).npz",
                "--json")
        }
        let merged = try succeed("merge", "o1.npz", "o2.npz", "-o", "m.npz", "--json")
        #expect(merged["images"]?.integer == names.count)
        #expect(try self.names("m.npz") == bytes)

        for masks in ["o.npz", "k.npz", "m.npz"] {
            let report = try succeed(
                "report", "-l", "l.npz", "-p", "p.npz", "--issues", masks, "-o", "r.html", "--json", "--png-dir",
                "pictures")
            #expect(report["images"]?.integer == names.count)
        }
        let scores = try succeed(
            "score", "-l", "l.npz", "-p", "p.npz", "-o", "s.npz", "--csv", "s.csv", "--json", "--pixel-scores")
        #expect(scores["images"]?.integer == names.count)
        #expect(try self.names("s.npz", below: "pixel_scores/") == bytes)
        #expect(try command.folder.read("s.csv").count { $0 == 10 } == names.count + 1)

        let regions = try succeed(
            "regions", "-l", "l.npz", "-p", "p.npz", "-o", "r.json", "--corrected", "c.npz", "--coco", "coco.json",
            "--json")
        #expect(regions["images"]?.integer == names.count)
        #expect(try self.names("c.npz", below: "") == bytes)
        #expect(
            try JSONValue(parsing: String(decoding: command.folder.read("coco.json"), as: UTF8.self))["images"]?
                .elements.count
                == names.count)
        // The table of regions reads back, every row decided.
        let rows = try command.folder.read("r.csv").split(separator: 10)
        try command.folder.write(
            Array(([Array(rows[0])] + rows.dropFirst().map(Self.rejected)).joined(separator: [10])), to: "done.csv")
        _ = try succeed(
            "regions", "-l", "l.npz", "-p", "p.npz", "-o", "left.csv", "--accept", "done.csv", "--known-out",
            "known.csv",
            "--json")
        let again = try succeed(
            "regions", "-l", "l.npz", "-p", "p.npz", "-o", "left.csv", "--known", "known.csv", "--json")
        #expect(again["regions_listed"]?.integer == 0)
    }

    @Test("every file of a folder is an image, or an error names it", arguments: [0, 1, 2, 3] as [UInt64])
    func folders(seed: UInt64) throws {
        let names = Self.distinct(seed == 0 ? Self.odd : Self.chance(seed: seed, count: 60)).filter {
            !$0.utf8.contains(47) && $0.utf8.first != 46 && (1...200).contains($0.utf8.count)
        }
        for folder in ["l", "p"] {
            try FileManager.default.createDirectory(atPath: command.folder(folder), withIntermediateDirectories: true)
        }
        for (index, name) in names.enumerated() {
            let image = Self.image(index)
            let suffix = [".npy", ".NPY", ".Npy"][index % 3]
            try writeFile(image.labels, path: command.folder("l/\(name)\(suffix)"))
            try writeFile(image.predProbs, path: command.folder("p/\(name).npy"))
        }
        let found = try succeed("find", "-l", "l", "-p", "p", "-o", "o.npz", "--json")
        #expect(found["images"]?.integer == names.count)
        #expect(try self.names("o.npz") == Set(names.map { Array($0.utf8) }))
        // One more, whose name is no text.
        let run = try command.shell(
            "cp l/*.npy \"$(printf 'l/a\\377\\n.npy')\" 2> /dev/null; cp labels.npy \"$(printf 'l/a\\377b.npy')\"")
        #expect(run.status == 0)
        let fault = try command.fault(command("find", "-l", "l", "-p", "p", "-o", "out.npz"))
        #expect(fault == "l/a\\xffb.npy: the name is not UTF-8, so the image cannot be named; rename the file")
    }

    @Test("files that are no arrays may have any name")
    func others() throws {
        let run = try command.shell(
            """
            mkdir l p; cp labels.npy "$(printf 'l/\\377.txt')"; cp labels.npy "$(printf 'l/.\\377.npy')"
            """)
        #expect(run.status == 0)
        let image = Self.image(0)
        try command.folder.write(image.labels, to: "l/a.npy")
        try command.folder.write(image.predProbs, to: "p/a.npy")
        #expect(try succeed("find", "-l", "l", "-p", "p", "-o", "o.npz", "--json")["images"]?.integer == 1)
    }

    @Test(
        "a path that is not UTF-8 is an error and not another path",
        arguments: ["-l $odd -p pred_probs.npy -o out.npz", "-l labels.npy -p pred_probs.npy -o $odd"])
    func arguments(line: String) throws {
        let before = try command.folder.names
        let run = try command.shell("odd=$(printf 'a\\377.npz'); \"$1\" find \(line)")
        #expect(
            try command.fault(run) == "a\\xff.npz: this argument is not UTF-8; give files and folders names in UTF-8")
        #expect(try command.folder.names == before)
    }

    @Test("names that are too long to write are an error", arguments: ["find", "score"])
    func length(name: String) throws {
        try write([String(repeating: "x", count: 65_531), "b"], "l.npz", "p.npz")
        let run = try command(
            name, "-l", "l.npz", "-p", "p.npz", "-o", "out.npz", name == "score" ? "--pixel-scores" : "-q")
        #expect(try command.fault(run).contains("does not fit, ZIP allows 65535; use shorter names"))
    }

    @Test("two members of one name are an error")
    func twice() throws {
        let image = Self.image(0)
        for (first, second) in [("a.npy", "a.npy"), ("a", "a.npy"), ("\u{e9}.npy", "e\u{301}.npy")] {
            let members = [first, second, "b.npy"].map { ZipMember($0, image.labels).with(\.flags, 0x800) }
            try command.folder.write(ZipBuilder(members).bytes, to: "l.npz")
            let run = try command("find", "-l", "l.npz", "-p", "l.npz", "-o", "out.npz")
            #expect(try command.fault(run).contains("duplicate key"))
        }
    }
}
