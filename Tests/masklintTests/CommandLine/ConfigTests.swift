import ArgumentParser
import MaskAudit
import Reporting
import TestSupport
import Testing

@testable import masklint

/// `--config`: what a file makes of the command line.
@Suite struct ConfigTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The command line with a file in it; `FILE` in the arguments stands for its path.
    private func line(_ text: String, _ arguments: [String]) throws -> ConfigFile {
        let path = try folder.write(Array(text.utf8), to: "c.json")
        return try ConfigFile(arguments.map { $0.replacing("FILE", with: path) }, table: Masklint.table)
    }

    /// What the file adds to `find --config FILE` and more arguments.
    private func added(_ text: String, _ more: [String] = [], command: String = "find") throws -> [String] {
        let line = try line(text, [command, "--config", "FILE"] + more)
        return Array(line.arguments.dropFirst(3 + more.count))
    }

    @Test(
        "without --config a command line stays as it is",
        arguments: [[], ["find", "-l", "a"], ["nothing", "--config"]])
    func without(arguments: [String]) throws {
        let line = try ConfigFile(arguments, table: Masklint.table)
        #expect(line.arguments == arguments)
        #expect(line.origins.isEmpty)
    }

    @Test(
        "each kind of value becomes an argument",
        arguments: [
            ("{}", []), ("{\"filter-by\": \"both\"}", ["--filter-by=both"]),
            ("{\"downsample\": 4}", ["--downsample=4"]),
            ("{\"fail-over\": 0.02}", ["--fail-over=0.02"]), ("{\"fail-over\": \"2%\"}", ["--fail-over=2%"]),
            ("{\"suggest\": true, \"store\": false}", ["--suggest"]), ("{\"ignore-label\": -1}", ["--ignore-label=-1"]),
            ("{\"ignore-label\": [255, -1]}", ["--ignore-label=255", "--ignore-label=-1"]), ("{\"exclude\": []}", []),
            ("{\"labels-key\": \"-y=z\"}", ["--labels-key=-y=z"]),
        ])
    func values(text: String, arguments: [String]) throws { #expect(try added(text) == arguments) }

    @Test("paths start at the file's folder, but for absolute ones and -")
    func paths() throws {
        #expect(
            try added(
                "{\"output\": \"o.npz\", \"class-names\": \"/n.txt\", \"json-file\": \"-\", \"labels-key\": \"k\", \"baseline\": \"../b\"}"
            )
                == [
                    "--output=\(folder("o.npz"))", "--class-names=/n.txt", "--json-file=-", "--labels-key=k",
                    "--baseline=\(folder("../b"))",
                ])
    }

    @Test("a file named without a folder leaves paths as they are")
    func besides() throws {
        try folder.write(Array("{\"labels\": \"l.npy\", \"output\": \"o\"}".utf8), to: "c.json")
        let run = try TestSupport.run(program, ["find", "--config", "c.json", "-p", "p.npy"], folder: folder.path)
        #expect(run.status == 2)
        #expect(run.errors == "masklint: error: l.npy: no such file or folder; check the path\n")
    }

    @Test("lists of paths come whole, however long")
    func lists() throws {
        let names = (0..<1000).map { "l\($0).npy" }
        let arguments = try added(JSONText.object([("labels", .array(names.map { .string($0) }))]).text)
        #expect(arguments.count == 1)
        let options = try DatasetOptions.parse(["-p", "p"] + arguments)
        #expect(options.labels == names.map { folder($0) })
    }

    @Test(
        "the command line takes the place of what the file says of an option, with all its values",
        arguments: [
            ["--labels", "b"], ["--labels=b"], ["-l", "b"], ["-l=b"], ["-ql", "b"],
        ])
    func wins(more: [String]) throws {
        #expect(try added("{\"labels\": [\"a\", \"c\"], \"top\": 3}", more) == ["--top=3"])
    }

    @Test("a value that looks like an option is none", arguments: ["--top", "--suggest"])
    func dashedValue(value: String) throws {
        #expect(try added("{\"top\": 3, \"suggest\": true}", ["--ignore-label", value]) == ["--top=3", "--suggest"])
    }

    @Test("a flag of the file is taken back with --no-NAME, which is no option otherwise")
    func flags() throws {
        let line = try line(
            "{\"store\": true, \"joint\": true}", ["find", "--no-store", "--config", "FILE", "--no-json", "--no-top"])
        #expect(line.arguments == ["find", "--config", folder("c.json"), "--no-top", "--joint"])
        let run = try TestSupport.run(
            program, ["find", "-l", "a", "-p", "b", "-o", "c", "--no-store"], folder: folder.path)
        #expect(run.status == 64)
    }

    @Test("of several files the later wins, option by option")
    func several() throws {
        try folder.write(Array(#"{"labels": ["a"], "top": 1, "store": true}"#.utf8), to: "a.json")
        try folder.write(Array(#"{"top": 2, "store": false}"#.utf8), to: "b.json")
        let line = try ConfigFile(
            ["find", "--config", folder("a.json"), "--config=\(folder("b.json"))"], table: Masklint.table)
        #expect(line.arguments.dropFirst(4) == ["--labels=\(folder("a"))", "--top=2"])
        #expect(line.fault(of: "--top is a number") == "\(folder("b.json")): --top is a number")
        #expect(line.fault(of: "--labels is a path") == "\(folder("a.json")): --labels is a path")
        #expect(line.fault(of: "--threads is a number") == nil)
    }

    @Test("a file that is not named is an error, not a run without its options")
    func unnamed() throws {
        for arguments in [["--config", ""], ["--config="]] {
            let run = try TestSupport.run(program, ["find", "-l", "l", "-p", "p", "-o", "o"] + arguments)
            #expect(run.status == 2)
            #expect(run.errors == "masklint: error: --config: names no file\n")
        }
        for arguments in [["--config"], ["--config", "--json"]] {
            let run = try TestSupport.run(program, ["find", "-l", "l", "-p", "p", "-o", "o"] + arguments)
            #expect(run.status == 64)
            #expect(run.errors.contains("Missing value for '--config <file>'"))
        }
    }

    @Test("positional arguments and what follows -- stay as they are")
    func positional() throws {
        let line = try line(
            "{\"headers-only\": true}", ["inspect", "--config=FILE", "a.npy", "--", "--json", "-b"])
        #expect(
            line.arguments == [
                "inspect", "--config=\(folder("c.json"))", "a.npy", "--headers-only", "--", "--json", "-b",
            ])
    }

    @Test("an object of a command is for it alone, before what all share; options of other commands are left out")
    func sections() throws {
        let text = """
            {"find": {"output": "f.npz", "top": 1}, "report": {"output": "r.html"}, "top": 2, "method": "softmin",
             "quiet": true}
            """
        #expect(try added(text) == ["--quiet", "--output=\(folder("f.npz"))", "--top=1"])
        #expect(try added(text, command: "report") == ["--top=2", "--quiet", "--output=\(folder("r.html"))"])
        #expect(try added(text, command: "score") == ["--method=softmin", "--quiet"])
        #expect(try added(text, command: "inspect") == [])
    }

    @Test(
        "a file at fault is named with the key and what is near it",
        arguments: [
            ("{\"fitler-by\": 1}", "the key \"fitler-by\" is no option; did you mean \"filter-by\"?"),
            ("{\"reprot\": {}}", "the key \"reprot\" is no option; did you mean \"report\"?"),
            ("{\"nonsense\": 1}", "the key \"nonsense\" is no option; masklint find --help lists them"),
            ("{\"config\": \"x\"}", "the key \"config\" is no option; masklint find --help lists them"),
            ("{\"help\": true}", "the key \"help\" is no option; masklint find --help lists them"),
            (
                "{\"score\": {\"csf\": \"x\"}}",
                "the key \"score\", \"csf\" is no option of score; did you mean \"csv\"?"
            ),
            (
                "{\"find\": {\"images\": \"x\"}}",
                "the key \"find\", \"images\" is no option of find; masklint find --help lists them"
            ),
            ("{\"find\": 1}", "\"find\" is a number, an object of options of find is needed"),
            ("[]", "holds an array, an object of options is needed"),
            ("{\"json\": \"yes\"}", "\"json\" is a string, true or false is needed"),
            ("{\"top\": true}", "\"top\" is a boolean, a string or number is needed"),
            ("{\"top\": [1]}", "\"top\" is an array, one value is needed"),
            ("{\"exclude\": [null]}", "an element of \"exclude\" is null, a string or number is needed"),
            ("{\"layout\": \"nwhc\"}", "\"layout\" is \"nwhc\", which is none of nchw, nhwc; did you mean \"nhwc\"?"),
            ("{\"labels\": \"a\\u0000b\"}", "\"labels\" holds a NUL, which no argument can"),
            ("{\"top\": 1,\n \"top\": 2}", "line 2 column 2 is no JSON: the key \"top\" stands twice"),
        ])
    func atFault(text: String, message: String) throws {
        let error = #expect(throws: AuditError.self) { try added(text) }
        #expect(error?.description == "\(folder("c.json")): \(message)")
    }

    @Test(
        "a value that the parser refuses is a fault of the file that has it, in one line",
        arguments: [
            ("{\"downsample\": \"two\"}", [], "The value 'two' is invalid for '--downsample <d>'"),
            ("{\"threads\": 0}", [], "--threads is from 1 to 1024."),
            ("{\"fail-over\": 2.5}", [], "The value '2.5' is invalid for '--fail-over <limit>': --fail-over is a rate"),
        ] as [(String, [String], String)])
    func refused(text: String, more: [String], message: String) throws {
        try folder.write(Array(text.utf8), to: "c.json")
        let run = try TestSupport.run(
            program, ["find", "-l", "l", "-p", "p", "-o", "o", "--config", "c.json"] + more, folder: folder.path)
        #expect(run.status == 2)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.hasPrefix("masklint: error: c.json: \(message)"), "\(run.errors)")
    }

    @Test("what the user typed is the command line's fault, with a file too")
    func typed() throws {
        try folder.write(Array("{\"top\": 3}".utf8), to: "c.json")
        for more in [["--threads", "0"], ["--tpo", "1"], []] {
            let run = try TestSupport.run(program, ["find", "--config", "c.json"] + more, folder: folder.path)
            #expect(run.status == 64)
        }
    }

    @Test("no output replaces the file", arguments: ["--output", "--json-file"])
    func output(option: String) throws {
        let command = try Command()
        let text = Array(
            #"{"labels": "labels.npy", "pred-probs": "pred_probs.npy", "find": {"output": "out.npz"}}"#.utf8)
        try command.folder.write(text, to: "night.json")
        let run = try command("find", "--config", "night.json", option, "./night.json")
        #expect(
            try command.fault(run)
                == "./night.json: the output is also an input; name another file with \(option)")
        #expect(try command.folder.read("night.json") == text)
    }

    @Test("a run from a file is the run from its command line, from any folder")
    func same() throws {
        let command = try Command()
        #expect(try command.find("--suggest").status == 0)
        let text = """
            {"labels": ["labels.npy"], "pred-probs": "pred_probs.npy", "output": "c.npz", "suggest": true, "quiet": true}
            """
        try command.folder.write(Array(text.utf8), to: "night.json")
        let run = try TestSupport.run(program, ["find", "--config", command.folder("night.json")], folder: "/")
        #expect(run.status == 0)
        #expect(run.text == "")
        #expect(try command.folder.read("c.npz") == command.folder.read("out.npz"))
    }

    @Test("values that the parser gets one by one are limited, lists of paths are not")
    func manyValues() throws {
        func list(_ count: Int) -> String { "[\((0..<count).map(String.init).joined(separator: ","))]" }
        #expect(try added("{\"ignore-label\": \(list(1000))}").count == 1000)
        let error = #expect(throws: AuditError.self) { try added("{\"ignore-label\": \(list(1001))}") }
        #expect(
            "\(error!)".hasSuffix(
                "c.json: \"ignore-label\" has 1001 values, at most 1000 are taken; write them to a file that \"map-labels\" "
                    + "names"))
        #expect(try added("{\"labels\": \(list(5000))}").count == 1)
    }
}
