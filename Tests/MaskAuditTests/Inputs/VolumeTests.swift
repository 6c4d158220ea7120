import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// Volumes against the same slices as images: masks hold the same values.
@Suite struct VolumeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Slices of `count` volumes of `depth` slices.
    private static func slices(_ count: Int, depth: Int, void: Int? = 255) -> Scene {
        Scene.random(seed: 71, classCount: 3, count: count * depth, 8, 6, void: void)
    }

    /// (N,D,H,W).
    private static func labels(_ scene: Scene, depth: Int) -> NumberArray {
        NumberArray([scene.images.count / depth, depth, 8, 6], scene.labels.values)
    }

    /// (N,K,D,H,W).
    private static func probabilities(_ scene: Scene, depth: Int) -> NumberArray {
        NumberArray([scene.images.count / depth, depth, 3, 8, 6], scene.probabilities.values)
            .transposed([0, 2, 1, 3, 4])
    }

    private func audit(_ change: (inout FindPlan) -> Void = { _ in }) throws -> Outcome {
        try folder.audit {
            $0.audit.dataset.volumes = true
            $0.audit.dataset.ignoredLabels = [255]
            $0.suggest = true
            change(&$0)
        }
    }

    private func expectEqual(
        _ outcome: Outcome, _ scene: Scene, shape: [Int], _ rule: FilterRule = .lowSelfConfidence, downsample: Int = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let reference = Reference(scene, rule, ignored: [255], downsample: downsample)
        let masks = outcome.archive["label_issues"]
        #expect(masks?.shape == shape, sourceLocation: sourceLocation)
        #expect(masks?.integers == reference.masks.flatMap { $0.map { $0 ? 1 : 0 } }, sourceLocation: sourceLocation)
        #expect(outcome.archive["suggested_labels"]?.shape == shape, sourceLocation: sourceLocation)
        #expect(
            outcome.archive["suggested_labels"]?.integers == reference.suggested.flatMap(\.self),
            sourceLocation: sourceLocation)
        #expect(outcome.summary.issues == reference.issueCount, sourceLocation: sourceLocation)
    }

    @Test("volumes in one array are read slice by slice", arguments: Reference.rules, [1, 2])
    func oneArray(rule: FilterRule, downsample: Int) throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(Self.labels(scene, depth: 3).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        let outcome = try audit {
            $0.audit.rule.filter = rule
            $0.audit.rule.downsample = downsample
        }
        expectEqual(outcome, scene, shape: [2, 3, 8, 6], rule, downsample: downsample)
        #expect(outcome.archive["issue_counts"]?.shape == [2])
    }

    @Test("volumes may be in Fortran order", arguments: Reference.rules.prefix(2), [1, 2])
    func fortran(rule: FilterRule, downsample: Int) throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(Self.labels(scene, depth: 3).npy("<i2", fortran: true), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4", fortran: true), to: "pred_probs.npy")
        let outcome = try audit {
            $0.audit.rule.filter = rule
            $0.audit.rule.downsample = downsample
        }
        expectEqual(outcome, scene, shape: [2, 3, 8, 6], rule, downsample: downsample)
    }

    @Test("one volume is one image, with or without an axis over volumes", arguments: [[4, 8, 6], [1, 4, 8, 6]])
    func oneVolume(shape: [Int]) throws {
        let scene = Self.slices(1, depth: 4)
        try folder.write(NumberArray(shape, scene.labels.values).npy("|u1"), to: "labels.npy")
        let planes = Self.probabilities(scene, depth: 4).values
        for predicted in [[3, 4, 8, 6], [1, 3, 4, 8, 6]] {
            try folder.write(NumberArray(predicted, planes).npy("<f2"), to: "pred_probs.npy")
            expectEqual(try audit(), scene, shape: shape)
        }
    }

    @Test("an axis of one channel is dropped", arguments: [[2, 1, 3, 8, 6], [2, 3, 8, 6, 1]])
    func oneChannel(shape: [Int]) throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(NumberArray(shape, scene.labels.values).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        expectEqual(try audit(), scene, shape: [2, 3, 8, 6])
    }

    @Test("classes may come last, and labels may be one-hot")
    func otherLayouts() throws {
        let scene = Self.slices(2, depth: 3, void: nil)
        let oneHot = NumberArray([2, 3, 3, 8, 6], scene.oneHot.values)
        try folder.write(oneHot.transposed([0, 1, 3, 4, 2]).npy("|u1"), to: "labels.npy")
        let last = Self.probabilities(scene, depth: 3).transposed([0, 2, 3, 4, 1])
        try folder.write(last.npy("<f4"), to: "pred_probs.npy")
        let outcome = try audit {
            $0.audit.dataset.layout = .nhwc
            $0.audit.dataset.oneHot = true
        }
        expectEqual(outcome, scene, shape: [2, 3, 8, 6])
    }

    @Test("one foreground probability for each pixel", arguments: [[2, 3, 2, 2], [2, 1, 3, 2, 2]])
    func binary(shape: [Int]) throws {
        let foreground = (0..<24).map { Double($0) / 32 }
        try folder.write(NumberArray([2, 3, 2, 2], (0..<24).map { $0 % 2 }).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray(shape, foreground).npy("<f4"), to: "pred_probs.npy")
        let volumes = try audit { $0.audit.dataset.form = .binary }
        try folder.write(NumberArray([6, 2, 2], (0..<24).map { $0 % 2 }).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([6, 2, 2], foreground).npy("<f4"), to: "pred_probs.npy")
        let images = try audit {
            $0.audit.dataset.form = .binary
            $0.audit.dataset.volumes = false
        }
        #expect(volumes.archive["label_issues"]?.shape == [2, 3, 2, 2])
        #expect(volumes.archive["label_issues"]?.values == images.archive["label_issues"]?.values)
        #expect(volumes.summary.issues > 0)
    }

    @Test("a volume larger than a unit is cut at any row")
    func largeVolume() throws {
        let scene = Scene.random(seed: 5, classCount: 2, count: 5, 130, 128, isTied: false)
        try folder.write(NumberArray([5, 130, 128], scene.labels.values).npy("|u1"), to: "labels.npy")
        let planes = NumberArray([5, 2, 130, 128], scene.probabilities.values).transposed([1, 0, 2, 3])
        try folder.write(planes.npy("<f8"), to: "pred_probs.npy")
        let volume = try audit { $0.audit.run.threads = 2 }
        try folder.write(scene.labels.npy("|u1"), to: "labels.npy")
        try folder.write(scene.probabilities.npy("<f8"), to: "pred_probs.npy")
        let images = try audit { $0.audit.dataset.volumes = false }
        #expect(volume.archive["label_issues"]?.shape == [5, 130, 128])
        #expect(volume.archive["label_issues"]?.values == images.archive["label_issues"]?.values)
        #expect(volume.archive["suggested_labels"]?.values == images.archive["suggested_labels"]?.values)
    }

    // MARK: - A volume in each array

    @Test("a volume in each member or file, of different depths", arguments: [false, true])
    func named(isFolder: Bool) throws {
        let (first, second) = (Self.slices(1, depth: 2), Scene.random(seed: 72, classCount: 3, count: 4, 8, 6))
        let volumes = [("case_2", first, 2), ("case_10", second, 4)]
        if isFolder {
            for name in ["labels", "probs"] { try folder.makeFolder(name) }
            for (name, scene, depth) in volumes {
                try folder.write(
                    NumberArray([depth, 8, 6], scene.labels.values).npy("|u1"), to: "labels/\(name).npy")
                try folder.write(
                    NumberArray([3, depth, 8, 6], Self.probabilities(scene, depth: depth).values).npy("<f4"),
                    to: "probs/\(name).npy")
            }
        } else {
            try folder.write(
                npz(volumes.map { ($0.0, NumberArray([$0.2, 8, 6], $0.1.labels.values).npy("|u1")) }), to: "labels")
            try folder.write(
                npz(
                    volumes.map { name, scene, depth in
                        let planes = Self.probabilities(scene, depth: depth).values
                        return (name, NumberArray([3, depth, 8, 6], planes).npy("<f4"))
                    }), to: "probs")
        }
        let outcome = try folder.audit(["labels"], ["probs"]) {
            $0.audit.dataset.volumes = true
            $0.audit.dataset.ignoredLabels = [255]
        }
        let reference = Reference(
            Scene(classCount: 3, images: first.images + second.images), .lowSelfConfidence, ignored: [255])
        let masks = reference.masks.map { $0.map { $0 ? 1 : 0 } }
        #expect(outcome.archive["label_issues/case_2"]?.shape == [2, 8, 6])
        #expect(outcome.archive["label_issues/case_2"]?.integers == masks[..<2].flatMap(\.self))
        #expect(outcome.archive["label_issues/case_10"]?.shape == [4, 8, 6])
        #expect(outcome.archive["label_issues/case_10"]?.integers == masks[2...].flatMap(\.self))
    }

    // MARK: - Scores, records, shards

    @Test("scores of pixels are shaped like the labels")
    func scores() throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(Self.labels(scene, depth: 3).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        var plan = ScorePlan(
            audit: AuditPlan(
                labels: InputSelection(paths: [folder("labels.npy")]),
                predProbs: InputSelection(paths: [folder("pred_probs.npy")])), output: folder("scores.npz"))
        plan.audit.dataset.volumes = true
        plan.audit.dataset.ignoredLabels = [255]
        plan.writesPixelScores = true
        _ = try ScoreRun(plan: plan).run()
        let archive = try StoredArchive(folder("scores.npz"))
        #expect(archive["image_scores"]?.shape == [2])
        #expect(archive["pixel_scores"]?.shape == [2, 3, 8, 6])
        let wanted = scene.images.flatMap { image in
            image.labels.enumerated().map { $1 == 255 ? Double.nan : image.probability($1, $0) }
        }
        let found = try #require(archive["pixel_scores"]).values
        #expect(zip(found, wanted).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    }

    @Test("records of volumes give the masks of the data, and are no records of images")
    func records() throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(Self.labels(scene, depth: 3).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        let whole = try audit { $0.suggest = false }
        var plan = ThresholdPlan(
            audit: AuditPlan(
                labels: InputSelection(paths: [folder("labels.npy")]),
                predProbs: InputSelection(paths: [folder("pred_probs.npy")])), output: folder("part.npz"))
        plan.audit.dataset.volumes = true
        plan.audit.dataset.ignoredLabels = [255]
        plan.keptRecords = folder("records")
        _ = try ThresholdRun(plan: plan).run()
        func find(volumes: Bool) throws -> Outcome {
            try folder.audit([], [], source: .records(folder("records"))) {
                $0.audit.dataset.ignoredLabels = [255]
                $0.audit.dataset.volumes = volumes
            }
        }
        #expect(try find(volumes: true).archive == whole.archive)
        let error = #expect(throws: AuditError.self) { try find(volumes: false) }
        #expect("\(error!)".contains("--volumes yes where this run has none"))
    }

    @Test("masks of shards are joined, one volume without an axis among them")
    func merged() throws {
        let scene = Self.slices(3, depth: 2)
        try folder.write(Self.labels(scene, depth: 2).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 2).npy("<f4"), to: "pred_probs.npy")
        let whole = try audit { $0.audit.rule.filter = .predictedNeqGiven }
        var reference = ThresholdPlan(
            audit: AuditPlan(
                labels: InputSelection(paths: [folder("labels.npy")]),
                predProbs: InputSelection(paths: [folder("pred_probs.npy")])), output: folder("t.npz"))
        reference.audit.dataset.volumes = true
        reference.audit.dataset.ignoredLabels = [255]
        _ = try ThresholdRun(plan: reference).run()
        for (number, (range, shape)) in [(0..<4, [2]), (4..<6, [])].enumerated() {
            let part = scene.select(range)
            try folder.write(NumberArray(shape + [2, 8, 6], part.labels.values).npy("|u1"), to: "labels.npy")
            let planes = Self.probabilities(part, depth: 2).values
            try folder.write(NumberArray(shape + [3, 2, 8, 6], planes).npy("<f4"), to: "pred_probs.npy")
            let outcome = try folder.audit(thresholds: .file(folder("t.npz"), shard: nil)) {
                $0.audit.dataset.volumes = true
                $0.audit.dataset.ignoredLabels = [255]
                $0.audit.rule.filter = .predictedNeqGiven
                $0.suggest = true
            }
            try folder.write(outcome.bytes, to: "\(number).npz")
        }
        _ = try MergeRun(paths: [folder("0.npz"), folder("1.npz")], output: folder("m.npz"), isPartial: false).masks()
        let merged = try StoredArchive(folder("m.npz"))
        #expect(merged["label_issues"] == whole.archive["label_issues"])
        #expect(merged["suggested_labels"] == whole.archive["suggested_labels"])
        #expect(merged["label_issues"]?.shape == [3, 2, 8, 6])
    }

    @Test("a dry run tells slices, rows and columns")
    func outline() throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(Self.labels(scene, depth: 3).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]), output: nil)
        plan.audit.dataset.volumes = true
        let outline = try FindRun(plan: plan).outline()
        #expect(outline.smallest == [3, 8, 6])
        #expect(outline.maskShape == [2, 3, 8, 6])
    }

    // MARK: - Faults

    @Test("volumes without the option are an error that names it")
    func withoutOption() throws {
        let scene = Self.slices(2, depth: 3)
        try folder.write(Self.labels(scene, depth: 3).npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "labels.npy: labels have shape (2, 3, 8, 6) with 4 axes; (N, H, W), or (H, W) for one image is needed; "
                + "if these are one-hot labels, pass --one-hot; for volumes (N, D, H, W), pass --volumes; "
                + "if labels and pred_probs are interchanged, swap them")
        try folder.write(NumberArray([2, 8, 6], scene.select(0..<2).labels.values).npy("|u1"), to: "labels.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: pred_probs have shape (2, 3, 3, 8, 6) with 5 axes; (N, K, H, W), or (K, H, W) for one "
                + "image is needed; for volumes, pass --volumes")
        let volume = Self.probabilities(scene.select(0..<2), depth: 2).values
        try folder.write(NumberArray([3, 2, 8, 6], volume).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: shapes disagree: pred_probs (3, 2, 8, 6), labels.npy labels (2, 8, 6); "
                + "if this is a volume (D, H, W) with pred_probs (K, D, H, W), pass --volumes")
    }

    @Test("volumes in folders and archives without the option are an error that names it")
    func namedWithoutOption() throws {
        let scene = Self.slices(2, depth: 3)
        let one = NumberArray([3, 8, 6], scene.select(0..<3).labels.values).npy("|u1")
        try folder.makeFolder("labels")
        try folder.write(one, to: "labels/a.npy")
        #expect(folder.fault(["labels"]).hasSuffix("; for volumes, pass --volumes"))
        try folder.write(npz([("a", one), ("b", one)]), to: "labels.npz")
        #expect(folder.fault(["labels.npz"]).hasSuffix("; if each is a volume, pass --volumes"))
    }

    @Test("images with the option are an error that says so")
    func images() throws {
        let scene = Scene.random(seed: 3, classCount: 3, count: 1, 8, 6)
        try folder.write(scene.labels(0).npy("|u1"), to: "labels.npy")
        try folder.write(scene.probabilities(0).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault { $0.audit.dataset.volumes = true }
                == "labels.npy: labels have shape (8, 6) with 2 axes; (N, D, H, W), or (D, H, W) for one volume is needed; "
                + "leave --volumes out if these are images")
    }

    @Test("depth has to agree, and there has to be a slice")
    func depths() throws {
        let scene = Self.slices(1, depth: 4)
        try folder.write(NumberArray([2, 16, 6], scene.labels.values).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([3, 4, 8, 6], Self.probabilities(scene, depth: 4).values).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault { $0.audit.dataset.volumes = true }
                == "pred_probs.npy: shapes disagree: pred_probs (3, 4, 8, 6), labels.npy labels (2, 16, 6); "
                + "export both from the same images")
        try folder.write(NumberArray([0, 8, 6], [Int]()).npy("|u1"), to: "labels.npy")
        #expect(
            folder.fault { $0.audit.dataset.volumes = true }
                == "labels.npy: labels of shape (0, 8, 6) have no slices")
    }

    @Test("blocks have to divide slices, and a fault names the slice")
    func places() throws {
        let scene = Self.slices(2, depth: 3)
        var labels = Self.labels(scene, depth: 3)
        // Volume 1, slice 2, row 5, column 4.
        labels.values[((1 * 3 + 2) * 8 + 5) * 6 + 4] = 77
        try folder.write(labels.npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities(scene, depth: 3).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault {
                $0.audit.dataset.volumes = true
                $0.audit.dataset.ignoredLabels = [255]
            }.hasPrefix("labels.npy: label 77 at image 1 slice 2 row 5 column 4 is outside 0..2"))
        #expect(
            folder.fault {
                $0.audit.dataset.volumes = true
                $0.audit.rule.downsample = 3
            }
                == "labels.npy: height 8 and width 6 are not both divisible by --downsample 3; "
                + "the nearest that divides both is --downsample 2")
    }
}
