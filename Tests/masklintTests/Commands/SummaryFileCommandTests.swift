import MaskAudit
import TestSupport
import Testing

/// `--json-file`, `--markdown` and `--junit`.
@Suite struct SummaryFileCommandTests {
    let command: Command

    init() throws { command = try Command() }

    private func text(_ name: String) throws -> String {
        String(decoding: try command.folder.read(name), as: UTF8.self)
    }

    @Test("the files are written beside the summary for people")
    func files() throws {
        let run = try command.find("--json-file", "s.json", "--markdown", "s.md", "--junit", "s.xml")
        #expect(run.status == 0)
        #expect(run.text.hasPrefix("images    2\n"))
        #expect(try command.folder.names == ["labels.npy", "out.npz", "pred_probs.npy", "s.json", "s.md", "s.xml"])
        #expect(try JSONValue(parsing: text("s.json"))["issues"] == .number(2))
        #expect(try text("s.json").hasSuffix("}\n"))
        #expect(try text("s.md").hasPrefix("## Label audit: 12.50 % of counted pixels flagged\n"))
        #expect(
            try text("s.xml").hasPrefix(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"2\" failures=\"0\""))
    }

    @Test("--json-file holds what --json prints, but for the time")
    func same() throws {
        let run = try command.find("--json", "--json-file", "s.json")
        func untimed(_ text: String) throws -> [JSONValue.Pair] {
            try JSONValue(parsing: text).pairs.filter { $0.key != "seconds" }
        }
        #expect(try untimed(run.text) == untimed(text("s.json")))
    }

    @Test("a gate that fails leaves the files whole")
    func gate() throws {
        let run = try command.find(
            "--fail-over", "0", "-q", "--json-file", "s.json", "--markdown", "s.md", "--junit", "s.xml")
        #expect(run.status == 1)
        #expect(run.errors == "")
        #expect(try JSONValue(parsing: text("s.json"))["gates"]?.elements.first?["passed"] == .bool(false))
        #expect(try text("s.md").contains("**Gate failed.**"))
        #expect(try text("s.xml").contains("failures=\"1\""))
    }

    @Test(
        "one of them may go to standard output, in place of the summary for people",
        arguments: [("--json-file", "{\"tool\""), ("--markdown", "## Label audit"), ("--junit", "<?xml")])
    func standardOutput(option: String, start: String) throws {
        for more in ["--store", "--quiet"] {
            let run = try command.find(option, "-", more)
            #expect(run.status == 0)
            #expect(run.text.hasPrefix(start))
            #expect(!run.text.contains("images    2\n"))
        }
    }

    @Test("with the archive on standard output they are still written")
    func archive() throws {
        let run = try command.find("--markdown", "s.md", output: "-")
        #expect(run.status == 0)
        #expect(run.output.prefix(2) == [0x50, 0x4B])
        #expect(try text("s.md").hasPrefix("## Label audit"))
    }

    @Test(
        "two takers of standard output are a usage error, two of one file an error",
        arguments: [
            (["--json", "--markdown", "-"], 64, "--markdown - and --json both want standard output"),
            (["--junit", "-", "--json-file", "-"], 64, "--json-file - and --junit both want standard output"),
            (["--json-file", "o.npz"], 2, "--output and --json-file name the same file"),
            (["--json-file", "./o.npz"], 2, "--output and --json-file name the same file"),
            (
                ["--markdown", "a", "--junit", "a"], 2,
                "a: --markdown and --junit name the same file; name another file with --junit"
            ),
        ] as [([String], Int32, String)])
    func takers(options: [String], status: Int32, message: String) throws {
        for name in ["find", "report"] {
            let run = try TestSupport.run(
                program, [name, "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "o.npz"] + options,
                folder: command.folder.path)
            #expect(run.status == status)
            #expect(run.errors.contains(message), "\(run.errors)")
            #expect(try command.folder.names == Command.inputs)
        }
    }

    @Test("two names of one file are told apart from two files")
    func links() throws {
        try command.folder.write([], to: "a.json")
        try makeSymbolicLink(at: command.folder("b.json"), to: "a.json")
        #expect(try command.find("--json-file", "a.json", "--markdown", "b.json").status == 2)
        #expect(try command.find("--json-file", "a.json", "--markdown", "c.md").status == 0)
    }

    @Test(
        "a path at fault is told before the work, and no output is touched",
        arguments: [
            ("labels.npy", "labels.npy: the output is also an input; name another file with --junit"),
            ("folder", "folder: is a directory; name a file to write, such as folder/summary"),
            ("none/s.xml", "none/s.xml: cannot be created, its folder does not exist; create the folder first"),
        ])
    func atFault(path: String, message: String) throws {
        try command.folder.makeFolder("folder")
        let labels = try command.folder.read("labels.npy")
        #expect(try command.fault(command.find("--junit", path, "--json-file", "s.json")) == message)
        #expect(try command.folder.read("labels.npy") == labels)
        #expect(try !command.folder.names.contains("s.json"))
    }

    @Test("a dry run checks the paths and writes none of them")
    func dryRun() throws {
        #expect(try command.find("--dry-run", "--json-file", "s.json").status == 0)
        #expect(try command.folder.names == Command.inputs)
        #expect(
            try command.fault(command.find("--dry-run", "--json-file", "labels.npy"))
                == "labels.npy: the output is also an input; name another file with --json-file")
    }

    @Test("data at fault leave old files as they were")
    func oldFiles() throws {
        try command.folder.write([1], to: "s.json")
        try command.folder.write(Command.probabilities(-1, 2).npy("<f4"), to: "pred_probs.npy")
        #expect(try command.find("--json-file", "s.json").status == 2)
        #expect(try command.folder.read("s.json") == [1])
    }
}
