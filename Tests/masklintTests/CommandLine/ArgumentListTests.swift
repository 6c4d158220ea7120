import ArgumentParser
import Testing

@testable import masklint

/// Long lists of values: one argument to the parser, and the same values to a command.
@Suite struct ArgumentListTests {
    private static let many = (0..<1000).map { "\($0).npy" }

    /// The command that a line with a long list after an option gives.
    private func parsed<C: ParsableCommand>(_ type: C.Type, _ option: String, _ more: String...) throws -> C {
        let name = try #require(C.configuration.commandName)
        let line = ArgumentList.joined([name] + more + [option] + Self.many, table: Masklint.table)
        #expect(line.count == more.count + 3)
        return try type.parse(Array(line.dropFirst()))
    }

    @Test("every option that takes a list has all of its values", arguments: ["-l", "--labels"])
    func labels(option: String) throws {
        #expect(try parsed(Find.self, option, "-p", "p", "-o", "o").dataset.labels == Self.many)
    }

    @Test("so have the other lists of paths and classes")
    func others() throws {
        let inputs = ["-l", "l", "-p", "p", "-o", "o"]
        let options = Set(
            Masklint.table.commands.flatMap { command in
                command.options.filter(\.takesList).map { "\(command.name) \($0.name)" }
            })
        #expect(options.isSuperset(of: ["find labels", "find pred-probs"]))
        for option in options.sorted() {
            let words = option.split(separator: " ").map(String.init)
            let name = "--\(words[1])"
            let type = try #require(
                Masklint.configuration.subcommands.first { $0.configuration.commandName == words[0] })
            let given =
                name == "--labels"
                ? inputs.suffix(4) : name == "--pred-probs" ? inputs[..<2] + inputs[4...] : inputs[...]
            let line = ArgumentList.joined([words[0]] + given + [name] + Self.many, table: Masklint.table)
            let command = try type.parse(Array(line.dropFirst()))
            var text = ""
            dump(command, to: &text)
            for value in [Self.many[0], Self.many[999]] { #expect(text.contains("\"\(value)\""), "\(option)") }
        }
    }

    @Test("a short line, other options and what follows -- stay as they are")
    func unchanged() {
        #expect(ArgumentList.joined(["find", "-l", "a", "b"], table: Masklint.table) == ["find", "-l", "a", "b"])
        let positional = ["inspect"] + Self.many
        #expect(ArgumentList.joined(positional, table: Masklint.table) == positional)
        let ended = ["find", "-l", "a", "--"] + Self.many
        #expect(ArgumentList.joined(ended, table: Masklint.table) == ended)
    }

    @Test("values come back in their order, empty ones too")
    func values() {
        #expect(ArgumentList(argument: ArgumentList.argument(of: ["a", "", "b c"])).values == ["a", "", "b c"])
        #expect(ArgumentList(argument: "").values == [""])
    }
}
