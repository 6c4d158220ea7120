import Foundation
import TestSupport
import Testing

/// Datasets big enough that a run lasts long enough to be stopped in it; all-zero logits are valid and quick.
struct SlowDataset {
    let folder: TemporaryFolder
    let labels: String
    let predProbs: String
    let output: String

    /// Bytes of `pred_probs.npy` before its data.
    private static let images = 16, classes = 4, side = 256

    init() throws {
        folder = try TemporaryFolder()
        let (n, k, s) = (Self.images, Self.classes, Self.side)
        labels = try folder.write(npy(header: npyDict("|u1", [n, s, s])), to: "labels.npy")
        try setSize(of: labels, to: try folder.read("labels.npy").count + n * s * s)
        predProbs = try folder.write(npy(header: npyDict("<f4", [n, k, s, s])), to: "pred_probs.npy")
        try setSize(of: predProbs, to: try folder.read("pred_probs.npy").count + n * k * s * s * 4)
        output = folder("issues.npz")
    }

    var arguments: [String] { ["find", "-l", labels, "-p", predProbs, "-o", output, "--logits", "-q"] }

    /// Starts a run and stops it while it reads: its temporary file is there, and its output is not.
    func stopped(_ arguments: [String]? = nil, before: String? = nil) throws -> Tool {
        let tool = try Tool(arguments ?? self.arguments, before: before)
        let isStopped = try tool.stop { try folder.names.contains { $0.hasPrefix(".issues.npz.masklint-") } }
        try #require(isStopped, "the run ended before it could be stopped")
        return tool
    }
}

@Suite struct FileFaultTests {
    enum Change: String, CaseIterable, Sendable {
        case shrinks, grows
        case isReplaced = "is replaced"
        case isWrittenTo = "is written to"
        case isEmptied = "is emptied"
    }

    @Test("an input that changes while it is read ends the run with a line that says so", arguments: Change.allCases)
    func changedInput(change: Change) throws {
        let data = try SlowDataset()
        let size = try data.folder.read("pred_probs.npy").count
        let tool = try data.stopped()
        switch change {
        case .shrinks: try setSize(of: data.predProbs, to: 5000)
        case .grows: try setSize(of: data.predProbs, to: size + 1)
        case .isEmptied: try setSize(of: data.predProbs, to: 0)
        case .isReplaced:
            try data.folder.write([1], to: "other")
            try FileManager.default.removeItem(atPath: data.predProbs)
            try FileManager.default.moveItem(atPath: data.folder("other"), toPath: data.predProbs)
        case .isWrittenTo:
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: data.predProbs))
            try handle.seek(toOffset: UInt64(size - 1))
            try handle.write(contentsOf: [1])
            try handle.close()
        }
        tool.send(SIGCONT)
        let result = try tool.wait()
        #expect(result.status == 2)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("masklint: error: \(data.predProbs): changed"))
        #expect(result.errors.contains("while it was read"))
        #expect(result.errors.contains("; run again when nothing writes to it"))
        if change == .shrinks { #expect(result.errors.contains("5000 bytes now, \(size) when it was opened")) }
        #expect(try data.folder.names == ["labels.npy", "pred_probs.npy"])
    }

    @Test(
        "a signal ends the run with its status and leaves nothing",
        arguments: [
            (SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129),
        ] as [(Int32, Int32)])
    func interrupted(signal: Int32, status: Int32) throws {
        let data = try SlowDataset()
        try data.folder.write([1, 2, 3], to: "issues.npz")
        let tool = try data.stopped()
        tool.send(signal)
        tool.send(SIGCONT)
        let result = try tool.wait()
        #expect(result.status == status)
        #expect(result.output.isEmpty && result.errors.isEmpty)
        #expect(try data.folder.names == ["issues.npz", "labels.npy", "pred_probs.npy"])
        #expect(try data.folder.read("issues.npz") == [1, 2, 3])
    }

    @Test(
        "a signal that ends the process otherwise, a crash among them, leaves nothing but a line",
        arguments: [
            (SIGABRT, "internal fault (SIGABRT)"), (SIGSEGV, "internal fault (SIGSEGV)"),
            (SIGBUS, "internal fault (SIGBUS)"), (SIGILL, "internal fault (SIGILL)"),
            (SIGTRAP, "internal fault (SIGTRAP)"), (SIGFPE, "internal fault (SIGFPE)"),
            (SIGQUIT, "ended by SIGQUIT"), (SIGXCPU, "ended by SIGXCPU"), (SIGUSR1, "ended by SIGUSR1"),
            (SIGUSR2, "ended by SIGUSR2"), (SIGALRM, "ended by SIGALRM"),
        ] as [(Int32, String)])
    func ended(signal: Int32, words: String) throws {
        let data = try SlowDataset()
        try data.folder.write([1, 2, 3], to: "issues.npz")
        // Without files of what was in memory.
        let tool = try data.stopped(before: "ulimit -c 0")
        tool.send(signal)
        tool.send(SIGCONT)
        let result = try tool.wait()
        #expect(result.status == 128 + signal)
        #expect(result.errors.hasPrefix("masklint: error: \(words); temporary files are removed; "), "\(result.errors)")
        #expect(result.errorLines.count == 1)
        #expect(try data.folder.names == ["issues.npz", "labels.npy", "pred_probs.npy"])
        #expect(try data.folder.read("issues.npz") == [1, 2, 3])
    }

    @Test("a signal that whoever started it ignores is ignored")
    func ignoredSignal() throws {
        let data = try SlowDataset()
        let tool = try data.stopped(before: "trap '' INT")
        tool.send(SIGINT)
        tool.send(SIGCONT)
        #expect(try tool.wait().status == 0)
        #expect(try data.folder.names == ["issues.npz", "labels.npy", "pred_probs.npy"])
    }

    @Test(
        "an output that is an input is refused, by whatever path it is named",
        arguments: [
            "labels.npy", "./labels.npy", "link.npy", "hard.npy", "pred_probs.npy",
        ])
    func outputIsInput(name: String) throws {
        let data = try SlowDataset()
        try makeSymbolicLink(at: data.folder("link.npy"), to: "labels.npy")
        try FileManager.default.linkItem(atPath: data.labels, toPath: data.folder("hard.npy"))
        let before = try data.folder.read("labels.npy")
        let output = data.folder(name)
        let result = try Tool.run(["find", "-l", data.labels, "-p", data.predProbs, "-o", output, "--logits"])
        #expect(result.status == 2)
        #expect(
            result.errors
                == "masklint: error: \(output): the output is also an input; name another file with --output\n")
        #expect(try data.folder.read("labels.npy") == before)
        #expect(try data.folder.names == ["hard.npy", "labels.npy", "link.npy", "pred_probs.npy"])
    }

    @Test(
        "what stands in the way of an input or output is named",
        arguments: [
            ("-l", "/none.npy", "no such file or folder; check the path"),
            ("-p", "/none.npy", "no such file or folder; check the path"),
            ("-l", "/labels.npy/x.npy", "no such file or folder; check the path"),
            ("-o", "", "is a directory"),
            ("-o", "/none/issues.npz", "its folder does not exist; create the folder first"),
            ("-o", "/labels.npy/issues.npz", "its folder does not exist; create the folder first"),
        ])
    func badPath(option: String, path: String, words: String) throws {
        let data = try SlowDataset()
        var arguments = data.arguments
        let place = try #require(arguments.firstIndex(of: option)) + 1
        arguments[place] = data.folder.path + path
        let result = try Tool.run(arguments)
        #expect(result.status == 2)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("masklint: error: \(arguments[place])"))
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(try data.folder.names == ["labels.npy", "pred_probs.npy"])
    }

    @Test(
        "a full disk is named, whether the output is a path or standard output",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"),
        arguments: ["/dev/full", "-"])
    func fullDisk(output: String) throws {
        let data = try SlowDataset()
        let arguments = ["find", "-l", data.labels, "-p", data.predProbs, "-o", output, "--logits"]
        let result = try Tool.run(arguments, output: output == "-" ? "/dev/full" : nil)
        #expect(result.status == 2)
        let name = output == "-" ? "standard output" : output
        #expect(
            result.errors
                == "masklint: error: \(name): cannot write: No space left on device; free some space or write to another disk\n"
        )
    }

    @Test("a file size limit ends the run with a line, and the old output stays")
    func fileSizeLimit() throws {
        let data = try SlowDataset()
        try data.folder.write([1, 2, 3], to: "issues.npz")
        let result = try Tool.run(data.arguments + ["--store"], before: "ulimit -f 8")
        #expect(result.status == 2)
        #expect(
            result.errors.hasPrefix(
                "masklint: error: \(data.output): cannot write: File too large; raise the file size limit"))
        #expect(try data.folder.read("issues.npz") == [1, 2, 3])
        #expect(try data.folder.names == ["issues.npz", "labels.npy", "pred_probs.npy"])
    }

    @Test("a folder that may not be written to is named")
    func unwritableFolder() throws {
        let data = try SlowDataset()
        try FileManager.default.createDirectory(atPath: data.folder("closed"), withIntermediateDirectories: false)
        try setPermissions(of: data.folder("closed"), to: 0o555)
        let output = data.folder("closed/issues.npz")
        var arguments = data.arguments
        arguments[try #require(arguments.firstIndex(of: "-o")) + 1] = output
        // Permissions do not bind root, who can however become somebody else.
        let result = getuid() == 0 ? try runAsNobody(arguments, data.folder) : try Tool.run(arguments)
        guard let result else { return }
        #expect(result.status == 2)
        #expect(
            result.errors
                == "masklint: error: \(output): cannot create: Permission denied; change its permissions or use another path\n"
        )
    }

    @Test("a file that may not be read is named")
    func unreadableFile() throws {
        let data = try SlowDataset()
        try setPermissions(of: data.labels, to: 0)
        let result = getuid() == 0 ? try runAsNobody(data.arguments, data.folder) : try Tool.run(data.arguments)
        guard let result else { return }
        #expect(result.status == 2)
        #expect(
            result.errors
                == "masklint: error: \(data.labels): cannot open: Permission denied; change its permissions or use another path\n"
        )
    }

    /// Nil where the system has no `setpriv`.
    private func runAsNobody(_ arguments: [String], _ folder: TemporaryFolder) throws -> Tool.Result? {
        guard let tool = Tool.path, FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv") else { return nil }
        try setPermissions(of: folder.path, to: 0o755)
        let someone = "/usr/bin/setpriv --reuid=65534 --clear-groups"
        // The build folder may be closed to others. Not copied by this process: a child that another test starts
        // meanwhile would hold the copy open for writing, and it could not be run.
        return try Tool.run(
            arguments,
            before: "cp '\(tool)' '\(folder("tool"))'; shift; set -- \(someone) '\(folder("tool"))' \"$@\"")
    }

    @Test("inputs beyond the soft limit of open files are read")
    func manyFiles() throws {
        let folder = try TemporaryFolder()
        for name in ["labels", "probs"] {
            try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: false)
        }
        for i in 0..<120 {
            try folder.write(npy(header: npyDict("|u1", [1, 2]), data: [0, 1]), to: "labels/\(i).npy")
            let probabilities: [Float] = [0.75, 0.25, 0.25, 0.75]
            try folder.write(
                npy(header: npyDict("<f4", [2, 1, 2]), data: probabilities.flatMap { little($0.bitPattern, 4) }),
                to: "probs/\(i).npy")
        }
        let result = try Tool.run(
            ["find", "-l", folder("labels"), "-p", folder("probs"), "-o", folder("o.npz"), "-q"],
            before: "ulimit -Sn 64")
        #expect(result.status == 0, "\(result.errors)")
    }
}
