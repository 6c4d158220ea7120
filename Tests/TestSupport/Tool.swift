import Foundation
import Libc

/// A run of the built `masklint`. Both outputs go to files, so that nothing has to be drained.
package final class Tool {
    package struct Result: Sendable {
        /// Exit status, or 128 and the signal that ended it, as a shell counts.
        package let status: Int32
        package let output: String
        package let errors: String

        /// The lines on standard error.
        package var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// Beside the test bundle, where the package manager builds it.
    package static let path: String? = {
        let places = [Bundle.main] + Bundle.allBundles
        let folders: [URL?] = places.flatMap {
            [$0.executableURL?.deletingLastPathComponent(), $0.bundleURL.deletingLastPathComponent(), $0.bundleURL]
        }
        return folders.compactMap { $0?.appendingPathComponent("masklint").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private let process = Process()
    private let outputs: TemporaryFolder
    private let outputPath: String

    /// Starts it. `before` is shell code that sets limits or traps for it; `output` takes the place of standard output.
    package init(_ arguments: [String], before: String? = nil, input: String? = nil, output: String? = nil) throws {
        guard let path = Self.path else { throw CocoaError(.fileNoSuchFile) }
        outputs = try TemporaryFolder()
        outputPath = output ?? outputs("output")
        if output == nil { try outputs.write([], to: "output") }
        try outputs.write([], to: "errors")
        if let before {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", before + "\nexec \"$@\"", "sh", path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
        }
        process.standardInput =
            try input.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) } ?? .nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: outputs("errors")))
        try process.run()
    }

    package static func run(
        _ arguments: [String], before: String? = nil, input: String? = nil, output: String? = nil
    ) throws -> Result {
        try Tool(arguments, before: before, input: input, output: output).wait()
    }

    package func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    package var isRunning: Bool { process.isRunning }

    /// Waits for its end; after two minutes it is killed, which shows as status 137.
    package func wait() throws -> Result {
        let limit = DispatchWorkItem { [process] in kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: limit)
        process.waitUntilExit()
        limit.cancel()
        let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        let isFile = outputPath == outputs("output")
        return Result(
            status: status, output: isFile ? String(decoding: try outputs.read("output"), as: UTF8.self) : "",
            errors: String(decoding: try outputs.read("errors"), as: UTF8.self))
    }

    /// Stops it as soon as `condition` holds; false where it ended before.
    package func stop(when condition: () throws -> Bool) throws -> Bool {
        while process.isRunning {
            if try condition() {
                send(SIGSTOP)
                return process.isRunning
            }
            usleep(500)
        }
        return false
    }
}
