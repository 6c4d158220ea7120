import Foundation
import NumPyFiles
import TestSupport
import Testing

@Suite struct StandardInputTests {
    private func masks(_ path: String) throws -> [UInt8] {
        let file = try ArrayFile(path: path)
        guard let entry = file.arrays.first(where: { $0.key == "label_issues" }) else { return [] }
        let stream = try file.stream(entry)
        var bytes: [UInt8] = []
        try stream.read(count: stream.header.byteCount, into: &bytes)
        return bytes
    }

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(PipedData.labels, to: "l.npy")
        try folder.write(PipedData.probabilities, to: "p.npy")
        return folder
    }

    @Test("piped probabilities give the masks of the file", arguments: ["low_self_confidence", "confident_learning"])
    func probabilities(rule: String) throws {
        let folder = try folder()
        let run = try PipedCommand(
            ["find", "-l", "l.npy", "-p", "-", "-o", "o.npz", "-q", "--filter-by", rule],
            input: PipedData.probabilities,
            folder: folder)
        #expect(run.status == 0 && run.errors.isEmpty && run.output.isEmpty)
        #expect(try masks(folder("o.npz")) == PipedData.masks)
    }

    @Test("piped labels give the masks of the file")
    func labels() throws {
        let folder = try folder()
        let run = try PipedCommand(
            ["find", "-l", "-", "-p", "p.npy", "-o", "o.npz", "-q"], input: PipedData.labels, folder: folder)
        #expect(run.status == 0)
        #expect(try masks(folder("o.npz")) == PipedData.masks)
    }

    @Test("the archive on standard output is the file's")
    func standardOutput() throws {
        let folder = try folder()
        let toFile = try PipedCommand(["find", "-l", "l.npy", "-p", "p.npy", "-o", "o.npz"], folder: folder)
        let toPipe = try PipedCommand(["find", "-l", "l.npy", "-p", "p.npy", "-o", "-"], folder: folder)
        #expect(toFile.status == 0 && toPipe.status == 0)
        #expect(try toPipe.output == folder.read("o.npz"))
    }

    /// Input, options after `find -o o.npz`, exit status and facts on standard error.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var input: [UInt8]
        var options = ["-l", "l.npy", "-p", "-"]
        var status: Int32 = 2
        var facts: [String]
    }

    static let faults: [Fault] = [
        Fault(
            testDescription: "cut within the data", input: PipedData.probabilities.dropLast(5).map { $0 },
            facts: ["standard input", "59 of 64 bytes"]),
        Fault(
            testDescription: "cut within the header", input: Array(PipedData.probabilities.prefix(30)),
            facts: ["standard input", "header"]),
        Fault(testDescription: "nothing", input: [], facts: ["standard input", "empty"]),
        Fault(testDescription: "text", input: Array("label,score\n1,2\n".utf8), facts: ["standard input", "text"]),
        Fault(
            testDescription: "an archive", input: ZipBuilder([ZipMember("p.npy", PipedData.probabilities)]).bytes,
            facts: ["standard input", "ZIP", "save the archive to a file"]),
        Fault(
            testDescription: "images in Fortran order",
            input: npy(
                header: npyDict("<f4", [2, 2, 2, 2], fortran: true) + "\n",
                data: Array(PipedData.probabilities.suffix(64))),
            facts: ["standard input", "Fortran", "ascontiguousarray"]),
        Fault(
            testDescription: "both sides", input: PipedData.labels, options: ["-l", "-", "-p", "-"], status: 64,
            facts: ["Standard input", "once"]),
        Fault(
            testDescription: "labels that are needed twice", input: PipedData.labels,
            options: ["-l", "-", "-p", "p.npy", "--suggest"], facts: ["standard input", "--suggest"]),
    ]

    @Test("a bad pipe is told in one line and writes nothing", arguments: faults)
    func fault(_ fault: Fault) throws {
        let folder = try folder()
        let run = try PipedCommand(["find", "-o", "o.npz"] + fault.options, input: fault.input, folder: folder)
        #expect(run.status == fault.status)
        for fact in fault.facts { #expect(run.errors.contains(fact), "\(run.errors)") }
        if fault.status == 2 {
            #expect(run.errors.hasPrefix("masklint: error: ") && run.errors.split(separator: "\n").count == 1)
        }
        #expect(try folder.names == ["l.npy", "p.npy"])
    }

    @Test("what follows the array in a pipe is left with a warning")
    func trailing() throws {
        let folder = try folder()
        let run = try PipedCommand(
            ["find", "-l", "l.npy", "-p", "-", "-o", "o.npz"], input: PipedData.probabilities + PipedData.labels,
            folder: folder)
        #expect(run.status == 0)
        #expect(run.errors.contains("\(PipedData.labels.count) bytes after the array"))
        #expect(try masks(folder("o.npz")) == PipedData.masks)
    }

    @Test("a dry run of a pipe reads its header and needs no output")
    func dryRun() throws {
        let folder = try folder()
        let run = try PipedCommand(
            ["find", "-l", "l.npy", "-p", "-", "--dry-run"], input: PipedData.probabilities, folder: folder)
        #expect(run.status == 0 && run.text.contains("piped") && run.text.contains("label_issues (2, 2, 2)"))
        #expect(try folder.names == ["l.npy", "p.npy"])
    }

    @Test("without --output and --dry-run the command line is at fault")
    func missingOutput() throws {
        let run = try PipedCommand(["find", "-l", "l.npy", "-p", "p.npy"], folder: try folder())
        #expect(run.status == 64 && run.errors.contains("--output"))
    }

    @Test("any number of files in a row is taken in order", arguments: [3, 63, 64, 200])
    func filesInARow(count: Int) throws {
        let folder = try folder()
        let arguments =
            ["find", "-l"] + Array(repeating: "l.npy", count: count) + ["--pred-probs"]
            + Array(repeating: "p.npy", count: count - 1) + [
                "-", "-o", "o.npz", "-q", "--filter-by", "confident_learning",
            ]
        let run = try PipedCommand(arguments, input: PipedData.probabilities, folder: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try masks(folder("o.npz")) == Array(repeating: PipedData.masks, count: count).flatMap { $0 })
    }

    @Test("a reader that leaves ends the run quietly")
    func closedPipe() throws {
        let folder = try folder()
        let line = "(\"$1\" find -l l.npy -p p.npy -o - -q; echo $? > status) | true"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line, "sh", PipedCommand.binary]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(said.isEmpty)
        // 0 where the few bytes fitted into the pipe before it was closed.
        #expect(["141\n", "0\n"].contains(String(decoding: try folder.read("status"), as: UTF8.self)))
    }
}
