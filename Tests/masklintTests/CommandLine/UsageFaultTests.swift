import TestSupport
import Testing

@testable import masklint

/// What the program makes of misspelt names.
@Suite struct UsageFaultTests {
    @Test(
        "a misspelt name is told with the nearest, though something else is missing too",
        arguments: [
            (["fnd"], "Unknown command 'fnd'. Did you mean 'find'?"),
            (["nothing"], "Unknown command 'nothing'. The commands are find, "),
            ([], "No command is named. The commands are find, "),
            (["--"], "No command is named. The commands are find, "),
            (["help", "fidn"], "Unknown command 'fidn'. Did you mean 'find'?"),
            (["help", "nothing"], "Unknown command 'nothing'. The commands are find, "),
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
                "- calibrated\nDid you mean 'low_self_confidence'?"
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
}
