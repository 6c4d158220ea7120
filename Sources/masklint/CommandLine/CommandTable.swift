import ArgumentParser
import MaskAudit

/// The commands and their options, as the argument parser describes them.
///
/// The parser has no Swift interface that lists options. It prints them as JSON for `--experimental-dump-help`, from
/// which its own tool makes manual pages, and that is read here. Nothing else depends on the parser's inner workings; a
/// test fails when an upgrade words the description otherwise.
/// **Cost.** Milliseconds; made only for a configuration file, a long command line, or when something is wrong.
struct CommandTable {
    struct Command {
        let name: String
        let options: [Option]
    }

    struct Option {
        /// The long name, without dashes.
        let name: String
        let letters: [Character]
        let isFlag: Bool
        /// Whether it may be given several times.
        let isRepeating: Bool
        /// Whether it takes all values up to the next option.
        let takesList: Bool
        /// Whether its value is taken even if it begins with a dash.
        let takesDashes: Bool
        /// Whether its values are paths.
        let isPath: Bool
        /// The values that it takes; empty where it takes others than listed ones.
        let values: [String]
    }

    let commands: [Command]

    /// The subcommands of a command and their options.
    init(of root: any ParsableCommand.Type) {
        let description = (try? JSONValue(parsing: Self.description(of: root))) ?? .null
        commands = (description["command"]?["subcommands"]?.elements ?? []).compactMap { command in
            guard let name = command["commandName"]?.string, name != "help" else { return nil }
            return Command(name: name, options: (command["arguments"]?.elements ?? []).compactMap(Option.init))
        }
    }

    /// What the parser prints; requests for help reach a caller as errors.
    static func description(of root: any ParsableCommand.Type) -> String {
        do {
            _ = try root.parseAsRoot(["--experimental-dump-help"])
            return ""
        } catch {
            return root.message(for: error)
        }
    }

    func command(_ name: String?) -> Command? { commands.first { $0.name == name } }

    /// Says that a name is no command's, and which may have been meant.
    func unknownCommand(_ name: String) -> String {
        let near = nearestName(to: name, among: commands.map(\.name))
        return "Unknown command '\(name)'. " + (near.map { "Did you mean '\($0)'?" } ?? allCommands)
    }

    /// A sentence that lists the commands.
    var allCommands: String { "The commands are \(commands.map(\.name).joined(separator: ", "))." }
}

extension CommandTable.Option {
    /// Nil for an argument that is no option with a long name.
    fileprivate init?(_ description: JSONValue) {
        let names = description["names"]?.elements ?? []
        func all(_ kind: String) -> [String] {
            names.filter { $0["kind"]?.string == kind }.compactMap { $0["name"]?.string }
        }
        guard let name = all("long").first else { return nil }
        self.name = name
        letters = all("short").compactMap(\.first)
        isFlag = description["kind"]?.string == "flag"
        isRepeating = description["isRepeating"] == .bool(true)
        takesList = description["parsingStrategy"]?.string == "upToNextOption"
        takesDashes = description["parsingStrategy"]?.string == "unconditional"
        isPath = description["completionKind"]?.keys.contains { $0 == "file" || $0 == "directory" } ?? false
        values = description["allValues"]?.elements.compactMap(\.string) ?? []
    }
}

extension CommandTable.Command {
    /// An option that a command line names.
    struct Naming {
        /// Its position in the command line.
        var place: Int
        /// The long name, also where the letter was given; a letter that is no option's stands for itself.
        var name: String
        /// The value where one is attached by an equals sign.
        var value: String?
        var isKnown: Bool
    }

    func option(_ name: String) -> CommandTable.Option? { options.first { $0.name == name } }

    func option(letter: Character) -> CommandTable.Option? { options.first { $0.letters.contains(letter) } }

    /// The option that an argument such as `--labels` or `-l` is, by itself.
    func option(spelt argument: String) -> CommandTable.Option? {
        if argument.hasPrefix("--") { return option(String(argument.dropFirst(2))) }
        return argument.count == 2 ? argument.last.flatMap { option(letter: $0) } : nil
    }

    /// The options that a command line names, in its order.
    func named(in arguments: [String]) -> [Naming] {
        var named: [Naming] = []
        var isValue = false
        for (place, argument) in arguments.enumerated() {
            if argument == "--" { break }
            if isValue {
                isValue = false
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = parts.count > 1 ? parts[1] : nil
            if argument.hasPrefix("--") {
                let name = String(parts[0].dropFirst(2))
                let option = option(name)
                named.append(Naming(place: place, name: name, value: value, isKnown: option != nil))
                isValue = value == nil && option?.takesDashes == true
            } else if argument.hasPrefix("-"), parts[0].dropFirst().first?.isLetter == true {
                for letter in parts[0].dropFirst() {
                    let option = option(letter: letter)
                    named.append(
                        Naming(
                            place: place, name: option?.name ?? String(letter), value: value, isKnown: option != nil))
                }
            }
        }
        return named
    }
}
