import TestSupport
import Testing

/// `find --regions`: the table of `regions` beside the masks.
@Suite struct FindRegionsTests {
    let command: Command

    /// Three images of 24 x 30 with 3 classes: blocks of 3 x 3 pixels, probabilities in 1/64.
    init() throws {
        command = try Command()
        var random = SplitMix(seed: 17)
        let (images, height, width) = (3, 24, 30)
        var labels: [Int] = []
        var probabilities = [Double](repeating: 0, count: images * 3 * height * width)
        for image in 0..<images {
            let blocks = (0..<80).map { _ in (given: random.below(3), shift: random.below(4) == 0 ? 1 : 0) }
            for pixel in 0..<height * width {
                let block = blocks[pixel / width / 3 * 10 + pixel % width / 3]
                let own = 1 + random.below(20)
                labels.append(block.given)
                let at = image * 3 * height * width + pixel
                probabilities[at + block.given * height * width] = Double(own) / 64
                let predicted = (block.given + block.shift) % 3
                probabilities[at + predicted * height * width] += Double(64 - own) / 64
            }
        }
        try command.folder.write(NumberArray([images, height, width], labels).npy("|u1"), to: "labels.npy")
        try command.folder.write(
            NumberArray([images, 3, height, width], probabilities).npy("<f4"), to: "pred_probs.npy")
    }

    private func same(_ name: String, _ more: [String]) throws -> (find: [UInt8], regions: [UInt8]) {
        let inputs = ["-l", "labels.npy", "-p", "pred_probs.npy", "-q"] + more
        let found = try TestSupport.run(
            program, ["find", "-o", "out.npz", "--regions", "f" + name] + inputs, folder: command.folder.path)
        #expect(found.status == 0 && found.errors == "" && found.text == "")
        let listed = try TestSupport.run(
            program, ["regions", "-o", "r" + name] + inputs, folder: command.folder.path)
        #expect(listed.status == 0)
        return (try command.folder.read("f" + name), try command.folder.read("r" + name))
    }

    @Test(
        "the table is that of regions, byte for byte",
        arguments: [
            "low_self_confidence", "confident_learning", "predicted_neq_given", "low_normalized_margin", "both",
        ], [1, 2])
    func table(rule: String, downsample: Int) throws {
        for name in [".csv", ".JSON"] {
            let (find, regions) = try same(name, ["--filter-by", rule, "--downsample", "\(downsample)"])
            #expect(find == regions)
            #expect(find.count { $0 == UInt8(ascii: "\n") } > 10)
        }
    }

    @Test("names of classes, ignored labels and a pipe for probabilities make no difference")
    func forms() throws {
        try command.folder.write(Array("road\n\"sky\"\nsea, deep\n".utf8), to: "names.txt")
        let (find, regions) = try same(".csv", ["--class-names", "names.txt", "--ignore-label", "2", "--threads", "3"])
        #expect(find == regions)
        let piped = try command.shell(
            "\"$1\" find -l labels.npy -p - -o - --regions p.csv -q < pred_probs.npy > piped.npz")
        #expect(piped.status == 0 && piped.errors == "")
        #expect(try command.folder.read("p.csv") == same(".csv", []).regions)
    }

    @Test("masks and summary are the same with a table and without")
    func masks() throws {
        let plain = try command.find()
        let bytes = try command.folder.read("out.npz")
        let run = try command.find("--regions", "r.csv")
        #expect(run.status == 0 && run.text == plain.text)
        #expect(try command.folder.read("out.npz") == bytes)
    }

    @Test("a configuration file names the table, as seen from its folder")
    func configuration() throws {
        try command.folder.write(Array(#"{"find": {"regions": "r.csv"}}"#.utf8), to: "c.json")
        #expect(try command.find("--config", command.folder("c.json"), "-q").status == 0)
        #expect(try command.folder.names.contains("r.csv"))
    }

    @Test("a run that fails leaves neither masks nor a table")
    func faults() throws {
        #expect(try command.fault(command.find("--regions", "none/r.csv")).hasPrefix("none/r.csv: "))
        #expect(
            try command.fault(command.find("--regions", "labels.npy"))
                == "labels.npy: the output is also an input; name another file with --regions")
        #expect(try command.fault(command.find("--regions", "../\(folderName)")).contains("is a directory"))
        #expect(
            try command.fault(command.find("--regions", "r.csv", "--ignore-label", "2", "--class-names", "x")) != "")
        var bytes = try command.folder.read("labels.npy")
        bytes[bytes.count - 1] = 9
        try command.folder.write(bytes, to: "labels.npy")
        #expect(try command.fault(command.find("--regions", "r.csv")).hasPrefix("labels.npy: label 9 at image 2 "))
        #expect(try command.folder.names == Command.inputs)
    }

    private var folderName: Substring { command.folder.path.split(separator: "/").last ?? "" }

    @Test("labels from a pipe are refused in the words of regions")
    func pipes() throws {
        for line in [
            "find -l - -p pred_probs.npy -o out.npz --regions r.csv", "regions -l - -p pred_probs.npy -o r.csv",
        ] {
            let run = try command.shell("\"$1\" \(line) < labels.npy")
            #expect(run.status == 64)
            #expect(
                run.errors.contains(
                    "Labels are read twice for regions and standard input (-) can be read once: name a file."))
        }
        for line in [
            "find -l /dev/stdin -p pred_probs.npy -o out.npz --regions r.csv",
            "regions -l /dev/stdin -p pred_probs.npy -o r.csv",
        ] {
            let run = try command.shell("cat labels.npy | \"$1\" \(line)")
            #expect(run.status == 2)
        }
        #expect(try command.folder.names == Command.inputs)
    }

    @Test(
        "the table has a file of its own",
        arguments: [
            (["--regions", "-"], 64, "Usage: masklint find"), (["--regions", "out.npz"], 2, "name the same file"),
            (["--regions", "r.csv", "--json-file", "r.csv"], 2, "name the same file"),
            (["--regions", "./r.csv", "--markdown", "r.csv"], 2, "name the same file"),
        ] as [([String], Int32, String)])
    func usage(options: [String], status: Int32, message: String) throws {
        let run = try TestSupport.run(
            program, ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "out.npz"] + options,
            folder: command.folder.path)
        #expect(run.status == status)
        #expect(run.errors.contains(message))
        #expect(try command.folder.names == Command.inputs)
    }

    @Test("records hold no labels to put together")
    func records() throws {
        let run = try command("find", "--records", "part.npz", "-o", "out.npz", "--regions", "r.csv")
        #expect(run.status == 64)
        #expect(run.errors.contains("--regions takes --labels and --pred-probs, not --records."))
    }
}
