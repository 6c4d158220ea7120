import Foundation
import TestSupport
import Testing

/// The tables of options in the manual: each command's page has a block that is made from the command's own help.
@Suite struct OptionTableTests {
    /// What the argument parser prints of a command.
    private struct Tool: Decodable {
        struct Command: Decodable {
            var commandName: String
            var subcommands: [Command]?
            var arguments: [Argument]?
        }

        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }

            var kind: String
            var shouldDisplay: Bool
            var sectionTitle: String?
            var isRepeating: Bool
            var names: [Name]?
            var valueName: String?
            var defaultValue: String?
            var allValues: [String]?
            var abstract: String?
            var parsingStrategy: String?
        }

        var command: Command
    }

    private static let commands: [Tool.Command] = {
        guard let run = try? TestSupport.run(program, ["--experimental-dump-help"]),
            let tool = try? JSONDecoder().decode(Tool.self, from: Data(run.output))
        else { return [] }
        return (tool.command.subcommands ?? []).filter { $0.commandName != "help" }
    }()

    @Test("every command has a page whose options are those of its help", arguments: commands.map(\.commandName))
    func tables(command: String) throws {
        let found = try #require(Self.commands.first { $0.commandName == command })
        try Snapshot(
            path: "Sources/masklint/Documentation.docc/\(command).md", block: "options of \(command)"
        ).check(Self.tables(found))
    }

    @Test("the parser tells the commands") func known() { #expect(Self.commands.count >= 7) }

    /// A table for each title of the help, in the order in which titles first occur.
    private static func tables(_ command: Tool.Command) -> String {
        let shown = (command.arguments ?? []).filter { $0.shouldDisplay && !isHelp($0) }
        var titles: [String?] = []
        for argument in shown where !titles.contains(argument.sectionTitle) { titles.append(argument.sectionTitle) }
        var lines: [String] = []
        for title in titles {
            if let title { lines += ["", "**\(title)**"] }
            lines += ["", "| option | meaning |", "| --- | --- |"]
            lines += shown.filter { $0.sectionTitle == title }.map { "| \(name($0)) | \(meaning($0)) |" }
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static func isHelp(_ argument: Tool.Argument) -> Bool {
        (argument.names ?? []).contains { ["help", "version"].contains($0.name) }
    }

    private static func name(_ argument: Tool.Argument) -> String {
        guard var names = argument.names, !names.isEmpty else { return "`<\(argument.valueName ?? "")>` ..." }
        names.sort { $0.name.count < $1.name.count }
        var texts = names.map { ($0.kind == "short" ? "-" : "--") + $0.name }
        if argument.kind == "option" { texts[texts.count - 1] += " <\(argument.valueName ?? "")>" }
        return texts.map { "`\($0)`" }.joined(separator: ", ") + (takesSeveral(argument) ? " ..." : "")
    }

    /// Whether several values may follow the option, as those of `--labels` do.
    private static func takesSeveral(_ argument: Tool.Argument) -> Bool {
        argument.parsingStrategy == "upToNextOption"
    }

    private static func meaning(_ argument: Tool.Argument) -> String {
        var text = (argument.abstract ?? "").replacing("\n", with: " ").replacing("|", with: "\\|")
        if let values = argument.allValues, !values.isEmpty {
            text += " One of " + values.map { "`\($0)`" }.joined(separator: ", ") + "."
        }
        if let value = argument.defaultValue, argument.kind == "option" { text += " Default: `\(value)`." }
        return text
    }
}
