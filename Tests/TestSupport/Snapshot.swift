import Foundation

/// A committed text file, or a marked block of one, that is compared whole with what is made now.
///
/// `make snapshots` runs the same tests with `MASKLINT_SNAPSHOTS=write` in the environment: the text that is made now then
/// replaces the committed one, and what changed is looked at as a difference before it is committed.
package struct Snapshot: Sendable {
    /// Where the file stands, from the root of the repository.
    package let path: String
    /// The block that is compared, nil for the whole file.
    package let block: String?

    private let root: String
    private let isRewriting: Bool

    /// A file in `Tests/Snapshots`.
    package init(_ name: String) { self.init(path: "Tests/Snapshots/" + name) }

    /// Any file of the repository. A `block` is the lines between `<!-- begin BLOCK, written by make snapshots -->` and the
    /// next `<!-- end -->`; the file's other lines are left alone.
    ///
    /// `root` and `isRewriting` are for the tests of this type.
    package init(
        path: String, block: String? = nil, root: String = repositoryPath, isRewriting: Bool = Self.isRewriting
    ) {
        self.path = path
        self.block = block
        self.root = root
        self.isRewriting = isRewriting
    }

    /// True where `make snapshots` runs the tests.
    package static let isRewriting = ProcessInfo.processInfo.environment["MASKLINT_SNAPSHOTS"] == "write"

    /// Compares `text` with the committed one, or replaces that by it.
    ///
    /// **Errors.** `SnapshotDifference` when they differ, when there is no such file, or when the file has no such block.
    package func check(_ text: String) throws {
        let url = URL(fileURLWithPath: root + "/" + path)
        let committed = try? String(contentsOf: url, encoding: .utf8)
        var made = text
        if let block {
            guard let committed else { throw SnapshotDifference(path: path, found: "is not there") }
            made = try Self.replace(block, of: committed, by: text, path: path)
        }
        if made == committed { return }
        if isRewriting {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try made.write(to: url, atomically: true, encoding: .utf8)
            return
        }
        guard let committed else { throw SnapshotDifference(path: path, found: "is not there") }
        throw SnapshotDifference(path: path, found: Self.firstDifference(committed, made))
    }

    /// The file's text with other lines in the block.
    private static func replace(_ block: String, of file: String, by text: String, path: String) throws -> String {
        let begin = "<!-- begin \(block), written by make snapshots -->\n"
        guard let start = file.range(of: begin) else {
            throw SnapshotDifference(path: path, found: "has no line \(begin.dropLast())")
        }
        guard let end = file.range(of: "<!-- end -->", range: start.upperBound..<file.endIndex) else {
            throw SnapshotDifference(path: path, found: "has no line <!-- end --> after block \(block)")
        }
        let lines = text.hasSuffix("\n") ? text : text + "\n"
        return file.replacingCharacters(in: start.upperBound..<end.lowerBound, with: lines)
    }

    /// The first line that differs, as committed and as it is now.
    private static func firstDifference(_ committed: String, _ made: String) -> String {
        let old = committed.split(separator: "\n", omittingEmptySubsequences: false)
        let new = made.split(separator: "\n", omittingEmptySubsequences: false)
        let same = zip(old, new).prefix { $0 == $1 }.count
        // A line may be a whole document: what both begin with is cut to its last characters.
        let begin = same < min(old.count, new.count) ? zip(old[same], new[same]).prefix { $0 == $1 }.count - 40 : 0
        func line(_ lines: [Substring]) -> String {
            guard same < lines.count else { return "(the end)" }
            return "\"" + (begin > 0 ? "..." : "") + lines[same].dropFirst(max(0, begin)).prefix(120) + "\""
        }
        return "differs from line \(same + 1) on\n  committed: \(line(old))\n  now:       \(line(new))"
    }
}

/// The text with what differs from run to run put in plain words: the seconds that a summary states, and the day that a
/// manual page states.
package func withoutTimes(_ text: String) -> String {
    text.replacing(/"seconds":[0-9.e-]+/, with: "\"seconds\":\"SECONDS\"")
        .replacing(/time="[0-9.]+"/, with: "time=\"SECONDS\"")
        .replacing(/\.Dd .*/, with: ".Dd DAY")
}

/// What is made now is not what is committed.
package struct SnapshotDifference: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let found: String

    package init(path: String, found: String) {
        self.path = path
        self.found = found
    }

    package var description: String { "\(path) \(found)\nRun `make snapshots` and look at the difference." }
}
