import Foundation
import TestSupport
import Testing

/// Where the built program stands: beside the test bundle.
let program: String = {
    let bundles = Bundle.allBundles.map(\.bundlePath) + CommandLine.arguments + [Bundle.main.executablePath ?? ""]
    let folders = bundles.filter { $0.contains(".xctest") || $0.contains("/.build") }.flatMap { path in
        // On macOS the executable lies three folders deep in the bundle.
        (1...4).map { depth in path.split(separator: "/").dropLast(depth).joined(separator: "/") }
    }
    let found = folders.map { "/\($0)/masklint" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    return found ?? "masklint, which was not found beside the tests"
}()

/// A folder with a small dataset, and runs of the program in it.
struct Command {
    let folder: TemporaryFolder

    /// 2 images of 2 x 4 with 2 classes. t0 = (6 * 0.75 + 0.25) / 7 = 0.67..., t1 = (7 * 0.75 + 0.25...) / 9: the
    /// pixels labelled 0 and 1 with 0.25 are one each, both confidently the other class: 2 issues of 16 pixels.
    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Self.labels.npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities().npy("<f4"), to: "pred_probs.npy")
    }

    static let inputs = ["labels.npy", "pred_probs.npy"]
    static let labels = NumberArray([2, 2, 4], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1])

    static func probabilities(_ low: Double = 0.25, _ high: Double = 0.75) -> NumberArray {
        var values = [Double](repeating: 0, count: 32)
        for (index, label) in labels.values.enumerated() {
            // Pixels 3 (labelled 1) and 12 (labelled 0) are predicted as the other class.
            let predicted = index == 3 || index == 12 ? 1 - label : label
            let at = index / 8 * 16 + index % 8
            values[at] = predicted == 0 ? high : low
            values[at + 8] = predicted == 1 ? high : low
        }
        return NumberArray([2, 2, 2, 4], values)
    }

    func callAsFunction(_ arguments: String...) throws -> CommandRun {
        try TestSupport.run(program, arguments, folder: folder.path)
    }

    /// `masklint find` with the inputs and the output named, and more.
    func find(_ more: String..., output: String = "out.npz") throws -> CommandRun {
        try TestSupport.run(
            program, ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", output] + more, folder: folder.path)
    }

    /// A line of shell in the folder; `$1` is the program.
    func shell(_ line: String) throws -> CommandRun { try TestSupport.shell(line, [program], folder: folder.path) }

    /// The one line of an error, after the prefix, once all that goes with an error is checked.
    func fault(_ run: CommandRun, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        #expect(run.status == 2, sourceLocation: sourceLocation)
        #expect(run.text == "", sourceLocation: sourceLocation)
        #expect(run.errors.hasSuffix("\n"), sourceLocation: sourceLocation)
        #expect(run.errorLines.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
        let line = run.errorLines.first ?? ""
        #expect(line.hasPrefix("masklint: error: "), "\(line)", sourceLocation: sourceLocation)
        #expect(try !folder.names.contains("out.npz"), sourceLocation: sourceLocation)
        #expect(try folder.names.filter { $0.hasPrefix(".") } == [], sourceLocation: sourceLocation)
        return String(line.dropFirst("masklint: error: ".count))
    }
}
