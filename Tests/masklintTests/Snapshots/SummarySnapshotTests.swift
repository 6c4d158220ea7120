import TestSupport
import Testing

/// The summary of `Samples/street` in every form, whole; of two gates one fails.
@Suite struct SummarySnapshotTests {
    @Test("the summary is as committed: text, JSON, Markdown and JUnit")
    func summary() throws {
        let folder = try TemporaryFolder()
        let run = try TestSupport.run(
            program,
            [
                "find", "-l", "labels.npy", "-p", "pred_probs.npz", "--ignore-label", "255", "--class-names",
                "class_names.txt", "--fail-over", "5", "--fail-over-class", "road=0.5", "-o", folder("issues.npz"),
                "--json-file", folder("summary.json"), "--markdown", folder("summary.md"), "--junit",
                folder("summary.xml"),
            ], folder: repositoryPath + "/Samples/street")
        #expect(run.status == 1)
        try Snapshot("summary/summary.txt").check(run.text + run.errors)
        for name in ["summary.json", "summary.md", "summary.xml"] {
            let text = String(decoding: try folder.read(name), as: UTF8.self)
            try Snapshot("summary/" + name).check(withoutTimes(text))
        }
    }
}
