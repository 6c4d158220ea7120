import ArgumentParser
import Reporting
import TestSupport
import Testing

@testable import masklint

/// What the program makes of misspelt names, and the table of options that this leans on.
@Suite struct SlipTests {
    @Test(
        "a misspelt name is told with the nearest, though something else is missing too",
        arguments: [
            (["fnd"], "Unknown command 'fnd'. Did you mean 'find'?"),
            (["nothing"], "Unknown command 'nothing'. The commands are find, "),
            (["find", "--labls", "a"], "Unknown option '--labls'. Did you mean '--labels'?"),
            (["find", "--labls=a"], "Unknown option '--labls'. Did you mean '--labels'?"),
            (
                ["find", "--filter-bye", "both", "-l", "a"],
                "Unknown option '--filter-bye'. Did you mean '--filter-by'?"
            ),
            (["score", "--methd", "x"], "Unknown option '--methd'. Did you mean '--method'?"),
            (["inspect", "--headers"], "Unknown option '--headers'. Did you mean '--headers-only'?"),
            (["report", "-x"], "Unknown option '-x'."), (["find", "--verbose"], "Unknown option '--verbose'."),
            (
                ["--labels", "a"],
                "'--labels' is an option of a command, which goes first. Did you mean 'masklint find --labels'?"
            ),
            (
                ["find", "-l", "a", "-p", "b", "-o", "c", "--filter-by", "low_self"],
                "- both\nDid you mean 'low_self_confidence'?"
            ),
            (
                ["find", "-l", "a", "-p", "b", "-o", "c", "--layout=nwhc"],
                "Please provide one of 'nchw' and 'nhwc'.\nDid you mean 'nhwc'?\nHelp:"
            ),
        ] as [([String], String)])
    func slips(arguments: [String], message: String) throws {
        let run = try TestSupport.run(program, arguments)
        #expect(run.status == 64)
        #expect(run.text == "")
        #expect(run.errors.hasPrefix("Error: "))
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(run.errors.contains("\nUsage: masklint "))
        #expect(run.errors.contains("--help' for more information.\n"))
    }

    @Test(
        "what is spelt well is left to the parser",
        arguments: [
            (["find"], "Error: Missing expected argument '--labels <path> ...'\n"),
            (["find", "-l", "a", "--ignore-label", "--x"], "Error: The value '--x' is invalid for '--ignore-label"),
            (["find", "-l", "a", "-p", "b", "-o", "c", "--", "--json"], "Error: Unexpected argument '--json'\n"),
            (
                ["find", "-l", "a", "-p", "b", "-o", "c", "--top", "x"],
                "Error: The value 'x' is invalid for '--top <n>'"
            ),
        ] as [([String], String)])
    func others(arguments: [String], message: String) throws {
        let run = try TestSupport.run(program, arguments)
        #expect(run.status == 64)
        #expect(run.errors.hasPrefix(message), "\(run.errors)")
        #expect(!run.errors.contains("Did you mean"))
    }

    @Test("the table has every command with its options and their kinds")
    func table() throws {
        let table = CommandTable()
        #expect(Set(table.commands.map(\.name)).isSuperset(of: ["find", "score", "report", "inspect"]))
        let find = try #require(table.command("find"))
        let labels = try #require(find.option("labels"))
        #expect(labels.letters == ["l"] && labels.isRepeating && labels.isPath && !labels.isFlag)
        #expect(find.option("ignore-label")?.takesDashes == true)
        #expect(find.option("ignore-label")?.isPath == false)
        #expect(find.option("suggest")?.isFlag == true)
        #expect(find.option("layout")?.values == ["nchw", "nhwc"])
        #expect(table.command("help") == nil)
    }

    /// A configuration file's paths start at its folder, and shells complete paths: both go by the kind of completion.
    @Test("every option whose value is called a path, file or folder says that it is one")
    func paths() throws {
        let description = try JSONValue(parsing: Masklint._dumpHelp())
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
