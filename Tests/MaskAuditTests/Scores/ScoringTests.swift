import Foundation
import MaskAudit
import NumPyFiles
import TestSupport
import Testing

@Suite struct ScoringTests {
    private static let fixtures = [
        "k12-float32", "k2-float64", "k3-float32", "k4-float32-planted", "k4-float32-void", "k5-float16",
        "k5-float32-absent-class", "k6-float16-planted", "k6-float32-unsure", "k7-float64-one-image", "k9-float64-void",
    ]

    private func path(_ fixture: String) -> String { "\(fixturesPath)/algorithm/\(fixture).npz" }

    private func plan(_ labels: String, _ probabilities: String, output: String?) -> ScorePlan {
        var audit = AuditPlan(
            labels: InputSelection(paths: [labels]), predProbs: InputSelection(paths: [probabilities]))
        audit.dataset.ignoredLabels = [255]
        return ScorePlan(audit: audit, output: output)
    }

    private func isClose(_ a: [Double], _ b: [Double], within tolerance: Double) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0.isNaN ? $1.isNaN : abs($0 - $1) <= tolerance }
    }

    @Test("image scores are cleanlab's", arguments: fixtures, ScoreMethod.allCases)
    func imageScores(fixture: String, method: ScoreMethod) throws {
        let folder = try TemporaryFolder()
        var plan = plan(path(fixture), path(fixture), output: folder("scores.npz"))
        plan.method = method
        let summary = try ScoreRun(plan: plan).run()
        let expected = try elements(path(fixture), "image_scores_\(method.rawValue)", as: Double.self)
        let found = try elements(folder("scores.npz"), "image_scores", as: Double.self)
        #expect(isClose(found, expected, within: 1e-9))
        #expect(isClose(summary.images.map { $0.score ?? .nan }, found, within: 0))
        let ranking = try elements(folder("scores.npz"), "ranking", as: Int64.self).map { Int($0) }
        #expect(ranking == summary.ranking)
        #expect(zip(ranking, ranking.dropFirst()).allSatisfy { found[$0] <= found[$1] })
    }

    @Test("pixel scores are cleanlab's in float32, NaN where ignored", arguments: fixtures)
    func pixelScores(fixture: String) throws {
        let folder = try TemporaryFolder()
        var plan = plan(path(fixture), path(fixture), output: folder("scores.npz"))
        plan.writesPixelScores = true
        plan.issuesBelow = 0.1
        let summary = try ScoreRun(plan: plan).run()
        let expected = try elements(path(fixture), "pixel_scores", as: Double.self)
        let found = try elements(folder("scores.npz"), "pixel_scores", as: Float.self)
        #expect(isClose(found.map(Double.init), expected, within: 1e-6))
        let mask = try elements(folder("scores.npz"), "label_issues", as: UInt8.self)
        #expect(mask == expected.map { $0 < 0.1 ? 1 : 0 })
        #expect(summary.issues == mask.count { $0 == 1 })
    }

    @Test("the file does not depend on threads", arguments: [ScoreMethod.softmin, .numPixelIssues])
    func threads(method: ScoreMethod) throws {
        let folder = try TemporaryFolder()
        // 300 x 700 pixels are cut into four units; classes 0 and 1 from a fixed sequence.
        let count = 300 * 700
        var labels = (0..<count).map { UInt8($0 * 7 % 5 / 3) }
        for pixel in stride(from: 0, to: count, by: 97) { labels[pixel] = 255 }
        try folder.write(npy(header: npyDict("|u1", [1, 300, 700]) + "\n", data: labels), to: "l.npy")
        let foreground: [Float] = (0..<count).map { pixel -> Float in Float(pixel * 2_654_435 % 1000) / 1000 }
        let values: [Float] = foreground.map { 1 - $0 } + foreground
        let bytes: [UInt8] = values.flatMap { little($0.bitPattern, 4) }
        try folder.write(npy(header: npyDict("<f4", [1, 2, 300, 700]) + "\n", data: bytes), to: "p.npy")
        let files = try [1, 2, 5].map { threads in
            var plan = plan(folder("l.npy"), folder("p.npy"), output: folder("s\(threads).npz"))
            plan.method = method
            plan.writesPixelScores = true
            plan.audit.run.threads = threads
            _ = try ScoreRun(plan: plan).run()
            return try folder.read("s\(threads).npz")
        }
        #expect(files[0] == files[1])
        #expect(files[0] == files[2])
    }

    @Test("an image of ignored pixels alone has no score and ranks last", arguments: ScoreMethod.allCases)
    func nothingCounted(method: ScoreMethod) throws {
        let folder = try TemporaryFolder()
        try folder.write(npy(header: npyDict("|u1", [3, 1, 2]) + "\n", data: [255, 255, 0, 1, 1, 1]), to: "l.npy")
        // Image 1 agrees with its labels; image 2 is labelled 1, and class 0 is more probable.
        let values: [Float] = [0.5, 0.5, 0.5, 0.5, 0.75, 0.25, 0.25, 0.75, 0.875, 0.75, 0.125, 0.25]
        try folder.write(
            npy(header: npyDict("<f4", [3, 2, 1, 2]) + "\n", data: values.flatMap { little($0.bitPattern, 4) }),
            to: "p.npy")
        var plan = plan(folder("l.npy"), folder("p.npy"), output: folder("s.npz"))
        plan.method = method
        let summary = try ScoreRun(plan: plan).run()
        #expect(summary.images[0].score == nil)
        #expect(summary.images[0].countedPixels == 0)
        #expect(summary.ranking == [2, 1, 0])
        let stored = try elements(folder("s.npz"), "image_scores", as: Double.self)
        #expect(stored[0].isNaN)
    }

    @Test("a dataset with an array an image gets its arrays keyed likewise")
    func ragged() throws {
        let folder = try TemporaryFolder()
        let samples = fixturesPath + "/../../Samples/ragged/"
        var plan = plan(samples + "labels.npz", samples + "pred_probs.npz", output: folder("s.npz"))
        plan.writesPixelScores = true
        plan.issuesBelow = 0.2
        _ = try ScoreRun(plan: plan).run()
        let names = ["frame1", "frame2", "frame10", "frame11"]
        let keys = try ArrayFile(path: folder("s.npz")).arrays.map(\.key)
        #expect(
            keys == names.map { "pixel_scores/\($0)" } + names.map { "label_issues/\($0)" } + [
                "image_scores", "ranking",
            ])
        #expect(try elements(folder("s.npz"), "pixel_scores/frame2", as: Float.self).count == 48 * 32)
    }

    @Test("a table that would overwrite an input is refused")
    func tableOverInput() throws {
        let folder = try TemporaryFolder()
        let input = path("k3-float32")
        let plan = plan(input, input, output: folder("s.npz"))
        try plan.audit.files.write(input, option: "--csv")
        let error = #expect(throws: AuditError.self) { try ScoreRun(plan: plan).run() }
        #expect(error?.description.contains("--csv") == true)
        #expect(try folder.names == [])
    }
}
