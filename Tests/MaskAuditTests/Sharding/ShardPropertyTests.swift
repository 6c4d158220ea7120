import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit

/// Shards, merged in any order and grouping, give what one run over all of them gives.
@Suite struct ShardPropertyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var descr: String
        var downsample = 1
        var isTied = true
        var isUnnormalized = false

        var testDescription: String {
            "seed \(seed), \(descr), downsample \(downsample)\(isTied ? ", ties" : "")\(isUnnormalized ? ", unnormalized" : "")"
        }
    }

    static let cases: [Case] = [
        Case(seed: 1, descr: "<f2"), Case(seed: 2, descr: "<f2", isTied: false), Case(seed: 3, descr: "<f4"),
        Case(seed: 4, descr: "<f4", isTied: false), Case(seed: 5, descr: "<f8", isTied: false),
        Case(seed: 6, descr: "<f8"),
        Case(seed: 7, descr: "<f4", downsample: 2), Case(seed: 8, descr: "<f2", downsample: 2),
        Case(seed: 9, descr: "<f2", isUnnormalized: true), Case(seed: 10, descr: "<f4", isUnnormalized: true),
        Case(seed: 11, descr: "<f4", downsample: 2, isTied: false), Case(seed: 12, descr: ">f2"),
    ]

    @Test("thresholds are the same to the bit and masks the same, whatever the cut", arguments: cases)
    func equalsWhole(one: Case) throws {
        var random = SplitMix(seed: one.seed)
        let counts = [1] + (0..<random.below(12)).map { _ in random.below(5) }
        var shards = try ShardScene(
            .random(
                seed: one.seed, classCount: 2 + random.below(5), count: counts.reduce(0, +), 12, 14, void: 255,
                isTied: one.isTied), counts: counts, probabilities: one.descr)
        shards.change = { plan in
            plan.audit.dataset.ignoredLabels = [255]
            plan.audit.rule.downsample = one.downsample
            plan.audit.run.threads = 1 + Int(one.seed % 3)
            if one.isUnnormalized { plan.audit.dataset.form = .unnormalized }
        }
        let first = try shards.mergedInAnyOrder(&random, round: "a")
        let isExact = one.descr.hasSuffix("f2") && one.downsample == 1
        #expect(first.cutoff == (isExact ? .known : .open))
        let second = try shards.mergedInAnyOrder(&random, round: "b", thresholds: "a.npz")
        #expect(second.cutoff == .known)
        for rule in [FilterRule.lowSelfConfidence, .confidentLearning, .predictedNeqGiven] {
            let whole = try shards.whole(rule)
            #expect(whole.summary.issues > 0)
            for file in ["a.npz", "b.npz"] where rule != .lowSelfConfidence || isExact || file == "b.npz" {
                var masks: [Bool] = []
                for shard in counts.indices {
                    let outcome = try shards.find(shard, rule, thresholds: file)
                    masks += outcome.masks
                    #expect(outcome.thresholds.map(\.bitPattern) == whole.thresholds.map(\.bitPattern))
                }
                #expect(masks == whole.masks, "\(rule), \(file)")
            }
        }
        #expect(second.cutoffValue == first.cutoffValue || !isExact)
    }
}
