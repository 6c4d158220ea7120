import ArgumentParser
import MaskAudit

/// A slip of the pen on the command line, told with what was most likely meant.
///
/// The argument parser tells of a required option that is missing before one that is misspelt, which are often the same.
struct Slip {
    let arguments: [String]
    /// What the parser has to say; it is told where nothing better is known.
    let message: String
    private let table = CommandTable()

    init(_ arguments: [String], message: String) {
        self.arguments = arguments
        self.message = message
    }

    /// What to print.
    var text: String {
        guard let first = arguments.first, first != "help" else { return message }
        guard let command = table.command(first) else { return withoutCommand(first) }
        let named = command.named(in: arguments)
        if let unknown = named.first(where: { !$0.isKnown && !Self.builtIn.contains($0.name) }) {
            // A letter by itself is like every other.
            let isLetter = !arguments[unknown.place].hasPrefix("--")
            let near =
                isLetter ? nil : nearestName(to: unknown.name, among: command.options.map(\.name)).map { "--\($0)" }
            return replaced("Unknown option '\(isLetter ? "-" : "--")\(unknown.name)'", near)
        }
        for naming in named {
            guard let option = command.option(naming.name), !option.values.isEmpty,
                let value = naming.value ?? arguments[(naming.place + 1)...].first, message.contains("'\(value)'"),
                let near = nearestName(to: value, among: option.values)
            else { continue }
            let end = message.firstRange(of: "\nHelp:")?.lowerBound ?? usageStart
            return message[..<end] + "\nDid you mean '\(near)'?" + message[end...]
        }
        return message
    }

    private func withoutCommand(_ first: String) -> String {
        let names = table.commands.map(\.name)
        guard first.hasPrefix("-") else {
            guard let near = nearestName(to: first, among: names) else {
                return replaced("Unknown command '\(first)'. The commands are \(names.joined(separator: ", "))", nil)
            }
            return replaced("Unknown command '\(first)'", near)
        }
        guard let owner = table.commands.first(where: { !$0.named(in: [first]).filter(\.isKnown).isEmpty }) else {
            return message
        }
        return replaced("'\(first)' is an option of a command, which goes first", "masklint \(owner.name) \(first)")
    }

    private var usageStart: String.Index { message.firstRange(of: "\nUsage:")?.lowerBound ?? message.endIndex }

    /// Another fault than the parser's, and its usage.
    private func replaced(_ fault: String, _ suggestion: String?) -> String {
        "Error: \(fault).\(suggestion.map { " Did you mean '\($0)'?" } ?? "")" + message[usageStart...]
    }

    /// Options of the parser's own that its description of a command leaves out.
    private static let builtIn: Set<String> = ["help-hidden", "experimental-dump-help", "generate-completion-script"]
}
