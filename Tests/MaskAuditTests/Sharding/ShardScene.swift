import ConfidentLearning
import NumPyFiles
import TestSupport

@testable import MaskAudit

/// A dataset cut into shards, in a folder: `l0.npy`, `p0.npy` and so on, and all of it as `labels.npy`, `pred_probs.npy`.
struct ShardScene {
    let folder: TemporaryFolder
    let counts: [Int]
    var change: (inout FindPlan) -> Void = { _ in }

    init(_ scene: Scene, counts: [Int], probabilities: String = "<f4") throws {
        folder = try TemporaryFolder()
        self.counts = counts
        try folder.write(scene, probabilities: probabilities)
        var first = 0
        for (number, count) in counts.enumerated() {
            let shard = scene.select(first..<first + count)
            try folder.write(shard.labels.npy("|u1"), to: "l\(number).npy")
            try folder.write(shard.probabilities.npy(probabilities), to: "p\(number).npy")
            first += count
        }
    }

    private func plan(_ shard: Int, output: String) -> FindPlan {
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("l\(shard).npy")]),
            predProbs: InputSelection(paths: [folder("p\(shard).npy")]), output: folder(output))
        change(&plan)
        return plan
    }

    /// Makes a shard's part; with `thresholds` that of the second round.
    @discardableResult
    func part(
        _ shard: Int, to name: String, number: (Int, Int)? = nil, thresholds: String? = nil
    ) throws -> ThresholdSummary {
        let find = plan(shard, output: name)
        var plan = ThresholdPlan(audit: find.audit, output: folder(name))
        plan.shard = number.map { (number: $0.0, total: $0.1) }
        plan.merged = thresholds.map { (folder($0), nil) }
        return try ThresholdRun(plan: plan).run()
    }

    @discardableResult
    func merge(_ names: [String], to name: String, isPartial: Bool = false) throws -> ThresholdSummary {
        try MergeRun(paths: names.map { folder($0) }, output: folder(name), isPartial: isPartial).parts()
    }

    /// The masks of a shard by a thresholds' file.
    func find(_ shard: Int, _ rule: FilterRule, thresholds: String, number: Int? = nil) throws -> Outcome {
        try folder.audit(
            ["l\(shard).npy"], ["p\(shard).npy"], thresholds: .file(folder(thresholds), shard: number)
        ) { plan in
            change(&plan)
            plan.audit.rule.filter = rule
        }
    }

    /// The masks of all the data in one run.
    func whole(_ rule: FilterRule) throws -> Outcome {
        try folder.audit { plan in
            change(&plan)
            plan.audit.rule.filter = rule
        }
    }

    /// Makes the parts of all shards and merges them pair by pair in an order that `random` draws.
    func mergedInAnyOrder(_ random: inout SplitMix, round: String, thresholds: String? = nil) throws -> ThresholdSummary
    {
        var names: [String] = []
        for shard in counts.indices {
            names.append("\(round)\(shard).npz")
            try part(shard, to: names[shard], number: (shard + 1, counts.count), thresholds: thresholds)
        }
        var merged = 0
        while names.count > 1 {
            let first = names.remove(at: random.below(names.count))
            let second = names.remove(at: random.below(names.count))
            try merge([first, second], to: "\(round)m\(merged).npz", isPartial: true)
            names.append("\(round)m\(merged).npz")
            merged += 1
        }
        return try merge(names, to: "\(round).npz")
    }
}
