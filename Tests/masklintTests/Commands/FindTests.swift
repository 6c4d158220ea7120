import MaskAudit
import NumPyFiles
import TestSupport
import Testing

@Suite struct FindTests {
    let command: Command

    init() throws { command = try Command() }

    @Test("a run writes the output, prints the summary, and nothing else")
    func summary() throws {
        let run = try command.find()
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(
            run.text.hasPrefix(
                """
                images    2
                pixels    16, 0 ignored, 16 counted
                issues    2 (12.50 % of counted pixels)
                agreement 87.50 % of counted pixels are predicted as they are labelled
                rule      low_self_confidence

                class  pixels  issues     rate  threshold
                0           7       1  14.29 %     0.6786
                1           9       1  11.11 %     0.6944

                """))
        #expect(try command.folder.names == ["labels.npy", "out.npz", "pred_probs.npy"])
    }

    @Test("--json prints one object on one line and nothing else")
    func json() throws {
        let run = try command.find("--json")
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(run.text.hasSuffix("\n"))
        #expect(run.text.split(separator: "\n").count == 1)
        let json = try JSONValue(parsing: run.text)
        #expect(json["issues"] == .number(2))
        #expect(json["images"] == .number(2))
        #expect(json["issue_rate"] == .number(0.125))
        #expect(json["warnings"] == .array([]))
        #expect(json["swaps"]?.elements.count == 2)
    }

    @Test("--quiet is silent, --quiet --json prints the object alone")
    func quiet() throws {
        try command.folder.write(Command.labels.npy("|u1") + [0], to: "labels.npy")
        let loud = try command.find()
        #expect(
            loud.errors
                == "masklint: warning: labels.npy: 1 bytes after the array were left unread\n")
        for flag in ["-q", "--quiet"] {
            let run = try command.find(flag)
            #expect(run.status == 0)
            #expect(run.text == "")
            #expect(run.errors == "")
        }
        let run = try command.find("-q", "--json")
        #expect(run.errors == "")
        #expect(try JSONValue(parsing: run.text)["warnings"]?.elements.count == 1)
    }

    @Test(
        "a gate that is exceeded exits 1 after the output is written",
        arguments: [
            ("0", 1, "0 %"), ("0.1249", 1, "12.49 %"), ("0.125", 0, ""), ("1", 0, ""),
        ] as [(String, Int32, String)])
    func gate(rate: String, status: Int32, limit: String) throws {
        let run = try command.find("--fail-over", rate)
        #expect(run.status == status)
        #expect(run.text.hasPrefix("images    2\n"))
        #expect(
            run.errors
                == (status == 0
                    ? "" : "masklint: gate: issue rate 12.50 % is above --fail-over \(limit)\n"))
        #expect(try command.folder.names.contains("out.npz"))
        let quiet = try command.find("--fail-over", rate, "-q")
        #expect(quiet.status == status)
        #expect(quiet.errors == "")
    }

    @Test("output to - is the archive and no summary")
    func standardOutput() throws {
        _ = try command.find()
        let run = try command.find(output: "-")
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(run.output == (try command.folder.read("out.npz")))
        #expect(try command.folder.names == ["labels.npy", "out.npz", "pred_probs.npy"])
    }

    @Test("threads, memory limit and rule change files as they should and not otherwise")
    func options() throws {
        _ = try command.find("--suggest")
        let first = try command.folder.read("out.npz")
        for more in [
            ["--threads", "7"], ["--memory-limit", "0"], ["--memory-limit", "1k"],
            ["--threads", "1", "--memory-limit", "2G"],
        ] {
            let run = try TestSupport.run(
                program, ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "out.npz", "--suggest"] + more,
                folder: command.folder.path)
            #expect(run.status == 0)
            #expect(try command.folder.read("out.npz") == first)
        }
        _ = try command.find("--suggest", "--store")
        #expect(try command.folder.read("out.npz") != first)
        #expect(try command.find("--filter-by", "confident_learning").text.contains("rule      confident_learning\n"))
    }

    @Test(
        "a negative void label may follow a space or an equals sign",
        arguments: [
            ["--ignore-label", "-1"], ["--ignore-label=-1"], ["--ignore-label", "-1", "--ignore-label", "255"],
        ])
    func negativeIgnored(options: [String]) throws {
        var labels = Command.labels
        labels.values[0] = -1
        try command.folder.write(labels.npy("<i4"), to: "labels.npy")
        let run = try TestSupport.run(
            program, ["find", "-l", "labels.npy"] + options + ["-p", "pred_probs.npy", "-o", "out.npz"],
            folder: command.folder.path)
        #expect(run.status == 0)
        #expect(run.text.contains("pixels    16, 1 ignored, 15 counted\n"))
    }

    @Test("labels of 0 and 255 are read with --map-label")
    func mapped() throws {
        var labels = Command.labels
        labels.values = labels.values.map { $0 * 255 }
        try command.folder.write(labels.npy("|u1"), to: "labels.npy")
        #expect(try command.fault(command.find()).contains("--map-label 255=1"))
        #expect(try command.find("--map-label", "255=1").text.contains("issues    2 "))
    }

    @Test("labels under other numbers give the same masks, and suggestions under these numbers")
    func numbers() throws {
        func suggested(_ number: (Double) -> Double, _ options: String...) throws -> [UInt8] {
            var labels = Command.labels
            labels.values = labels.values.map(number)
            try command.folder.write(labels.npy("|u1"), to: "labels.npy")
            let run = try TestSupport.run(
                program,
                ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "out.npz", "--suggest"] + options,
                folder: command.folder.path)
            #expect(run.status == 0 && run.errors == "" && run.text.contains("issues    2 "), "\(run.errors)")
            let file = try ArrayFile(path: command.folder("out.npz"))
            let stream = try file.stream(try #require(file.arrays.first { $0.key == "suggested_labels" }))
            var bytes: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &bytes)
            return bytes
        }
        let plain = try suggested { $0 }
        #expect(try suggested({ $0 + 1 }, "--reduce-zero-label") == plain.map { $0 + 1 })
        #expect(
            try suggested({ $0 * 20 + 7 }, "--map-label", "7=0", "--map-label", "27=1") == plain.map { $0 * 20 + 7 })
        try command.folder.write(Array("id,class\n7,0\n27,1\n9,ignore\n".utf8), to: "map.csv")
        #expect(try suggested({ $0 * 20 + 7 }, "--map-labels", "map.csv") == plain.map { $0 * 20 + 7 })
        try command.folder.write(
            Array("{\"map-labels\": \"map.csv\", \"map-label\": [\"8=ignore\"]}".utf8), to: "c.json")
        #expect(try suggested({ $0 * 20 + 7 }, "--config", "c.json") == plain.map { $0 * 20 + 7 })
        #expect(try suggested({ $0 * 10 }, "--label-divisor", "10") == plain.map { $0 * 10 })
    }

    @Test("a table of labels that cannot be used is told in one line, and is no output")
    func mapFaults() throws {
        try command.folder.write(Array("7,0\n".utf8), to: "map.csv")
        #expect(
            try command.fault(command.find("--map-labels", "map.csv", "--map-label", "7=1"))
                == "map.csv: replaces 7, as --map-label does; name every label once")
        #expect(try command.fault(command.find("--map-labels", "map.csv", output: "map.csv")).contains("map.csv"))
        #expect(try command.folder.read("map.csv") == Array("7,0\n".utf8))
        for command in [
            ["regions", "-o", "r.csv"], ["score", "-o", "s.npz"], ["report", "-o", "r.html"],
            ["thresholds", "-o", "t.npz"],
        ] {
            let run = try TestSupport.run(
                program, command + ["-l", "labels.npy", "-p", "pred_probs.npy", "--map-labels", "nowhere.csv"],
                folder: self.command.folder.path)
            #expect(try self.command.fault(run).hasPrefix("nowhere.csv: no such file"))
        }
    }

    @Test("several files may follow one option")
    func severalFiles() throws {
        let run = try command(
            "find", "--labels", "labels.npy", "labels.npy", "--pred-probs", "pred_probs.npy", "pred_probs.npy",
            "--output",
            "out.npz")
        #expect(run.status == 0)
        #expect(run.text.hasPrefix("images    4\n"))
    }

    @Test("class names stand in the tables")
    func classNames() throws {
        try command.folder.write(Array("sky\nroad\n".utf8), to: "names.txt")
        let run = try command.find("--class-names", "names.txt")
        #expect(run.text.contains("\n0 sky        7       1  14.29 %     0.6786\n"))
        #expect(run.text.contains("\n0 sky -> 1 road          1  50.00 %\n"))
    }

    @Test("an old output is replaced by a good run and left by a bad one")
    func oldOutput() throws {
        try command.folder.write([1, 2, 3], to: "old.npz")
        try command.folder.write(Command.probabilities(-1, 2).npy("<f4"), to: "bad.npy")
        let bad = try command("find", "-l", "labels.npy", "-p", "bad.npy", "-o", "old.npz")
        #expect(bad.status == 2)
        #expect(try command.folder.read("old.npz") == [1, 2, 3])
        #expect(try command.find(output: "old.npz").status == 0)
        #expect(try command.folder.read("old.npz").prefix(2) == [0x50, 0x4B])
        #expect(try command.folder.names == ["bad.npy", "labels.npy", "old.npz", "pred_probs.npy"])
    }
}
