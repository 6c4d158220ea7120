import TestSupport
import Testing

/// Standard streams that are closed, full or gone, and signals.
@Suite struct StreamTests {
    let command: Command

    init() throws { command = try Command() }

    static let find = "\"$1\" find -l labels.npy -p pred_probs.npy"

    /// Shell that runs a command into a pipe once its reader is gone, and prints the exit code.
    static func withoutReader(_ command: String) -> String {
        """
        { until [ -e gone ]; do sleep 0.02; done; \(command); echo $? > status; } | { exec <&-; : > gone; }
        cat status
        """
    }

    @Test(
        "a reader who is gone changes neither the output nor the exit code", arguments: ["", "--json", "--fail-over 0"])
    func closedPipe(options: String) throws {
        _ = try command.find()
        let whole = try command.folder.read("out.npz")
        let run = try command.shell(Self.withoutReader("\(Self.find) -o piped.npz \(options)"))
        #expect(run.text == (options == "--fail-over 0" ? "1\n" : "0\n"))
        #expect(!run.errors.contains("error"))
        #expect(try command.folder.read("piped.npz") == whole)
    }

    @Test("an archive into a pipe whose reader is gone ends quietly, but not as done")
    func closedArchivePipe() throws {
        let run = try command.shell(Self.withoutReader("\(Self.find) -o -"))
        // As a process that SIGPIPE ends: 128 + 13.
        #expect(run.text == "141\n")
        #expect(run.errors == "")
        #expect(try command.folder.names == ["gone", "labels.npy", "pred_probs.npy", "status"])
    }

    @Test(
        "streams that are closed from the start change nothing in the output",
        arguments: [
            ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-",
        ])
    func closedStreams(streams: String) throws {
        // A warning, so that there is something to write to either stream.
        try command.folder.write(Command.labels.npy("|u1") + [0], to: "labels.npy")
        _ = try command.find()
        let run = try command.shell("\(Self.find) -o closed.npz \(streams)")
        #expect(run.status == 0)
        #expect(try command.folder.read("closed.npz") == command.folder.read("out.npz"))
    }

    @Test("an archive for a closed standard output is an error, however many files were opened before")
    func archiveToClosedOutput() throws {
        let one = NumberArray([1, 1], [0]).npy("|u1")
        let sure = NumberArray([1, 1, 1], [1]).npy("<f4")
        for index in 0..<70 {
            try command.folder.makeFolder("l")
            try command.folder.makeFolder("p")
            try command.folder.write(one, to: "l/\(index).npy")
            try command.folder.write(sure, to: "p/\(index).npy")
        }
        let run = try command.shell("\"$1\" find -l l -p p -o - >&-")
        #expect(run.status == 2)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.hasPrefix("masklint: error: standard output: cannot write: "))
    }

    @Test(
        "a summary that cannot be written is an error, and the output is as it was",
        .enabled(if: hasFullDevice, "needs /dev/full"))
    func fullDevice() throws {
        for options in ["", "--json"] {
            let run = try command.shell("\(Self.find) -o full.npz \(options) > /dev/full")
            #expect(run.status == 2)
            #expect(
                run.errors
                    == "masklint: error: standard output: cannot write: No space left on device; free some space or write to another disk\n"
            )
            #expect(try command.folder.names == Command.inputs)
        }
    }

    @Test(
        "whatever else is printed and cannot be is an error",
        .enabled(if: hasFullDevice, "needs /dev/full"),
        arguments: [
            "--help", "help", "help find", "find --help", "--version", "--generate-completion-script bash",
            "inspect labels.npy", "inspect labels.npy --json",
            "find -l labels.npy -p pred_probs.npy --dry-run", "find -l labels.npy -p pred_probs.npy --dry-run --json",
        ])
    func fullDeviceElsewhere(arguments: String) throws {
        let run = try command.shell("\"$1\" \(arguments) > /dev/full")
        #expect(run.status == 2)
        #expect(
            run.errors
                == "masklint: error: standard output: cannot write: No space left on device; free some space or write to another disk\n"
        )
    }

    @Test(
        "a signal ends the run with its code, without an output and without temporary files",
        arguments: [
            ("INT", 130), ("TERM", 143),
        ] as [(String, Int32)])
    func signals(name: String, status: Int32) throws {
        // Zeros that take no space on disk, and some seconds to scan.
        let pixels = 1 << 28
        let shape = [1 << 10, 1 << 9, 1 << 9]
        try command.folder.write(npy(header: npyDict("|u1", shape) + "\n"), to: "labels.npy")
        try setSize(of: command.folder("labels.npy"), to: command.folder.read("labels.npy").count + pixels)
        let planes = [shape[0], 2, shape[1], shape[2]]
        try command.folder.write(npy(header: npyDict("<f4", planes) + "\n"), to: "pred_probs.npy")
        try setSize(
            of: command.folder("pred_probs.npy"), to: command.folder.read("pred_probs.npy").count + 8 * pixels)
        let run = try command.shell(
            """
            (until ls .out.npz.* > /dev/null 2>&1; do sleep 0.05; done; kill -\(name) $$) &
            exec "$1" find -l labels.npy -p pred_probs.npy -o out.npz --unnormalized --memory-limit 0 --threads 1
            """)
        #expect(run.status == status)
        #expect(run.text == "")
        #expect(!run.errors.contains("error"))
        #expect(try command.folder.names == Command.inputs)
    }
}

let hasFullDevice = (try? shell("test -c /dev/full"))?.status == 0
