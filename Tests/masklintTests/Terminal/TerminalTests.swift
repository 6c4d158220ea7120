import TestSupport
import Testing

@testable import masklint

/// Lines on standard error, whatever is in what they tell of.
@Suite struct TerminalTests {
    @Test("control characters do not reach a terminal")
    func controls() {
        #expect(Terminal.readable("a\u{1b}[2J\r\nb\u{202e}") == "a\\u{1b}[2J\\u{d}\\u{a}b\\u{202e}")
        #expect(Terminal.readable("Straße 路") == "Straße 路")
    }

    @Test("a long line keeps its start and its end")
    func length() {
        let line = "file.npy: " + String(repeating: "x", count: 1_000_000) + "; name another file"
        let text = Terminal.readable(line)
        #expect(text.count == Terminal.longestLine + 5)
        #expect(text.hasPrefix("file.npy: xxx"))
        #expect(text.hasSuffix("xxx; name another file"))
        let whole = String(repeating: "x", count: Terminal.longestLine)
        #expect(Terminal.readable(whole) == whole)
    }

    @Test(
        "what a command line or a configuration file says is told without its control characters, and not at any length",
        arguments: [
            (#"{"top": "\u001b[31m"}"#, [], 2), (#"{"fail-over": "\u001b[31m\u0007"}"#, [], 2),
            (#"{"to\u001b[31mp": 1}"#, [], 2), ("{}", ["--top", "\u{1b}[31m"], 64),
            ("{}", ["--t\u{1b}[31mp", "1"], 64),
            ("{}", ["--filter-by", "\u{1b}[31m"], 64),
            (#"{"top": "\#(String(repeating: "9", count: 100_000))"}"#, [], 2),
            ("{}", ["--top", String(repeating: "9", count: 100_000)], 64),
        ] as [(String, [String], Int32)])
    func values(config: String, arguments: [String], status: Int32) throws {
        let folder = try TemporaryFolder()
        try folder.write(Array(config.utf8), to: "c.json")
        let line = ["find", "-l", "l", "-p", "p", "-o", "o", "--config", "c.json"] + arguments
        let run = try TestSupport.run(program, line, folder: folder.path)
        #expect(run.status == status)
        #expect(run.errors.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(run.errorLines.allSatisfy { $0.count <= Terminal.longestLine + 5 })
        #expect(status == 64 || run.errorLines.count == 1)
    }
}
