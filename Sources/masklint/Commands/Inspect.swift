import ArgumentParser
import MaskAudit
import NumPyFiles
import Reporting

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tells what is in NPY and NPZ files, and what masklint would take it for.",
        discussion: """
            For each array: key, dtype, memory order, shape, size, smallest and largest value, and for labels how often \
            each value occurs. Data are read in pieces, so size does not matter.

            Examples:
              masklint inspect labels.npy pred_probs.npz
              masklint inspect labels/ --headers-only --json
              export_probs | masklint inspect -
            """)

    @Argument(
        help: ArgumentHelp(
            ".npy or .npz files, folders of .npy files, or - for an .npy from standard input.", valueName: "file"),
        completion: .file(extensions: ["npy", "npz"]))
    var files: [String]

    @Flag(help: "Reads headers alone, not the values.")
    var headersOnly = false

    @Flag(help: "Prints one JSON object.")
    var json = false

    @OptionGroup
    var configuration: ConfigOptions

    func validate() throws {
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("Standard input (-) can be read once.") }
        if files.contains("-") && Terminal.isInputTerminal {
            throw ValidationError(
                "Standard input is a terminal: pipe an .npy array into it, or name a file instead of -.")
        }
    }

    func run() throws {
        Interruption.install()
        Terminal.ignoreClosedPipes()
        let inspector = Inspector(readsData: !headersOnly)
        var inspected: [FileInspection] = []
        var faults: [AuditError] = []
        for (number, path) in files.enumerated() {
            var found = inspector.inspect(path)
            found.compare(with: inspected)
            faults += [found.fault].compactMap { $0 } + found.arrays.filter { !$0.isForeign }.compactMap(\.fault)
            inspected.append(found)
            if !json && found.fault == nil {
                Terminal.print((number > 0 ? "\n" : "") + found.text)
            }
        }
        if json { Terminal.print(FileInspection.json(inspected).text + "\n") }
        guard let first = faults.first else { return }
        let more = faults.count > 1 ? " (and \(faults.count - 1) more faults)" : ""
        Terminal.note(.error, "\(first)\(more)")
        throw ExitCode(2)
    }
}
