import MaskAudit
import Testing

@testable import masklint

/// The table of options. It reads what the argument parser prints about itself: where an upgrade of the parser changes
/// that, these tests fail, and configuration files and advice about misspelt names stop working.
@Suite struct CommandTableTests {
    @Test("the table has every command with its options and their kinds")
    func table() throws {
        let table = Masklint.table
        #expect(Set(table.commands.map(\.name)).isSuperset(of: ["find", "score", "report", "inspect"]))
        let find = try #require(table.command("find"))
        let labels = try #require(find.option("labels"))
        #expect(labels.letters == ["l"] && labels.isRepeating && labels.takesList && labels.isPath && !labels.isFlag)
        #expect(find.option(spelt: "-l")?.name == "labels")
        #expect(find.option(spelt: "--labels")?.name == "labels")
        #expect(find.option(spelt: "-ql") == nil)
        #expect(find.option("ignore-label")?.takesDashes == true)
        #expect(find.option("ignore-label")?.isPath == false)
        #expect(find.option("suggest")?.isFlag == true)
        #expect(find.option("ignore-label")?.isRepeating == true)
        #expect(find.option("ignore-label")?.takesList == false)
        #expect(find.option("top")?.isRepeating == false)
        #expect(find.option("layout")?.values == ["nchw", "nhwc"])
        #expect(table.command("help") == nil)
    }

    /// A configuration file's paths start at its folder, and shells complete paths: both go by the kind of completion.
    @Test("every option whose value is called a path, file or folder says that it is one")
    func paths() throws {
        let description = try JSONValue(parsing: CommandTable.description(of: Masklint.self))
        var count = 0
        for command in description["command"]?["subcommands"]?.elements ?? [] {
            for argument in command["arguments"]?.elements ?? [] {
                let name = argument["preferredName"]?["name"]?.string ?? ""
                let value = argument["valueName"]?.string ?? ""
                guard ["path", "file", "dir", "folder", "part"].contains(value) || value.contains(".") else { continue }
                count += 1
                #expect(argument["completionKind"] != nil, "--\(name) of \(command["commandName"]?.string ?? "")")
            }
        }
        #expect(count > 20)
    }
}
