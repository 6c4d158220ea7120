import ArgumentParser
import HostSystem
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

    /// Made where it is first asked for.
    static let table = CommandTable(of: Masklint.self)

    static func main() {
        let arguments = ByteName.arguments
        if let odd = arguments.first(where: { $0.text == nil }) {
            // Swift would replace some of its bytes, and another file would be meant.
            Terminal.fail("\(odd.escaped): this argument is not UTF-8; give files and folders names in UTF-8")
        }
        let typed = arguments.compactMap(\.text)
        let line: ConfigFile
        do {
            line = try ConfigFile(typed, table: table)
        } catch {
            Terminal.fail("\(error)")
        }
        do {
            var command = try parsed(try ArgumentList.checked(ArgumentList.joined(line.arguments, table: table)))
            try command.run()
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code == .validationFailure {
                if let fault = line.fault(of: message(for: error)) { Terminal.fail(fault) }
                for line in UsageFault(typed, message: text, table: table).lines { Terminal.printLine(line) }
            } else if !text.isEmpty {
                // Help, the version and completions arrive as errors too.
                Terminal.print(text + "\n")
            }
            exit(withError: code)
        }
    }

    /// The command that a line asks for.
    ///
    /// **Cost.** The parser takes milliseconds less for one command than for the tree of all, so the tree is parsed only
    /// where the command's own parser refuses the line: for help, and to tell what is wrong.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        let named = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        if let named, let command = try? named.parse(Array(arguments.dropFirst())) { return command }
        let command = try parseAsRoot(arguments)
        if command is Masklint { throw ValidationError("No command is named. \(table.allCommands)") }
        // The parser shows the help of the whole for a command that it does not know.
        if arguments.first == "help", let name = arguments.dropFirst().first(where: { !$0.hasPrefix("-") }),
            name != "help", table.command(name) == nil
        {
            throw ValidationError(table.unknownCommand(name))
        }
        return command
    }
}
