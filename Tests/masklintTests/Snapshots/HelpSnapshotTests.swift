import TestSupport
import Testing

/// The help of every command, whole.
@Suite struct HelpSnapshotTests {
    /// The commands that the help without a command lists.
    private static let commands: [String] = {
        let help = (try? TestSupport.run(program, ["--help"]).text) ?? ""
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        // A command stands two columns in, what it does follows it or stands on the next line, further in.
        return lines.drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix { !$0.isEmpty }
            .filter { $0.prefix { $0 == " " }.count == 2 }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }()

    @Test("the help lists the commands")
    func overview() throws {
        #expect(Self.commands.count > 3)
        try Snapshot("help/masklint.txt").check(TestSupport.run(program, ["--help"]).text)
    }

    @Test("the help of a command is as committed", arguments: commands)
    func help(command: String) throws {
        try Snapshot("help/\(command).txt").check(TestSupport.run(program, [command, "--help"]).text)
    }
}
