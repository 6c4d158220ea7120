import TestSupport
import Testing

@testable import masklint

/// Help and shell completions.
@Suite struct HelpTests {
    private static let names = Masklint.table.commands.map(\.name)

    @Test("the help of every command has examples, each on a line", arguments: names + [""])
    func examples(name: String) throws {
        let run = try TestSupport.run(program, [name, "--help"].filter { !$0.isEmpty })
        #expect(run.status == 0)
        let lines = run.text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "Examples:"))
        let examples = lines[(start + 1)...].prefix { !$0.isEmpty }
        #expect(examples.count >= 2)
        // Steps of other commands may stand between.
        #expect(examples.contains { $0.contains("masklint \(name)") })
        for line in examples { #expect(line.hasPrefix("  ") && line.contains("masklint "), "\(line)") }
    }

    /// Command lines of examples, without pipes and placeholders.
    @Test("the examples are command lines that parse", arguments: ["find", "score", "report"])
    func parse(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(
            Array(#"{"labels": "labels.npy", "pred-probs": "probs.npy", "find": {"output": "o"}}"#.utf8),
            to: "night.json")
        let help = try TestSupport.run(program, [name, "--help"]).text
        for line in help.split(separator: "\n") where line.hasPrefix("  masklint \(name) ") {
            let words = line.split(separator: " ").dropFirst().map(String.init)
            let run = try TestSupport.run(program, words, folder: folder.path)
            // Parsed: the first thing that is wrong is a file that is not there.
            #expect(run.status == 2, "\(line): \(run.errors)")
            #expect(run.errors.contains("no such file or folder"), "\(line): \(run.errors)")
        }
    }

    @Test("completions list commands and options in every shell", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let run = try TestSupport.run(program, ["--generate-completion-script", shell])
        #expect(run.status == 0)
        #expect(run.errors == "")
        for command in Masklint.table.commands {
            #expect(run.text.contains(command.name))
            for option in command.options {
                // fish names options without their dashes.
                let isNamed = run.text.contains("--\(option.name)") || run.text.contains("-l '\(option.name)'")
                #expect(isNamed, "--\(option.name) of \(command.name)")
            }
        }
        #expect(run.text.contains("low_normalized_margin"))
    }

    @Test("bash completes commands, options and values")
    func bash() throws {
        let folder = try TemporaryFolder()
        func complete(_ words: String...) throws -> [String] {
            let line = "masklint " + words.joined(separator: " ")
            let run = try TestSupport.shell(
                """
                command -v bash > /dev/null || { echo none; exit 0; }
                "$1" --generate-completion-script bash > masklint.bash
                bash -c '. ./masklint.bash; COMP_WORDS=(masklint '"$2"'); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); \
                COMP_LINE='"'$3'"'; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9; \
                _masklint masklint "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2> /dev/null; printf "%s\\n" "${COMPREPLY[@]}"'
                """, [program, words.joined(separator: " "), line], folder: folder.path)
            return run.text.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        let commands = try complete("fi")
        guard commands != ["none"] else { return }
        #expect(commands == ["find"])
        #expect(
            try complete("find", "--fail-o").sorted() == ["--fail-on-new-worst", "--fail-over", "--fail-over-class"])
        #expect(try complete("find", "--filter-by", "low_n") == ["low_normalized_margin"])
    }
}
