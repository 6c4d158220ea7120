import ConfidentLearning
import MaskAudit
import NumPyFiles
import TestSupport
import Testing

/// Whole runs against what cleanlab 2.9.0 and NumPy make of the same data; `Tests/Fixtures/README.md` tells how.
@Suite struct AlgorithmFixtureTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let names = [
        "k2-float64", "k3-float32", "k4-float32-planted", "k4-float32-void", "k5-float16", "k5-float32-absent-class",
        "k6-float16-planted", "k6-float32-unsure", "k7-float64-one-image", "k9-float64-void", "k12-float32",
    ]

    func run(_ name: String, _ change: (inout FindPlan) -> Void) throws -> (Outcome, StoredArchive) {
        let path = "\(fixturesPath)/algorithm/\(name).npz"
        let outcome = try folder.audit { plan in
            plan.audit.dataset.labels = InputSelection(paths: [path])
            plan.audit.dataset.predProbs = InputSelection(paths: [path])
            plan.audit.dataset.ignoredLabels = [255]
            plan.suggest = true
            change(&plan)
        }
        return (outcome, try StoredArchive(path))
    }

    @Test("every fixture is listed")
    func listed() throws {
        let files = try fileNames(inFolder: "\(fixturesPath)/algorithm").compactMap(\.text).filter {
            $0.hasSuffix(".npz")
        }
        #expect(files.map { String($0.dropLast(4)) }.sorted() == Self.names.sorted())
    }

    @Test("masks, thresholds and counts are cleanlab's", arguments: names)
    func lowSelfConfidence(name: String) throws {
        let (outcome, wanted) = try run(name) { $0.audit.rule.filter = .lowSelfConfidence }
        #expect(outcome.archive["label_issues"] == wanted["low_self_confidence"])
        #expect(outcome.archive["class_counts"] == wanted["class_counts"])
        let counts = try #require(wanted["class_counts"]).integers
        let thresholds = try #require(wanted["confident_thresholds"]).values
        #expect(outcome.thresholds.count == thresholds.count)
        for (index, (found, expected)) in zip(outcome.thresholds, thresholds).enumerated() {
            #expect(counts[index] == 0 ? found.isNaN : abs(found - expected) <= 1e-12)
        }
        #expect(outcome.summary.issues == outcome.masks.filter { $0 }.count)
        #expect(outcome.summary.countedPixels == counts.reduce(0, +))
    }

    @Test("masks after downsampling by 2 are cleanlab's", arguments: names.filter { !$0.contains("void") })
    func downsampled(name: String) throws {
        let (outcome, wanted) = try run(name) { $0.audit.rule.downsample = 2 }
        #expect(outcome.archive["label_issues"] == wanted["low_self_confidence_downsample_2"])
    }

    @Test("masks and suggestions of confident learning are those of the rule in NumPy", arguments: names)
    func confidentLearning(name: String) throws {
        let (outcome, wanted) = try run(name) { $0.audit.rule.filter = .confidentLearning }
        #expect(outcome.archive["label_issues"] == wanted["confident_learning"])
        #expect(outcome.archive["suggested_labels"] == wanted["confident_learning_suggested"])
    }
}
