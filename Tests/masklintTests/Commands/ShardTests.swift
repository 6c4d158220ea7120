import MaskAudit
import TestSupport
import Testing

/// Shards as a shell handles them.
@Suite struct ShardTests {
    let command: Command

    /// The two images of the command's data, one a shard, in 0.25 and 0.75: exact in float16.
    init() throws {
        command = try Command()
        let values = Command.probabilities().values
        for shard in 0..<2 {
            let labels = Array(Command.labels.values[shard * 8..<shard * 8 + 8])
            try command.folder.write(NumberArray([1, 2, 4], labels).npy("|u1"), to: "l\(shard + 1).npy")
            let probabilities = NumberArray([1, 2, 2, 4], Array(values[shard * 16..<shard * 16 + 16]))
            try command.folder.write(probabilities.npy("<f2"), to: "h\(shard + 1).npy")
            try command.folder.write(probabilities.npy("<f4"), to: "p\(shard + 1).npy")
        }
    }

    private func succeed(_ line: String) throws -> CommandRun {
        let run = try command.shell(line)
        #expect(run.status == 0, "\(run.errors)")
        return run
    }

    @Test("thresholds, merge, find, merge: float16 is read twice")
    func half() throws {
        _ = try succeed(
            """
            for i in 1 2; do "$1" thresholds -l l$i.npy -p h$i.npy -o $i.part.npz --shard $i/2 -q || exit; done
            "$1" merge 2.part.npz 1.part.npz -o t.npz -q
            """)
        for shard in 1...2 {
            let run = try succeed(
                "\"$1\" find -l l\(shard).npy -p h\(shard).npy --thresholds t.npz -o \(shard).npz --json")
            let json = try JSONValue(parsing: run.text)
            #expect(json["thresholds_from"]?.string == "t.npz")
            #expect(json["shard"]?.string == "shard \(shard) of 2")
            #expect(json["issues"]?.number == 1)
        }
        let merged = try succeed("\"$1\" merge 1.npz 2.npz -o out.npz")
        #expect(merged.text.contains("issues    2 (12.50 % of counted pixels)"))
    }

    @Test("the second round of wider floats")
    func float() throws {
        let run = try succeed(
            """
            for i in 1 2; do "$1" thresholds -l l$i.npy -p p$i.npy -o $i.part.npz -q || exit; done
            "$1" merge 1.part.npz 2.part.npz -o t.npz
            for i in 1 2; do
              "$1" thresholds -l l$i.npy -p p$i.npy --thresholds t.npz -o $i.rank.npz -q || exit
            done
            "$1" merge 2.rank.npz 1.rank.npz -o final.npz
            """)
        #expect(run.text.contains("not known: low_self_confidence over several shards takes a second round"))
        #expect(run.text.contains("cut-off   0.25 under low_self_confidence"))
        let found = try succeed("\"$1\" find -l l2.npy -p p2.npy --thresholds final.npz -o 2.npz")
        #expect(found.text.contains("from      final.npz: thresholds, shard 2 of 2, in the order they were merged"))
    }

    @Test("other data are judged by the thresholds alone")
    func frozen() throws {
        _ = try succeed("\"$1\" thresholds -l labels.npy -p pred_probs.npy -o reference.npz -q")
        let run = try succeed("\"$1\" find -l l1.npy -p p1.npy --thresholds reference.npz -o 1.npz")
        #expect(run.text.contains("from      reference.npz: thresholds\n"))
        for command in ["score --method num_pixel_issues", "report"] {
            _ = try succeed("\"$1\" \(command) -l l1.npy -p p1.npy --thresholds reference.npz -o 1.out -q")
        }
    }

    #if os(Linux)
    @Test(
        "merge opens an archive of named images as often as one image has it opened",
        .enabled(if: Strace.isThere, "strace may not trace"))
    func opens() throws {
        var counts: [Int] = []
        for images in [1, 50] {
            func archive(_ array: NumberArray, _ type: String) -> [UInt8] {
                npz((0..<images).map { ("image\($0)", array.npy(type)) })
            }
            try command.folder.write(archive(NumberArray([1, 2], [0, 1]), "|u1"), to: "labels.npz")
            try command.folder.write(
                archive(NumberArray([2, 1, 2], [0.75, 0.25, 0.25, 0.75]), "<f4"), to: "probs.npz")
            // One image alone is named where its key is on both sides.
            _ = try succeed(
                """
                "$1" find -l labels.npz -p probs.npz -o masks.npz -q &&
                strace -o trace -e trace=openat "$1" merge masks.npz -o merged.npz -q
                """)
            counts.append(Strace.lines(try command.folder.read("trace"), with: "\"masks.npz\""))
        }
        #expect(counts[0] == counts[1] && counts[0] > 0)
    }
    #endif

    @Test(
        "options that do not go together are told",
        arguments: [
            ("thresholds -l l1.npy -p p1.npy -o x.npz --shard 3", "--shard is which of how many shards, such as 3/8."),
            ("thresholds -l l1.npy -p p1.npy -o x.npz --shard 3/2", "The value '3/2' is invalid for '--shard <i/n>'"),
            (
                "thresholds -l l1.npy -p p1.npy -o x.npz --shard 1/1000001",
                "--shard is one of at most 1000000 shards."
            ),
            ("thresholds -l l1.npy -p p1.npy -o -", "--output names a file: parts are read by masklint alone."),
            ("find -l l1.npy -p p1.npy -o x.npz --shard 1", "--shard goes with --thresholds."),
            (
                "score -l l1.npy -p p1.npy -o x.npz --thresholds t.npz",
                "--thresholds goes with --method num_pixel_issues."
            ),
            (
                "report -l l1.npy -p p1.npy -o x.html --thresholds t.npz --issues i.npz",
                "--issues has its masks: leave --thresholds out."
            ),
            ("merge -o x.npz", "Missing expected argument '<file> ...'"),
        ])
    func usage(line: String, message: String) throws {
        let run = try command.shell("\"$1\" " + line)
        #expect(run.status == 64)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test("an output that is an input, and files that cannot be merged, are told and left as they are")
    func faults() throws {
        _ = try succeed("\"$1\" thresholds -l l1.npy -p p1.npy -o 1.part.npz -q")
        let before = try command.folder.read("1.part.npz")
        #expect(
            try command.fault(command("merge", "1.part.npz", "-o", "1.part.npz"))
                == "1.part.npz: the output is also an input; name another file with --output\n".dropLast())
        #expect(
            try command.fault(command("thresholds", "-l", "l1.npy", "-p", "p1.npy", "-o", "p1.npy"))
                == "p1.npy: the output is also an input; name another file with --output")
        #expect(
            try command.fault(command("merge", "none.npz", "-o", "x.npz")).hasPrefix("none.npz: no such file or folder")
        )
        #expect(try command.folder.read("1.part.npz") == before)
    }
}
