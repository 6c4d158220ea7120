import MaskAudit
import TestSupport
import Testing

/// Gates as the command line has them: 2 of 16 pixels are issues, 1 of 7 of class 0 and 1 of 9 of class 1.
@Suite struct GateCommandTests {
    let command: Command

    init() throws {
        command = try Command()
        try command.folder.write(Array("sky\nroad=way\n".utf8), to: "names.txt")
    }

    @Test(
        "a gate that is exceeded exits 1 and is named on standard error with its figures",
        arguments: [
            (["--fail-over", "12.5%"], []), (["--fail-over", "2"], []),
            (["--fail-over", "12.4%"], ["issue rate 12.50 % is above --fail-over 12.4 %"]),
            (["--fail-over-class", "1=2"], []),
            (
                ["--fail-over-class", "1=0.1"],
                ["class road=way: issue rate 11.11 % is above --fail-over-class 10 %"]
            ),
            (
                ["--fail-over", "0", "--fail-over-class", "road=way=0", "--fail-over-class", "sky=20%"],
                [
                    "issue rate 12.50 % is above --fail-over 0 %",
                    "class road=way: issue rate 11.11 % is above --fail-over-class 0 %",
                ]
            ),
        ] as [([String], [String])])
    func gates(options: [String], lines: [String]) throws {
        for more in [[], ["--quiet"]] {
            let run = try TestSupport.run(
                program,
                ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "o.npz", "--class-names", "names.txt"]
                    + options
                    + more, folder: command.folder.path)
            #expect(run.status == (lines.isEmpty ? 0 : 1))
            #expect(run.errorLines == (more.isEmpty ? lines.map { "masklint: gate: \($0)" } : []))
            #expect(try command.folder.names.contains("o.npz"))
        }
    }

    @Test("gates stand in the JSON object, those that passed too, and with --quiet")
    func json() throws {
        let run = try command.find("--fail-over", "0.1", "--fail-over-class", "0=0.5", "--json", "-q")
        #expect(run.status == 1)
        #expect(run.errors == "")
        let gates = try JSONValue(parsing: run.text)["gates"]?.elements ?? []
        #expect(gates.map { $0["name"] } == [.string("fail-over"), .string("fail-over-class")])
        #expect(gates.map { $0["passed"] } == [.bool(false), .bool(true)])
        #expect(gates.map { $0["class"] } == [.null, .number(0)])
    }

    @Test("a run compared with itself is no worse; worse data are, overall and by class")
    func baseline() throws {
        #expect(try command.find("--json-file", "old.json").status == 0)
        #expect(try command.find("--baseline", "old.json", "--fail-on-new-worst").status == 0)
        // One more pixel labelled 0 is predicted as 1.
        var probabilities = Command.probabilities()
        (probabilities.values[0], probabilities.values[8]) = (0.25, 0.75)
        try command.folder.write(probabilities.npy("<f4"), to: "pred_probs.npy")
        let run = try command.find("--baseline", "old.json")
        #expect(run.status == 1)
        #expect(
            run.errorLines == [
                "masklint: gate: issue rate 18.75 % is above the baseline's 12.50 % by more than --fail-if-worse-by 0 %",
                "masklint: gate: class 0: issue rate 28.57 % is above the baseline's 14.29 % by more than "
                    + "--fail-if-worse-by 0 %",
            ])
        #expect(run.text.contains("\nbaseline  12.50 %, now 6.25 % more; no image is new among the worst\n"))
        let allowed = try command.find("--baseline", "old.json", "--fail-if-worse-by", "10%")
        #expect(allowed.status == 1)
        #expect(allowed.errorLines.map { $0.contains("class 0: ") } == [true])
        #expect(try command.find("--baseline", "old.json", "--fail-if-worse-by", "0.15").status == 0)
    }

    @Test("a baseline at fault is told before the work, and no output is touched")
    func badBaseline() throws {
        #expect(
            try command.fault(command.find("--baseline", "none.json"))
                == "none.json: no such file or folder; check the path")
        try command.folder.write(Array("{".utf8), to: "b.json")
        #expect(
            try command.fault(command.find("--baseline", "b.json"))
                == "b.json: line 1 column 2 is no JSON: a key in double quotes is needed")
        #expect(try command.find("--json-file", "b.json", output: "o.npz").status == 0)
        #expect(
            try command.fault(command.find("--baseline", "b.json", "--filter-by", "both"))
                == "b.json: filter_by is low_self_confidence, in this run both; the two cannot be compared; name a summary "
                + "of a run like this one with --baseline")
        #expect(
            try command.fault(command.find("--baseline", "b.json", "--json-file", "./b.json"))
                == "./b.json: the output is also an input; name another file with --json-file")
    }

    @Test("a run that counts no pixel fails every gate, says why, and is no baseline")
    func nothing() throws {
        let void = ["--ignore-label", "0", "--ignore-label", "1", "--json-file", "void.json"]
        let arguments = ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "o.npz"] + void
        let run = try TestSupport.run(
            program, arguments + ["--fail-over", "100%", "--fail-over-class", "1=100"], folder: command.folder.path)
        #expect(run.status == 1)
        #expect(
            run.errorLines == [
                "masklint: warning: no pixel is counted: every label is an ignored one, so there is nothing to find",
                "masklint: gate: no pixel is counted, so the gate has nothing to judge (--fail-over)",
                "masklint: gate: class 1: no pixel is counted, so the gate has nothing to judge (--fail-over-class)",
            ])
        // Without a gate there is nothing to fail.
        #expect(try TestSupport.run(program, arguments, folder: command.folder.path).status == 0)
        #expect(
            try command.fault(command.find("--baseline", "void.json"))
                == "void.json: is of a run that counted no pixel, so there is nothing to compare with; name the summary of "
                + "a run with counted pixels")
        // Nor does a good baseline let a night over nothing pass.
        #expect(try command.find("--json-file", "good.json", output: "o.npz").status == 0)
        let compared = try TestSupport.run(
            program, arguments + ["--baseline", "good.json"], folder: command.folder.path)
        #expect(compared.status == 1)
        #expect(compared.errorLines.last?.hasSuffix("nothing to judge (--fail-if-worse-by)") == true)
    }

    @Test("a class that is not there is told before the work, dry runs too")
    func noSuchClass() throws {
        let message =
            "names.txt: --fail-over-class skye is no class name in it; did you mean sky?"
        #expect(
            try command.fault(command.find("--fail-over-class", "skye=0", "--class-names", "names.txt")) == message)
        #expect(
            try command.fault(
                command.find("--fail-over-class", "skye=0", "--class-names", "names.txt", "--dry-run")) == message)
    }

    @Test(
        "what is no gate is a usage error",
        arguments: [
            (
                ["--fail-over", "1.5"],
                "--fail-over is a rate from 0 to 1, a percentage such as 2%, or a number of pixels"
            ),
            (["--fail-over", "two"], "--fail-over is a rate from 0 to 1"),
            (["--fail-over-class", "0.5"], "--fail-over-class is a class and its limit, such as road=0.02"),
            (["--fail-over-class", "=0.5"], "--fail-over-class is a class and its limit"),
            (["--fail-over-class", "a=b"], "--fail-over-class CLASS=LIMIT is a rate from 0 to 1"),
            (
                ["--fail-if-worse-by", "2", "--baseline", "b"],
                "--fail-if-worse-by is a rate from 0 to 1, or a percentage"
            ),
            (["--fail-if-worse-by", "0"], "--fail-if-worse-by goes with --baseline"),
            (["--fail-on-new-worst"], "--fail-on-new-worst goes with --baseline"),
        ])
    func usage(options: [String], message: String) throws {
        for name in ["find", "report"] {
            let run = try TestSupport.run(
                program, [name, "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "o"] + options,
                folder: command.folder.path)
            #expect(run.status == 64)
            #expect(run.errors.contains(message), "\(run.errors)")
        }
    }

    @Test("a report has the same gates: exit code, lines, verdict")
    func report() throws {
        let run = try command(
            "report", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "r.html", "--fail-over", "3",
            "--fail-over-class",
            "1=0.1")
        #expect(run.status == 1)
        #expect(
            run.errorLines == ["masklint: gate: class 1: issue rate 11.11 % is above --fail-over-class 10 %"])
        let page = String(decoding: try command.folder.read("r.html"), as: UTF8.self)
        #expect(page.contains("1 of 2 gates failed."))
        #expect(page.contains("Class 1: the issue rate of 11.11 % is above 10 %."))
    }

    @Test("the JSON object of a report holds the joint where the rule has one")
    func joint() throws {
        let options = ["-l", "labels.npy", "-p", "pred_probs.npy", "--filter-by", "both", "--json"]
        let report = try TestSupport.run(program, ["report", "-o", "r.html"] + options, folder: command.folder.path)
        let find = try TestSupport.run(program, ["find", "-o", "o.npz"] + options, folder: command.folder.path)
        let joint = try JSONValue(parsing: report.text)["confident_joint"]
        #expect(joint?.elements.count == 2)
        #expect(joint == (try JSONValue(parsing: find.text)["confident_joint"]))
    }
}
