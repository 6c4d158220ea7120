import MaskAudit

/// What is printed where the command line is at fault: the fault, the name that was most likely meant, and the usage.
///
/// The argument parser tells of a missing option before a misspelt one, and a misspelt name often is why another is
/// missing. So unknown names are looked for first.
struct UsageFault {
    /// The command line as it was typed.
    private let arguments: [String]
    /// The parser's message, with its usage; it is printed where nothing better is known.
    private let message: String
    private let table: CommandTable

    init(_ arguments: [String], message: String, table: CommandTable) {
        self.arguments = arguments
        self.message = message
        self.table = table
    }

    /// The lines to print.
    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    private var text: String {
        guard let first = arguments.first, first != "help" else { return message }
        guard let command = table.command(first) else { return withoutCommand(first) }
        let named = command.named(in: arguments)
        if let unknown = named.first(where: { !$0.isKnown && !Self.builtIn.contains($0.name) }) {
            // Every letter is as near to a letter as any other, so there is no advice.
            let isLetter = !arguments[unknown.place].hasPrefix("--")
            let near = isLetter ? nil : nearestName(to: unknown.name, among: command.options.map(\.name))
            return replaced(
                "Unknown option '\(isLetter ? "-" : "--")\(unknown.name)'."
                    + (near.map { " Did you mean '--\($0)'?" } ?? ""))
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
        guard first.hasPrefix("-") else { return replaced(table.unknownCommand(first)) }
        guard let owner = table.commands.first(where: { !$0.named(in: [first]).filter(\.isKnown).isEmpty }) else {
            return message
        }
        return replaced(
            "'\(first)' is an option of a command, which goes first. Did you mean 'masklint \(owner.name) \(first)'?")
    }

    /// Another fault than the parser's, with its usage.
    private func replaced(_ fault: String) -> String { "Error: \(fault)" + message[usageStart...] }

    private var usageStart: String.Index { message.firstRange(of: "\nUsage:")?.lowerBound ?? message.endIndex }

    /// Options of the parser's own that its description of a command leaves out.
    private static let builtIn: Set<String> = ["help-hidden", "experimental-dump-help", "generate-completion-script"]
}
