import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// Masks of shards, joined, are those of one run.
@Suite struct MaskMergeTests {
    static let scene = Scene.random(seed: 60, classCount: 3, count: 6, 9, 8, void: 255)

    /// Masks of three shards by confident learning, with suggestions, as `0.npz` to `2.npz`.
    private func masks(_ change: @escaping (inout FindPlan) -> Void = { _ in }) throws -> ShardScene {
        var shards = try ShardScene(Self.scene, counts: [2, 3, 1])
        shards.change = { $0.audit.dataset.ignoredLabels = [255] }
        for shard in 0..<3 { try shards.part(shard, to: "p\(shard).npz") }
        try shards.merge(["p0.npz", "p1.npz", "p2.npz"], to: "t.npz")
        shards.change = { plan in
            plan.audit.dataset.ignoredLabels = [255]
            plan.suggest = true
            change(&plan)
        }
        for shard in 0..<3 {
            let outcome = try shards.find(shard, .confidentLearning, thresholds: "t.npz")
            try shards.folder.write(outcome.bytes, to: "\(shard).npz")
        }
        return shards
    }

    private func merge(_ shards: ShardScene, _ names: [String], isStored: Bool = false) throws -> MaskMergeSummary {
        try MergeRun(
            paths: names.map { shards.folder($0) }, output: shards.folder("m.npz"), isPartial: false, isStored: isStored
        ).masks()
    }

    private func fault(_ shards: ShardScene, _ names: [String]) -> String {
        let error = #expect(throws: AuditError.self) { try merge(shards, names) }
        return "\(error!)".split(separator: shards.folder.path + "/", omittingEmptySubsequences: false).joined()
    }

    @Test("arrays are those of one run", arguments: [false, true])
    func equal(isStored: Bool) throws {
        let shards = try masks { $0.isStored = isStored }
        let summary = try merge(shards, ["0.npz", "1.npz", "2.npz"], isStored: isStored)
        let whole = try shards.whole(.confidentLearning)
        #expect(try StoredArchive(shards.folder("m.npz")) == whole.archive)
        #expect(summary.issues == whole.summary.issues)
        #expect(summary.images == 6)
        #expect(summary.countedPixels == whole.summary.countedPixels)
    }

    @Test("a merged archive is joined again, to the same arrays")
    func grouped() throws {
        let shards = try masks()
        _ = try merge(shards, ["0.npz", "1.npz", "2.npz"])
        let arrays = try StoredArchive(shards.folder("m.npz"))
        _ = try merge(shards, ["0.npz", "1.npz"])
        try shards.folder.write(try shards.folder.read("m.npz"), to: "a.npz")
        _ = try merge(shards, ["a.npz", "2.npz"])
        #expect(try StoredArchive(shards.folder("m.npz")) == arrays)
    }

    @Test("members an image are joined by name, and a name twice is told")
    func named() throws {
        let folder = try TemporaryFolder()
        func shard(_ names: [String], _ index: Int) throws -> Outcome {
            let images = names.indices.map { Self.scene.select([index + $0]) }
            try folder.write(
                npz(zip(names, images).map { ($0, $1.labels(0).npy("|u1")) }), to: "l.npz")
            try folder.write(npz(zip(names, images).map { ($0, $1.probabilities(0).npy("<f4")) }), to: "p.npz")
            return try folder.audit(["l.npz"], ["p.npz"], thresholds: .file(folder("t.npz"))) { plan in
                plan.audit.dataset.ignoredLabels = [255]
                plan.audit.rule.filter = .confidentLearning
            }
        }
        try folder.write(Self.scene)
        var plan = ThresholdPlan(
            audit: AuditPlan(
                labels: InputSelection(paths: [folder("labels.npy")]),
                predProbs: InputSelection(paths: [folder("pred_probs.npy")])),
            output: folder("t.npz"))
        plan.audit.dataset.ignoredLabels = [255]
        _ = try ThresholdRun(plan: plan).run()
        let first = try shard(["a", "b"], 0)
        try folder.write(first.bytes, to: "0.npz")
        try folder.write(try shard(["c", "d", "e"], 2).bytes, to: "1.npz")
        _ = try MergeRun(paths: [folder("0.npz"), folder("1.npz")], output: folder("m.npz"), isPartial: false).masks()
        let merged = try StoredArchive(folder("m.npz"))
        #expect(
            merged.keys.filter { $0.hasPrefix("label_issues/") }
                == ["a", "b", "c", "d", "e"].map { "label_issues/" + $0 })
        #expect(merged["label_issues/b"] == first.archive["label_issues/b"])
        #expect(merged["issue_counts"]?.shape == [5])
        try folder.write(try folder.read("0.npz"), to: "2.npz")
        let error = #expect(throws: AuditError.self) {
            try MergeRun(paths: [folder("0.npz"), folder("2.npz")], output: folder("n.npz"), isPartial: false).masks()
        }
        #expect("\(error!)".contains("label_issues/a"))
    }

    @Test("masks by other thresholds, of other sizes and without suggestions are told")
    func unlike() throws {
        let shards = try masks()
        let own = try shards.folder.audit(["l1.npy"], ["p1.npy"]) { $0.audit.dataset.ignoredLabels = [255] }
        try shards.folder.write(own.bytes, to: "own.npz")
        #expect(
            fault(shards, ["0.npz", "own.npz"])
                == "own.npz: was found by other thresholds than 0.npz; run find with one --thresholds file for all shards"
        )
        var plain = shards
        plain.change = { $0.audit.dataset.ignoredLabels = [255] }
        try shards.folder.write(plain.find(2, .confidentLearning, thresholds: "t.npz").bytes, to: "plain.npz")
        #expect(
            fault(shards, ["0.npz", "plain.npz"])
                == "plain.npz: has no suggested_labels, 0.npz has; run find with the same options for all")
        let other = Scene.random(seed: 61, classCount: 3, count: 1, 4, 4, void: 255)
        try shards.folder.write(other.labels.npy("|u1"), to: "l2.npy")
        try shards.folder.write(other.probabilities.npy("<f4"), to: "p2.npy")
        try shards.folder.write(shards.find(2, .confidentLearning, thresholds: "t.npz").bytes, to: "small.npz")
        #expect(
            fault(shards, ["0.npz", "small.npz"])
                == "small.npz: label_issues is bool (1, 4, 4), 0.npz has bool (2, 9, 8); images of several sizes are joined "
                + "where each has a name")
    }
}
