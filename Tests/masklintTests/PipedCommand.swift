import Foundation
import TestSupport

/// What a run of the built binary left, fed through its standard input.
struct PipedCommand {
    var status: Int32
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// The binary beside the test bundle.
    static let binary: String = {
        var folder =
            Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
            ?? URL(fileURLWithPath: CommandLine.arguments[0])
        folder.deleteLastPathComponent()
        return folder.appendingPathComponent("masklint").path
    }()

    /// Runs to the end; `input` is written while both outputs are drained, and may be more than the program reads.
    init(_ arguments: [String], input: [UInt8] = [], folder: TemporaryFolder) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.binary)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        // A pipe in, files out: whatever the amount, nobody waits for anybody.
        let pipe = Pipe()
        let out = FileManager.default.temporaryDirectory.appendingPathComponent("out-\(UUID().uuidString)")
        let err = out.appendingPathExtension("err")
        for url in [out, err] { try Data().write(to: url) }
        defer { for url in [out, err] { try? FileManager.default.removeItem(at: url) } }
        process.standardInput = pipe
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        signal(SIGPIPE, SIG_IGN)
        try process.run()
        try? pipe.fileHandleForReading.close()
        try? pipe.fileHandleForWriting.write(contentsOf: Data(input))
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        status = process.terminationStatus
        output = [UInt8](try Data(contentsOf: out))
        errors = String(decoding: try Data(contentsOf: err), as: UTF8.self)
    }
}

/// Two images of two classes, whose first has one pixel that is labelled wrong.
enum PipedData {
    static let labels = npy(header: npyDict("|u1", [2, 2, 2]) + "\n", data: [0, 1, 1, 1, 0, 0, 1, 1])

    /// Of class 0 by pixel; the third pixel of the first image is of class 0 for certain, yet labelled 1.
    static let background: [Float] = [1, 0, 1, 0, 1, 1, 0, 0]

    static let probabilities = npy(
        header: npyDict("<f4", [2, 2, 2, 2]) + "\n",
        data: [0, 4].flatMap { start in
            let first = background[start..<start + 4]
            return (first + first.map { 1 - $0 }).flatMap { little($0.bitPattern, 4) }
        })

    /// Row-major, 1 where the masks are true.
    static let masks: [UInt8] = [0, 0, 1, 0, 0, 0, 0, 0]
}
