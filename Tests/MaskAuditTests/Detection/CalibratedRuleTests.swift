import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit

/// `calibrated` against a plain reference.
@Suite struct CalibratedRuleTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Five images of 40 x 48 pixels.
    static let scene = Scene.rectangles(
        seed: 21, classCount: 4, sizes: Array(repeating: (40, 48), count: 5), void: 255)
    /// Of five images, a large one that is cut into bands where it is read in place, and one without pixels.
    static let large = Scene.rectangles(
        seed: 22, classCount: 3, sizes: [(30, 31), (364, 364), (0, 7), (40, 44), (12, 9)], void: 255)
    private static let largeReference = CalibratedReference(large, ignored: 255, evidence: 3)

    private static func calibrated(_ plan: inout FindPlan, evidence: Double) {
        plan.audit.rule.filter = .calibrated
        plan.audit.rule.minimumEvidence = evidence
        plan.audit.dataset.ignoredLabels = [255]
    }

    /// Throws where a region's evidence lies so near a cut-off that rounding may decide.
    private func check(_ reference: CalibratedReference, evidence: Double) throws {
        try #require(reference.regions.allSatisfy { abs($0.evidence - evidence) > 1e-9 })
        let flagged = reference.regions.count { $0.evidence >= evidence }
        try #require(flagged > 3 && flagged < reference.regions.count - 3)
    }

    @Test("masks are the reference's, for every number type", arguments: ["<f2", "<f4", "<f8"], [2.5, 3.5])
    func masks(descr: String, evidence: Double) throws {
        try folder.write(Self.scene, probabilities: descr)
        let reference = CalibratedReference(Self.scene, ignored: 255, evidence: evidence)
        try check(reference, evidence: evidence)
        let outcome = try folder.audit { Self.calibrated(&$0, evidence: evidence) }
        #expect(outcome.masks == reference.masks.flatMap { $0 })
        #expect(outcome.summary.minimumEvidence == evidence)
    }

    @Test("images of fewer than four are judged by their own counts too", arguments: [1, 3])
    func fewImages(count: Int) throws {
        let scene = Self.scene.select(0..<count)
        try folder.write(scene)
        let reference = CalibratedReference(scene, ignored: 255, evidence: 2.5, leavesOut: false)
        try check(reference, evidence: 2.5)
        #expect(try folder.audit { Self.calibrated(&$0, evidence: 2.5) }.masks == reference.masks.flatMap { $0 })
    }

    @Test("counts of other data are taken as they are")
    func otherData() throws {
        let witnesses = Scene.rectangles(
            seed: 23, classCount: 4, sizes: Array(repeating: (30, 50), count: 6), void: 255)
        try folder.write(witnesses)
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]), output: nil)
        Self.calibrated(&plan, evidence: 3)
        _ = try ThresholdRun(plan: ThresholdPlan(audit: plan.audit, output: folder("reference.npz"))).run()
        try folder.write(Self.scene)
        let reference = CalibratedReference(
            Self.scene, ignored: 255, evidence: 3, witnesses: witnesses, leavesOut: false)
        try check(reference, evidence: 3)
        let outcome = try folder.audit(thresholds: .file(folder("reference.npz"))) {
            Self.calibrated(&$0, evidence: 3)
        }
        #expect(outcome.masks == reference.masks.flatMap { $0 })
    }

    @Test(
        "regions have the reference's evidence and scores, joined by given class where that is asked for",
        arguments: RegionGrouping.allCases)
    func regions(grouping: RegionGrouping) throws {
        try folder.write(Self.scene)
        let reference = CalibratedReference(
            Self.scene, ignored: 255, evidence: 2.5, joinsSuggestions: grouping == .given)
        try check(reference, evidence: 2.5)
        let found = try folder.regions {
            $0.audit.rule.filter = .calibrated
            $0.audit.rule.minimumEvidence = 2.5
            $0.audit.rule.grouping = grouping
            $0.audit.dataset.ignoredLabels = [255]
        }
        let flagged = reference.regions.filter { $0.evidence >= 2.5 }
        #expect(found.placed.map { Array($0.runs.joined()) } == flagged.map(\.pixels))
        for (region, want) in zip(found.placed, flagged) {
            #expect(abs((region.evidence ?? 0) - want.evidence) < 1e-12 && abs(region.score - want.score) < 1e-12)
            #expect(region.given == want.given)
            // The class that most pixels suggest, the lowest of equally common ones.
            let counts = Dictionary(grouping: want.suggested, by: \.self).mapValues(\.count)
            let most = counts.values.max() ?? 0
            #expect(region.suggested == counts.filter { $0.value == most }.keys.min())
        }
        #expect(grouping == .swap || flagged.contains { Set($0.suggested).count > 1 })
        #expect(found.summary.regions.map(\.score) == found.placed.map(\.score).sorted(by: >))
        #expect(found.summary.rule == .calibrated && found.summary.grouping == grouping)
    }

    @Test(
        "the output has the same bits on any threads, cut into bands or whole, in memory or spooled",
        arguments: [1, 2, 4, 8])
    func threads(count: Int) throws {
        let names = ["a", "b", "c", "d", "e"]
        let labels = names.indices.map { (names[$0], Self.large.labels($0).npy("|u1")) }
        let probabilities = names.indices.map { (names[$0], Self.large.probabilities($0).npy("<f4")) }
        try folder.write(npz(labels), to: "labels.npz")
        let reference = Self.largeReference
        try check(reference, evidence: 3)
        for (name, isDeflated, limit) in [("stored.npz", false, 64 << 20), ("deflated.npz", true, 0)] {
            try folder.write(npz(probabilities, deflated: isDeflated), to: name)
            let outcome = try folder.audit(["labels.npz"], [name]) {
                Self.calibrated(&$0, evidence: 3)
                $0.audit.run.threads = count
                $0.audit.run.memoryLimitBytes = limit
            }
            for (index, image) in names.enumerated() {
                #expect(outcome.archive["label_issues/\(image)"]?.flags == reference.masks[index])
            }
        }
    }

    @Test("records kept on any threads are the same bytes, and give what the data give", arguments: [1, 3])
    func records(threads: Int) throws {
        let names = ["a", "b", "c", "d", "e"]
        let labels = names.indices.map { (names[$0], Self.large.labels($0).npy("|u1")) }
        let probabilities = names.indices.map { (names[$0], Self.large.probabilities($0).npy("<f4")) }
        try folder.write(npz(labels), to: "labels.npy")
        try folder.write(npz(probabilities), to: "pred_probs.npy")
        func keep(_ name: String, threads: Int, _ rule: FilterRule = .calibrated) throws {
            var plan = FindPlan(
                labels: InputSelection(paths: [folder("labels.npy")]),
                predProbs: InputSelection(paths: [folder("pred_probs.npy")]), output: nil)
            Self.calibrated(&plan, evidence: 3)
            plan.audit.rule.filter = rule
            plan.audit.run.threads = threads
            var thresholds = ThresholdPlan(audit: plan.audit, output: folder("part.npz"))
            thresholds.keptRecords = folder(name)
            _ = try ThresholdRun(plan: thresholds).run()
        }
        try keep("one", threads: 1)
        try keep("many", threads: threads)
        #expect(try folder.read("one") == folder.read("many"))
        let data = try folder.audit { Self.calibrated(&$0, evidence: 3) }
        let kept = try folder.audit([], [], source: .records(folder("many"))) { Self.calibrated(&$0, evidence: 3) }
        #expect(kept.archive == data.archive && data.summary.issues > 0)
        // Another rule reads them as well.
        let other = try folder.audit([], [], source: .records(folder("many"))) {
            $0.audit.dataset.ignoredLabels = [255]
        }
        #expect(try other.archive == folder.audit { $0.audit.dataset.ignoredLabels = [255] }.archive)
        // Records of another rule have no counts.
        try keep("without", threads: 1, .lowSelfConfidence)
        do {
            _ = try folder.audit([], [], source: .records(folder("without"))) { Self.calibrated(&$0, evidence: 3) }
            Issue.record("nothing was thrown")
        } catch {
            #expect("\(error)".contains("--filter-by calibrated needs counts, which it does not hold; keep records"))
        }
    }

    @Test("shards in any order give the masks of one run", arguments: [[2, 3], [1, 1, 1, 1, 1], [4, 0, 1]])
    func shards(counts: [Int]) throws {
        var shards = try ShardScene(Self.scene, counts: counts)
        shards.change = { Self.calibrated(&$0, evidence: 2.5) }
        var random = SplitMix(seed: 1)
        let merged = try shards.mergedInAnyOrder(&random, round: "a")
        #expect(merged.isCounted)
        let whole = try shards.whole(.calibrated)
        var masks: [Bool] = []
        for shard in counts.indices {
            masks += try shards.find(shard, .calibrated, thresholds: "a.npz").masks
        }
        #expect(masks == whole.masks && whole.summary.issues > 0)
    }

    @Test("parts without counts are told apart, and refused")
    func partsWithoutCounts() throws {
        var shards = try ShardScene(Self.scene, counts: [2, 3])
        shards.change = { Self.calibrated(&$0, evidence: 2.5) }
        try shards.part(0, to: "with.npz", number: (1, 2))
        shards.change = { $0.audit.dataset.ignoredLabels = [255] }
        try shards.part(1, to: "without.npz", number: (2, 2))
        func line(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch {
                return "\(error)".split(separator: shards.folder.path + "/", omittingEmptySubsequences: false).joined()
            }
        }
        #expect(
            line { try shards.merge(["with.npz", "without.npz"], to: "m.npz") }
                == "without.npz: has no counts for --filter-by calibrated, with.npz has them; make all parts with "
                + "--filter-by calibrated, or none")
        #expect(
            line { _ = try shards.find(1, .calibrated, thresholds: "without.npz") }
                .hasPrefix("without.npz: lacks shard 1 of 2"))
        try shards.part(1, to: "alone.npz")
        #expect(
            line { _ = try shards.find(1, .calibrated, thresholds: "alone.npz") }
                == "alone.npz: has no counts for --filter-by calibrated; make it again with masklint thresholds "
                + "--filter-by calibrated")
    }

    @Test("volumes are judged as wholes, their regions reaching through slices")
    func volumes() throws {
        // Fifty rows are five slices of ten.
        let scene = Scene.rectangles(seed: 24, classCount: 3, sizes: Array(repeating: (50, 20), count: 4), void: 255)
        try folder.write(
            NumberArray([4, 5, 10, 20], scene.images.flatMap(\.labels)).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([4, 3, 5, 10, 20], scene.images.flatMap(\.probabilities)).npy("<f4"), to: "pred_probs.npy")
        func regions(_ rule: FilterRule, evidence: Double) throws -> RegionSummary {
            try folder.regions {
                $0.audit.rule.filter = rule
                $0.audit.rule.minimumEvidence = evidence
                $0.audit.dataset.ignoredLabels = [255]
                $0.audit.dataset.volumes = true
                $0.connectivity = .twentySix
            }.summary
        }
        let all = try regions(.predictedNeqGiven, evidence: 0)
        let judged = try regions(.calibrated, evidence: -100)
        #expect(judged.issues == all.issues && judged.found == all.found)
        let surprising = try regions(.calibrated, evidence: 2.5)
        let want = judged.regions.filter { ($0.evidence ?? 0) >= 2.5 }
        #expect(surprising.regions == want && !want.isEmpty && want.count < judged.regions.count)
    }

    @Test("more than 512 classes, and downsampling, are refused before data are read")
    func refused() throws {
        try folder.write(NumberArray([1, 2], [0, 1]).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([513, 1, 2], [1, 1] + [Double](repeating: 0, count: 1024)).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault { $0.audit.rule.filter = .calibrated }
                == "pred_probs.npy: 513 classes, --filter-by calibrated takes 512 at most; choose another --filter-by")
        #expect(
            folder.fault {
                $0.audit.rule.filter = .calibrated
                $0.audit.rule.downsample = 2
            }.contains("--filter-by calibrated judges regions at full size"))
        try folder.write(
            NumberArray([512, 1, 2], [1, 1] + [Double](repeating: 0, count: 1022)).npy("<f4"), to: "pred_probs.npy")
        #expect(try folder.audit { $0.audit.rule.filter = .calibrated }.masks.count == 2)
    }
}
