import MaskAudit
import TestSupport
import Testing

/// The command line as such: help, version, and exit code 64 where it is at fault.
@Suite struct UsageTests {
    let command: Command

    init() throws { command = try Command() }

    @Test(
        "help is a result: standard output, exit code 0",
        arguments: [
            ["--help"], ["-h"], ["help"], ["find", "--help"], ["find", "-h"], ["help", "find"], ["help", "help"],
        ])
    func help(arguments: [String]) throws {
        let run = try TestSupport.run(program, arguments, folder: command.folder.path)
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(run.text.contains("USAGE: masklint"))
        #expect(run.text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test("every option of the documentation is in the help of find")
    func options() throws {
        let text = try command("find", "--help").text
        for option in [
            "-l, --labels", "-p, --pred-probs", "-o, --output", "--labels-key", "--pred-probs-key", "--ignore-label",
            "--filter-by", "--downsample", "--downsample-labels", "--layout", "--one-hot", "--logits", "--unnormalized",
            "--class-names", "--threads", "--json", "-q, --quiet", "--suggest", "--fail-over",
        ] {
            #expect(text.contains(option), "\(option)")
        }
    }

    @Test("the version is a line by itself")
    func version() throws {
        let run = try command("--version")
        #expect(run.status == 0)
        #expect(run.errors == "")
        let parts = run.text.split(separator: ".")
        #expect(parts.count == 3)
        #expect(run.text.hasSuffix("\n"))
        #expect(try JSONValue(parsing: command.find("--json").text)["version"]?.string == String(run.text.dropLast()))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var text: String
        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let good = ["-l", "labels.npy", "-p", "pred_probs.npy", "-o", "out.npz"]

    @Test(
        "a command line at fault exits 64 and says which option",
        arguments: [
            Case(arguments: ["find"], text: "'--labels <path> ...'"),
            Case(arguments: ["find", "-l", "labels.npy", "-p", "pred_probs.npy"], text: "'--output <path>'"),
            Case(arguments: ["find", "-l", "labels.npy", "-o", "out.npz"], text: "'--pred-probs <path> ...'"),
            Case(arguments: ["find", "-l"] + good.dropFirst(2), text: "Missing value for '-l <path>'"),
            Case(arguments: ["nothing"], text: "'nothing'"),
            Case(arguments: ["find"] + good + ["--downsampel", "2"], text: "'--downsample'?"),
            Case(arguments: ["find"] + good + ["--qiet"], text: "'--quiet'?"),
            Case(
                arguments: ["find"] + good + ["--filter-by", "low"],
                text: "- low_self_confidence\n  - confident_learning\n  - predicted_neq_given"),
            Case(arguments: ["find"] + good + ["--layout", "nwhc"], text: "'nchw' and 'nhwc'"),
            Case(arguments: ["find"] + good + ["--downsample-labels", "median"], text: "'mean' and 'majority'"),
            Case(arguments: ["find"] + good + ["--downsample", "0"], text: "--downsample must be at least 1"),
            Case(arguments: ["find"] + good + ["--downsample", "two"], text: "'two'"),
            Case(arguments: ["find"] + good + ["--threads", "0"], text: "--threads is from 1 to 1024"),
            Case(arguments: ["find"] + good + ["--threads", "1025"], text: "--threads is from 1 to 1024"),
            Case(arguments: ["find"] + good + ["--fail-over", "1.5"], text: "--fail-over is a rate from 0 to 1"),
            Case(arguments: ["find"] + good + ["--fail-over", "nan"], text: "--fail-over is a rate from 0 to 1"),
            Case(arguments: ["find"] + good + ["--fail-over=-0.1"], text: "--fail-over is a rate from 0 to 1"),
            Case(arguments: ["find"] + good + ["--ignore-label", "void"], text: "'void'"),
            Case(arguments: ["find"] + good + ["--ignore-label", "1.5"], text: "'1.5'"),
            Case(arguments: ["find"] + good + ["--map-label", "255"], text: "'255'"),
            Case(arguments: ["find"] + good + ["--map-label", "255=1=2"], text: "'255=1=2'"),
            Case(
                arguments: ["find"] + good + ["--map-label", "1=0", "--map-label", "1=2"],
                text: "--map-label names a value twice"),
            Case(arguments: ["find"] + good + ["--memory-limit", "-1"], text: "--memory-limit"),
            Case(arguments: ["find"] + good + ["--memory-limit", "5X"], text: "'5X'"),
            Case(arguments: ["find"] + good + ["--memory-limit", "9999999999T"], text: "'9999999999T'"),
            Case(arguments: ["find"] + good + ["--unnormalized", "--logits"], text: "--unnormalized goes neither"),
            Case(arguments: ["find"] + good + ["--unnormalized", "--binary"], text: "--unnormalized goes neither"),
            Case(arguments: ["find"] + good + ["--map-label", "7=void"], text: "'7=void'"),
            Case(arguments: ["find"] + good + ["--label-divisor", "0"], text: "--label-divisor is from 1 to"),
            Case(arguments: ["find"] + good + ["--channel", "1"], text: "--channel goes with --binary"),
            Case(arguments: ["find"] + good + ["--binary", "--channel=-1"], text: "--channel is a class, from 0"),
            Case(
                arguments: ["find"] + good + ["--logits", "--ignore-unpredicted"],
                text: "--ignore-unpredicted goes neither"),
            Case(
                arguments: ["regions"] + good.prefix(4) + ["--corrected", "c.npz", "--binary", "--channel", "1"],
                text: "--corrected writes one class a pixel"),
            Case(
                arguments: ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "-", "--json"],
                text: "both want standard output"),
        ])
    func atFault(usage: Case) throws {
        let run = try TestSupport.run(program, usage.arguments, folder: command.folder.path)
        #expect(run.status == 64)
        #expect(run.text == "")
        #expect(run.errors.contains(usage.text), "\(run.errors)")
        #expect(run.errors.contains("Usage: masklint"))
        #expect(try command.folder.names == Command.inputs)
    }

    #if os(Linux)
    @Test(
        "arguments do not come from /proc, which may not be there", .enabled(if: Strace.isThere, "strace may not trace")
    )
    func noProc() throws {
        let run = try command.shell(
            """
            strace -o trace -P /proc/self/cmdline -e trace=openat -e inject=openat:error=EACCES \\
                "$1" find -l labels.npy -p pred_probs.npy -o out.npz --json
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try JSONValue(parsing: run.text)["issues"]?.integer == 2)
    }
    #endif

    @Test("more arguments than the parser takes are told, long lists of files being one each")
    func manyArguments() throws {
        let ignored = (0..<2100).flatMap { ["--ignore-label", String($0)] }
        let run = try TestSupport.run(program, ["find"] + Self.good + ignored, folder: command.folder.path)
        #expect(run.status == 64)
        #expect(run.errors.contains("4207 arguments, at most 4096 are taken. "), "\(run.errors.prefix(200))")
        #expect(try command.folder.names == Command.inputs)
    }
}
