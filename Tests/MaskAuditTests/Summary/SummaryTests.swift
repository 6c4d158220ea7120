import ConfidentLearning
import Locking
import MaskAudit
import TestSupport
import Testing

@Suite struct SummaryTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("the summary's numbers add up to the masks'", arguments: Reference.rules, [1, 2])
    func totals(rule: FilterRule, factor: Int) throws {
        let scene = Scene.random(seed: 31, classCount: 4, count: 12, 8, 8, void: 255)
        try folder.write(scene)
        let summary = try folder.audit {
            $0.audit.rule.filter = rule
            $0.audit.dataset.ignoredLabels = [255]
            $0.audit.rule.downsample = factor
        }.summary
        let reference = Reference(scene, rule, ignored: [255], downsample: factor)
        #expect(summary.images == 12)
        #expect(summary.classes == 4)
        #expect(summary.pixels == 768)
        #expect(summary.ignoredPixels == scene.images.flatMap(\.labels).filter { $0 == 255 }.count)
        #expect(summary.countedPixels == reference.counts.reduce(0, +))
        #expect(summary.issues == reference.issueCount)
        #expect(summary.issueRate == Double(reference.issueCount) / Double(summary.countedPixels))
        #expect(summary.rule == rule)
        #expect(summary.downsample == factor)

        var issues = [Int](repeating: 0, count: 4)
        var swaps: [[Int]: Int] = [:]
        for (image, mask) in reference.masks.enumerated() {
            for (pixel, isIssue) in mask.enumerated() where isIssue {
                let given = scene.images[image].labels[pixel]
                issues[given] += 1
                swaps[[given, reference.suggested[image][pixel]], default: 0] += 1
            }
        }
        #expect(summary.perClass.map(\.index) == [0, 1, 2, 3])
        #expect(summary.perClass.map(\.issues) == issues)
        #expect(summary.perClass.map(\.pixels) == reference.counts)
        #expect(summary.perClass.map(\.threshold) == reference.thresholds)
        #expect(summary.swaps.map { [$0.given, $0.suggested] }.count == swaps.count)
        for swap in summary.swaps { #expect(swaps[[swap.given, swap.suggested]] == swap.pixels) }
        #expect(
            zip(summary.swaps, summary.swaps.dropFirst()).allSatisfy {
                ($1.pixels, $0.given, $0.suggested) < ($0.pixels, $1.given, $1.suggested)
            })

        let counts = reference.masks.map { $0.filter { $0 }.count }
        let worst = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(10)
        #expect(summary.worstImages.map(\.index) == Array(worst))
        #expect(summary.worstImages.map(\.issues) == worst.map { counts[$0] })
        #expect(
            summary.worstImages.map(\.pixels)
                == worst.map { scene.images[$0].labels.filter { $0 != 255 }.count })
        #expect(summary.worstImages.allSatisfy { $0.name == String($0.index) && !$0.isNamed })
    }

    @Test("classes without evidence are told once, by name where there are names", arguments: FilterRule.allCases)
    func withoutEvidence(rule: FilterRule) throws {
        try folder.write(NumberArray([1, 2], [1, 1]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([3, 1, 2], [0, 0, 1, 1, 0, 0] as [Double]).npy("<f4"), to: "pred_probs.npy")
        let end =
            switch rule {
            case .lowSelfConfidence: "its threshold is taken as 2e-06"
            case .calibrated: "such a class can be suggested, and no label of it be judged"
            default: "nothing is confident in a class without evidence"
            }
        #expect(
            try folder.audit { $0.audit.rule.filter = rule }.summary.warnings
                == ["no counted pixel is labelled with classes 0, 2: " + end])
        try folder.write(Array("sky\nroad\ncar".utf8), to: "names.txt")
        #expect(
            try folder.audit {
                $0.audit.rule.filter = rule
                $0.audit.dataset.classNamesFile = folder("names.txt")
            }.summary.warnings == ["no counted pixel is labelled with classes sky, car: " + end])
        try folder.write(NumberArray([1, 2], [1, 0]).npy("|u1"), to: "labels.npy")
        #expect(
            try folder.audit { $0.audit.rule.filter = rule }.summary.warnings
                == ["no counted pixel is labelled with class 2: " + end])
    }

    @Test("bytes read are those of the arrays, compressed where they are")
    func bytesRead() throws {
        let scene = Scene.random(seed: 3, classCount: 3, count: 4, 6, 7)
        try folder.write(scene)
        // 168 labels of a byte, and 504 probabilities of 4 bytes.
        #expect(try folder.audit().summary.bytesRead == 168 + 504 * 4)
        try folder.write(npz([("l", scene.labels.npy("|u1"))], deflated: true), to: "labels.npz")
        let deflated = try folder.audit(["labels.npz"]).summary.bytesRead - 504 * 4
        #expect((160...400).contains(deflated))
    }

    @Test("progress counts every image and pixel of both passes", arguments: [1, 3])
    func progress(threads: Int) throws {
        final class Log: Sendable {
            let reports = Mutex<[ProgressMeter.Report]>([])
        }
        try folder.write(Scene.random(seed: 3, classCount: 2, count: 3, 20, 20))
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]), output: nil)
        plan.audit.run.threads = threads
        let log = Log()
        _ = try FindRun(plan: plan, progress: ProgressMeter { report in log.reports.withLock { $0.append(report) } })
            .run()
        for pass in [1, 2] {
            let last = log.reports.withLock { $0.last { $0.pass == pass } }
            #expect(last?.images == 3)
            #expect(last?.imageTotal == 3)
            #expect(last?.pixels == 1200)
            #expect(last?.pixelTotal == 1200)
        }
        #expect(try folder.names == ["labels.npy", "pred_probs.npy"])
    }

    @Test(
        "names are made harmless and short",
        arguments: [
            ("plain", "plain"), ("a\nb", "a\\u{a}b"), ("\u{1b}[31m", "\\u{1b}[31m"), ("ünï", "ünï"),
            ("\u{202e}x", "\\u{202e}x"),
            (String(repeating: "x", count: 121), String(repeating: "x", count: 120) + "..."),
        ])
    func printableNames(name: String, text: String) { #expect(printable(name) == text) }
}
