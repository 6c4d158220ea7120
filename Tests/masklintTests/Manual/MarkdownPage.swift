import Foundation
import TestSupport

/// A page of Markdown: its fenced blocks, and what the HTML comments before them say.
///
/// Comments do not show on a rendered page. These are known, each on the lines directly before a fence:
///
/// - `<!-- not run: REASON -->`: no test runs the block.
/// - `<!-- exit status N -->`: the status that the commands end with. Without it, it follows from the output shown.
/// - `<!-- before: COMMANDS -->`: runs these first.
/// - `<!-- file: NAME -->`: the block is the content of a file that later commands use.
/// - `<!-- output of: COMMANDS -->`: the block shows what these commands print.
struct MarkdownPage: Sendable {
    struct Block: Sendable {
        /// The line of the fence, from 1.
        var line: Int
        var language: String
        var text: String
        var notes: [String: String] = [:]
    }

    /// The path in the repository.
    let path: String
    private(set) var blocks: [Block] = []
    /// Targets of links and pictures, with their lines.
    private(set) var links: [(line: Int, target: String)] = []
    /// What stands in backticks outside of blocks, with its lines.
    private(set) var codes: [(line: Int, text: String)] = []
    /// The anchors of the headings, as code hosts make them.
    private(set) var anchors: Set<String> = []
    /// Comments before fences that are none of the known ones, fences that are not closed.
    private(set) var faults: [String] = []

    static let noteNames = ["not run", "exit status", "before", "file", "output of"]

    init(path: String) throws {
        self.path = path
        let text = try String(contentsOfFile: "\(repositoryPath)/\(path)", encoding: .utf8)
        read(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    private mutating func read(_ lines: [String]) {
        var notes: [String: String] = [:]
        var index = 0
        while index < lines.count {
            let number = index + 1
            let line = lines[index]
            index += 1
            if line.hasPrefix("```") {
                let end = lines[index...].firstIndex { $0.hasPrefix("```") } ?? lines.endIndex
                if end == lines.endIndex { faults.append("\(path):\(number): the fence is not closed") }
                for name in notes.keys where !Self.noteNames.contains(name) {
                    faults.append("\(path):\(number): no test knows the comment \"\(name)\"")
                }
                let text = lines[index..<end].map { $0 + "\n" }.joined()
                blocks.append(Block(line: number, language: String(line.dropFirst(3)), text: text, notes: notes))
                notes = [:]
                index = min(end + 1, lines.endIndex)
            } else if line.hasPrefix("<!--") {
                let last = lines[(index - 1)...].firstIndex { $0.hasSuffix("-->") } ?? lines.endIndex - 1
                let comment = lines[(index - 1)...last].joined(separator: "\n").dropFirst(4).dropLast(3)
                add(comment.trimmingCharacters(in: .whitespaces), to: &notes, line: number)
                index = last + 1
            } else if !line.isEmpty {
                if notes.keys.contains(where: Self.noteNames.contains) {
                    faults.append("\(path):\(number): a comment that belongs to a block has none")
                }
                notes = [:]
                readProse(line, number)
            }
        }
    }

    private mutating func add(_ comment: String, to notes: inout [String: String], line: Int) {
        if let name = Self.noteNames.first(where: { comment.hasPrefix($0) }) {
            let value = comment.dropFirst(name.count).trimmingCharacters(in: CharacterSet(charactersIn: ": \n"))
            if value.isEmpty { faults.append("\(path):\(line): the comment \"\(comment)\" says nothing") }
            notes[name] = value
        } else {
            notes[comment] = comment
        }
    }

    private mutating func readProse(_ line: String, _ number: Int) {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        codes += parts.indices.filter { $0 % 2 == 1 }.map { (number, parts[$0]) }
        let codeless = parts.indices.filter { $0 % 2 == 0 }.map { parts[$0] }.joined()
        if line.hasPrefix("#") {
            let title = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
            anchors.insert(
                String(
                    title.compactMap {
                        $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" ? $0 : $0 == " " ? "-" : nil
                    }))
        }
        var rest = codeless[...]
        while let start = rest.firstRange(of: "](") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: ")") else { break }
            links.append((number, String(rest[..<end])))
        }
    }
}

extension MarkdownPage {
    static let manual = "Sources/masklint/Documentation.docc"

    /// All pages whose commands are to run, as paths in the repository.
    static let paths: [String] = {
        let articles = (try? FileManager.default.contentsOfDirectory(atPath: "\(repositoryPath)/\(manual)")) ?? []
        return [
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Samples/README.md",
            "Samples/nightly/README.md",
            "Scripts/python/README.md",
        ]
            + articles.filter { $0.hasSuffix(".md") }.sorted().map { "\(manual)/\($0)" }
    }()
}
