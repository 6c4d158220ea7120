import TestSupport
import Testing

/// Data and files at fault: exit code 2, one line, nothing left behind.
@Suite struct CommandFaultTests {
    let command: Command

    init() throws { command = try Command() }

    @Test("a file that is not there is named")
    func missing() throws {
        #expect(
            try command.fault(command("find", "-l", "none.npy", "-p", "pred_probs.npy", "-o", "out.npz"))
                == "none.npy: no such file or folder; check the path")
        #expect(
            try command.fault(command("find", "-l", "labels.npy", "-p", "none.npy", "-o", "out.npz"))
                == "none.npy: no such file or folder; check the path")
    }

    @Test("a folder as output, and an output in no folder, are named")
    func output() throws {
        try command.folder.makeFolder("results")
        #expect(
            try command.fault(command.find(output: "results"))
                == "results: is a directory; name a file to write, such as results/issues.npz")
        #expect(
            try command.fault(command.find(output: "none/out.npz"))
                == "none/out.npz: cannot be created, its folder does not exist; create the folder first")
        #expect(
            try command.fault(command.find(output: "labels.npy")).hasPrefix("labels.npy: the output is also an input"))
    }

    @Test("labels and predictions that are interchanged are recognised")
    func interchanged() throws {
        #expect(
            try command.fault(command("find", "-l", "pred_probs.npy", "-p", "labels.npy", "-o", "out.npz"))
                .hasSuffix("if labels and pred_probs are interchanged, swap them"))
    }

    @Test("logits are recognised")
    func logits() throws {
        try command.folder.write(Command.probabilities(-2, 3).npy("<f4"), to: "pred_probs.npy")
        #expect(try command.fault(command.find()).hasSuffix("if these are logits, pass --logits"))
        try command.folder.write(Command.probabilities(2, 9).npy("<f4"), to: "pred_probs.npy")
        #expect(try command.fault(command.find()).contains("if these are logits, pass --logits; "))
        #expect(try command.find("--logits").status == 0)
    }

    @Test("void pixels are recognised")
    func void() throws {
        var labels = Command.labels
        labels.values[9] = 254
        try command.folder.write(labels.npy("|u1"), to: "labels.npy")
        #expect(
            try command.fault(command.find())
                == "labels.npy: label 254 at image 1 row 0 column 1 is outside 0..1; if it marks void pixels, pass "
                + "--ignore-label=254")
        #expect(try command.find("--ignore-label=254").status == 0)
    }

    @Test("channels in the last place are recognised")
    func channelsLast() throws {
        try command.folder.write(Command.probabilities().transposed([0, 2, 3, 1]).npy("<f4"), to: "pred_probs.npy")
        #expect(try command.fault(command.find()).hasSuffix("if the last axis holds the classes, pass --layout nhwc"))
        #expect(try command.find("--layout", "nhwc").status == 0)
    }

    @Test("a fault is told with --quiet and with --json too", arguments: ["--quiet", "--json"])
    func quiet(flag: String) throws {
        try command.folder.write([1, 2, 3], to: "labels.npy")
        #expect(try command.fault(command.find(flag)).hasPrefix("labels.npy: "))
    }

    @Test("a file cut at any byte is a fault in one line, and no run ends by a signal")
    func cut() throws {
        let whole = try command.folder.read("pred_probs.npy")
        for size in [0, 1, 5, 8, 10, 60, 100, whole.count - 1] {
            try command.folder.write(Array(whole[..<size]), to: "pred_probs.npy")
            #expect(try command.fault(command.find()).hasPrefix("pred_probs.npy"))
        }
    }

    @Test("the fault of the first bad image is told, whatever the threads")
    func firstImage() throws {
        var probabilities = Command.probabilities()
        probabilities.values[31] = .nan
        probabilities.values[4] = 2
        try command.folder.write(probabilities.npy("<f4"), to: "pred_probs.npy")
        for threads in ["1", "2", "8"] {
            #expect(
                try command.fault(command.find("--threads", threads)).hasPrefix(
                    "pred_probs.npy: probabilities sum to 2.25, not 1, at image 0 row 1 column 0"))
        }
    }
}
