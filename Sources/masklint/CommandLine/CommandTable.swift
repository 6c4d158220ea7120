import ArgumentParser
import Reporting

/// The commands and options there are, as the argument parser describes them.
///
/// **Cost.** Milliseconds; made only for a configuration file, or when something is wrong.
struct CommandTable {
    struct Command {
        var name: String
        var options: [Option]

        func option(_ name: String) -> Option? { options.first { $0.name == name } }
    }

    struct Option {
        /// Long, without dashes.
        var name: String
        var letters: [Character]
        var isFlag: Bool
        var isRepeating: Bool
        /// Whether its value is taken even if it begins with a dash.
        var takesDashes: Bool
        /// Whether its values are paths.
        var isPath: Bool
        /// The values it takes; empty where they are not listed.
        var values: [String]
    }

    var commands: [Command]

    init() {
        // The parser prints the same for --experimental-dump-help, of which its own tools make manuals.
        let description = (try? JSONValue(parsing: Masklint._dumpHelp())) ?? .null
        let commands = description["command"]?["subcommands"]?.elements ?? []
        self.commands = commands.compactMap { command in
            guard let name = command["commandName"]?.string, name != "help" else { return nil }
            return Command(name: name, options: (command["arguments"]?.elements ?? []).compactMap(Option.init))
        }
    }

    func command(_ name: String?) -> Command? { commands.first { $0.name == name } }
}

extension CommandTable.Option {
    /// Nil for what is no option with a long name.
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
        takesDashes = description["parsingStrategy"]?.string == "unconditional"
        isPath = description["completionKind"]?.keys.contains { $0 == "file" || $0 == "directory" } ?? false
        values = description["allValues"]?.elements.compactMap(\.string) ?? []
    }
}

extension CommandTable.Command {
    /// An option that a command line names.
    struct Naming {
        var place: Int
        /// The long name, also where the letter was given; a letter that is no option's stands for itself.
        var name: String
        /// The value where one is attached by an equals sign.
        var value: String?
        var isKnown: Bool
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
                    let option = options.first { $0.letters.contains(letter) }
                    named.append(
                        Naming(
                            place: place, name: option?.name ?? String(letter), value: value, isKnown: option != nil))
                }
            }
        }
        return named
    }
}
