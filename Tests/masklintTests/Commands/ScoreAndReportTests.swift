import TestSupport
import Testing

@Suite struct ScoreAndReportTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(PipedData.labels, to: "l.npy")
        try folder.write(PipedData.probabilities, to: "p.npy")
        return folder
    }

    @Test("the gate of a report fails after the page is written")
    func gate() throws {
        let folder = try folder()
        let run = try PipedCommand(
            ["report", "-l", "l.npy", "-p", "p.npy", "-o", "r.html", "--fail-over", "0.1", "--json"], folder: folder)
        #expect(run.status == 1)
        #expect(run.text.contains("\"issues\":1,"))
        #expect(run.errors.contains("--fail-over"))
        let page = String(decoding: try folder.read("r.html"), as: UTF8.self)
        #expect(page.contains("Gate failed") && page.hasSuffix("</html>\n"))
        #expect(try folder.names == ["l.npy", "p.npy", "r.html"])
    }

    @Test("pictures go to the folder, which is made")
    func pictures() throws {
        let folder = try folder()
        let run = try PipedCommand(
            ["report", "-l", "l.npy", "-p", "p.npy", "-o", "r.html", "--png-dir", "pictures", "-q"], folder: folder)
        #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
        #expect(try folder.read("pictures/01-image0-issues.png").starts(with: [137, 80, 78, 71]))
        #expect(try folder.names == ["l.npy", "p.npy", "pictures", "r.html"])
    }

    @Test(
        "a pipe is read once: for scores and a page without pictures, not for more",
        arguments: [
            (["score", "-o", "o.npz"], Int32(0)), (["score", "-o", "o.npz", "--pixel-scores"], 0),
            (["score", "-o", "o.npz", "--pixel-scores", "--issues-below", "0.1"], 2),
            (["score", "-o", "o.npz", "--method", "num_pixel_issues"], 0),
            (["score", "-o", "o.npz", "--method", "num_pixel_issues", "--pixel-scores"], 2),
            (["report", "-o", "o.npz", "--top", "0"], 0), (["report", "-o", "o.npz"], 2),
        ] as [([String], Int32)])
    func pipes(arguments: [String], status: Int32) throws {
        let folder = try folder()
        let run = try PipedCommand(
            arguments + ["-l", "l.npy", "-p", "-", "-q"], input: PipedData.probabilities, folder: folder)
        #expect(run.status == status)
        #expect(run.errors.contains("standard input") == (status == 2))
        #expect(try folder.names == ["l.npy"] + (status == 0 ? ["o.npz"] : []) + ["p.npy"])
    }

    @Test("a table and its archive appear together or not at all")
    func table() throws {
        let folder = try folder()
        let good = try PipedCommand(
            ["score", "-l", "l.npy", "-p", "p.npy", "-o", "s.npz", "--csv", "s.csv"], folder: folder)
        #expect(good.status == 0)
        #expect(String(decoding: try folder.read("s.csv"), as: UTF8.self).hasPrefix("image,score,counted_pixels\n0,"))
        let bad = try PipedCommand(
            ["score", "-l", "l.npy", "-p", "p.npy", "-o", "other.npz", "--csv", "nowhere/s.csv"], folder: folder)
        #expect(bad.status == 2)
        #expect(try folder.names == ["l.npy", "p.npy", "s.csv", "s.npz"])
    }
}
