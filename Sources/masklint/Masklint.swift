import ArgumentParser
import MaskAudit

@main
struct Masklint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "masklint",
        abstract: "Finds mislabelled pixels in semantic segmentation datasets.",
        discussion: """
            Labels and predicted probabilities from NumPy files in, boolean masks as .npz out: confident learning at \
            pixel level, as in cleanlab, image by image in bounded memory.

            Exit status: 0 done; 1 done, and a gate was exceeded; 2 the data or a file is at fault; 64 the command \
            line is at fault.

            Examples:
              masklint find -l labels.npy -p probs.npy -o issues.npz --ignore-label 255
              masklint help find
            """,
        version: masklintVersion,
        subcommands: [
            Find.self, Regions.self, Score.self, Report.self, Inspect.self, Thresholds.self, Merge.self,
        ])

    static func main() {
        let given = Array(CommandLine.arguments.dropFirst())
        let line: ConfigFile
        do {
            line = try ConfigFile(given)
        } catch {
            Terminal.fail("\(error)")
        }
        let arguments = PathRuns.joined(line.arguments)
        var command: any ParsableCommand
        do {
            command = try quickly(parsed: arguments) ?? parseAsRoot(arguments)
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            if let fault = line.fault(of: message(for: error)) { Terminal.fail(fault) }
            Terminal.printError(Slip(given, message: fullMessage(for: error)).text + "\n")
            exit(withError: ExitCode.validationFailure)
        }
        do {
            try command.run()
        } catch {
            exit(withError: error)
        }
    }

    /// The command that a line without faults asks for; nil where the parser of the whole has to tell what is wrong.
    ///
    /// **Cost.** Milliseconds less than the whole: only one command's options are looked at.
    private static func quickly(parsed arguments: [String]) -> (any ParsableCommand)? {
        guard let name = arguments.first, let type = configuration.subcommands.first(where: { $0._commandName == name })
        else { return nil }
        return try? type.parse(Array(arguments.dropFirst()))
    }
}
