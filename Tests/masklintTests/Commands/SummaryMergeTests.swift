import MaskAudit
import TestSupport
import Testing

/// Summaries of shards, joined, are the summary of one run.
@Suite struct SummaryMergeTests {
    let command: Command

    /// Three images in two shards, with labels that disagree with predictions here and there: 4 classes, one-hot
    /// probabilities, so that every rule flags what differs.
    init() throws {
        command = try Command()
        var random = SplitMix(seed: 90)
        let given = (0..<3 * 30).map { _ in random.below(4) }
        let predicted = given.map { random.below(3) == 0 ? random.below(4) : $0 }
        func write(_ images: Range<Int>, _ name: String) throws {
            let labels = Array(given[images.lowerBound * 30..<images.upperBound * 30])
            let values = images.flatMap { image in
                (0..<4).flatMap { label in (0..<30).map { predicted[image * 30 + $0] == label ? 1.0 : 0 } }
            }
            try command.folder.write(NumberArray([images.count, 5, 6], labels).npy("|u1"), to: "l\(name).npy")
            try command.folder.write(NumberArray([images.count, 4, 5, 6], values).npy("<f4"), to: "p\(name).npy")
        }
        try write(0..<3, "0")
        try write(0..<1, "1")
        try write(1..<3, "2")
    }

    private func find(_ name: String, _ more: String = "--top 16") throws {
        let run = try command.shell(
            """
            "$1" thresholds -l l0.npy -p p0.npy -o t.npz -q &&
            "$1" find -l l\(name).npy -p p\(name).npy --thresholds t.npz -o \(name).npz \
                --filter-by confident_learning \(more) --json > \(name).json
            """)
        #expect(run.status == 0, "\(run.errors)")
    }

    private func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: String(decoding: try command.folder.read(name), as: UTF8.self))
    }

    @Test("every number, worst image and swap is that of one run")
    func equal() throws {
        for name in ["0", "1", "2"] { try find(name) }
        let run = try command("merge", "1.json", "2.json", "-o", "merged.json", "--json")
        #expect(run.status == 0, "\(run.errors)")
        let merged = try json("merged.json")
        let whole = try json("0.json")
        #expect(try JSONValue(parsing: run.text) == merged)
        #expect(merged.keys == whole.keys)
        // A whole run is the one shard of its own thresholds' file.
        for key in whole.keys where !["seconds", "bytes_read", "shard"].contains(key) {
            #expect(merged[key] == whole[key], "\(key)")
        }
        // Merged again with nothing added, it stays as it is.
        _ = try command("merge", "merged.json", "-o", "again.json")
        #expect(try json("again.json") == merged)
    }

    @Test("swaps that are not listed are told of")
    func unlisted() throws {
        for name in ["1", "2"] { try find(name, "--top 2") }
        let run = try command("merge", "1.json", "2.json", "-o", "-")
        #expect(run.status == 0)
        #expect(run.errorLines.count == 2)
        #expect(run.errors.contains("find --top 16 lists all"))
        #expect(try JSONValue(parsing: run.text)["warnings"]?.elements.count == 2)
    }

    @Test("other rules, other thresholds and other files are told")
    func unlike() throws {
        try find("1")
        try find("2", "--only-class 1")
        #expect(
            try command.fault(command("merge", "1.json", "2.json", "-o", "m.json"))
                == "2.json: has another --only-class than 1.json; merge summaries of one dataset's shards")
        let own = try command.shell(
            "\"$1\" find -l l2.npy -p p2.npy -o o.npz --filter-by confident_learning --json > 2.json")
        #expect(own.status == 0)
        #expect(
            try command.fault(command("merge", "1.json", "2.json", "-o", "m.json"))
                == "2.json: was found by other thresholds than 1.json; merge summaries of one dataset's shards")
        try command.folder.write(Array("{\"tool\": \"masklint\"}".utf8), to: "2.json")
        #expect(
            try command.fault(command("merge", "1.json", "2.json", "-o", "m.json"))
                == "2.json: is no summary of issues: filter_by is not as it is written; name what find --json-file or --json "
                + "wrote")
        #expect(
            try command.fault(command("merge", "1.json", "t.npz", "-o", "m.json"))
                == "t.npz: is a part, 1.json is a summary; merge files of one kind at a time")
    }

    @Test(
        "a number that is no class, or no number, is told",
        arguments: ["4", "-1", "9007199254740992", "1.5", "\"1\"", "1e300"])
    func onlyClass(value: String) throws {
        try find("1", "--only-class 1")
        let text = String(decoding: try command.folder.read("1.json"), as: UTF8.self)
        #expect(text.contains("\"only_class\":1,"))
        try command.folder.write(
            Array(text.replacing("\"only_class\":1,", with: "\"only_class\":\(value),").utf8), to: "2.json")
        #expect(
            try command.fault(command("merge", "2.json", "-o", "m.json"))
                == "2.json: is no summary of issues: only_class is not as it is written; name what find --json-file or --json "
                + "wrote")
    }
}
