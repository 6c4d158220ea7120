import Foundation
import TestSupport
import Testing

/// README, the manual and the other pages: their commands run and print what is shown, and their links lead somewhere.
@Suite struct ManualTests {
    @Test("commands run and print what the page shows", arguments: MarkdownPage.paths)
    func commands(path: String) throws {
        let page = try MarkdownPage(path: path)
        #expect(page.faults == [])
        guard page.blocks.contains(where: { $0.notes["not run"] == nil && $0.language != "python" }) else { return }
        let folder = try ManualFolder()
        for (index, block) in page.blocks.enumerated() where block.notes["not run"] == nil {
            let place = "\(path):\(block.line)"
            if let before = block.notes["before"] {
                let run = try folder.run(before)
                #expect(run.status == 0, "\(place): \(run.text)")
            }
            if let name = block.notes["file"] {
                try folder.folder.write(Array(block.text.utf8), to: name)
                continue
            }
            switch block.language {
            case "sh":
                let shown = index + 1 < page.blocks.count ? page.blocks[index + 1] : nil
                let isShown = shown?.language == "text" && shown?.notes.isEmpty == true
                try check(block.text, block, shows: isShown ? shown?.text : nil, in: folder, place)
            case "text":
                let isOutput = index > 0 && page.blocks[index - 1].language == "sh"
                guard let command = block.notes["output of"] else {
                    #expect(isOutput, "\(place): no command prints this")
                    continue
                }
                try check(command, block, shows: block.text, in: folder, place)
            case "yaml":
                for line in block.text.split(separator: "\n") {
                    guard let start = line.firstRange(of: "run: ") else { continue }
                    try check(String(line[start.upperBound...]), block, shows: nil, in: folder, place)
                }
            case "python":
                // Scripts/python/tests/test_manual.py runs these.
                break
            default:
                Issue.record("\(place): a block in \"\(block.language)\" is checked by nothing")
            }
        }
    }

    private func check(
        _ commands: String, _ block: MarkdownPage.Block, shows shown: String?, in folder: ManualFolder, _ place: String
    ) throws {
        let run = try folder.run(commands)
        let status = block.notes["exit status"].map { Int32($0) ?? -1 } ?? Self.status(of: shown ?? "")
        #expect(run.status == status, "\(place): \(run.text)")
        guard let shown else { return }
        #expect(Self.isShown(run.text, by: shown), "\(place): the output is\n\(run.text)")
    }

    /// The exit status that goes with an output, as the page on output formats has it.
    private static func status(of output: String) -> Int32 {
        let lines = output.split(separator: "\n")
        if lines.contains(where: { $0.hasPrefix("masklint: error: ") }) { return 2 }
        if lines.contains(where: { $0.hasPrefix("Error: ") }) { return 64 }
        return lines.contains { $0.hasPrefix("masklint: gate: ") } ? 1 : 0
    }

    /// Whether a page shows an output: line for line, where a line of three dots stands for any number of lines.
    static func isShown(_ output: String, by shown: String) -> Bool {
        func lines(_ text: String) -> [Substring] {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            while lines.last == "" { lines.removeLast() }
            return lines
        }
        func matches(_ output: ArraySlice<Substring>, _ shown: ArraySlice<Substring>) -> Bool {
            guard let first = shown.first else { return output.isEmpty }
            if first == "..." {
                return (output.startIndex...output.endIndex).contains { matches(output[$0...], shown.dropFirst()) }
            }
            return output.first == first && matches(output.dropFirst(), shown.dropFirst())
        }
        return matches(lines(output)[...], lines(shown)[...])
    }

    @Test(
        "a shown output stands for what was printed",
        arguments: [
            ("a\nb\n", "a\nb\n", true), ("a\nb\n", "a\n", false), ("a\nb\nc\n", "a\n...\nc\n", true),
            ("a\nc\n", "a\n...\nc\n", true), ("a\nb\n", "...\nc\n", false), ("a\nb\n", "...\n", true),
            ("a\n", "", false),
        ])
    func shown(output: String, shown: String, isShown: Bool) {
        #expect(Self.isShown(output, by: shown) == isShown)
    }

    @Test("links lead to files and headings that exist", arguments: MarkdownPage.paths)
    func links(path: String) throws {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        for (line, target) in try MarkdownPage(path: path).links where !target.contains("://") {
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let file =
                parts[0].isEmpty
                ? path : URL(fileURLWithPath: "\(repositoryPath)/\(folder)/\(parts[0])").standardized.path
            let whole = parts[0].isEmpty ? "\(repositoryPath)/\(path)" : file
            #expect(FileManager.default.fileExists(atPath: whole), "\(path):\(line): \(target)")
            if parts.count > 1 {
                let named = try MarkdownPage(path: String(whole.dropFirst(repositoryPath.count + 1)))
                #expect(named.anchors.contains(parts[1]), "\(path):\(line): \(target)")
            }
        }
    }

    @Test("the index of the manual names every page")
    func index() throws {
        let named = try Set(MarkdownPage(path: "\(MarkdownPage.manual)/README.md").links.map(\.target))
        for path in MarkdownPage.paths where path.hasPrefix(MarkdownPage.manual) && !path.hasSuffix("/README.md") {
            #expect(named.contains(String(path.dropFirst(MarkdownPage.manual.count + 1))), "\(path)")
        }
    }

    @Test("files of the repository that a page names are there", arguments: MarkdownPage.paths)
    func files(path: String) throws {
        for (line, text) in try MarkdownPage(path: path).codes
        where ["Sources/", "Tests/", "Scripts/", "Samples/"].contains(where: text.hasPrefix) && !text.contains(" ") {
            #expect(FileManager.default.fileExists(atPath: "\(repositoryPath)/\(text)"), "\(path):\(line): \(text)")
        }
    }

    @Test("README's table of speed has the figures of the page on performance")
    func speed() throws {
        func rows(_ path: String) throws -> [[String]] {
            try String(contentsOfFile: "\(repositoryPath)/\(path)", encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("| ") && $0.contains(" images") }
                .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        }
        let whole = try rows("\(MarkdownPage.manual)/performance.md")
        let short = try rows("README.md")
        #expect(short.count >= 3)
        for row in short {
            let same = try #require(whole.first { $0.first == row.first }, "\(row)")
            #expect(Set(row).isSubset(of: same), "\(row)")
        }
    }
}
