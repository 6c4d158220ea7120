import ConfidentLearning
import MaskAudit
import TestSupport
import Testing

/// What must not change a result does not.
@Suite struct InvarianceTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Four images of 22,000 pixels make two units of work, the first of three images.
    static let units = Scene.random(seed: 100, classCount: 3, count: 4, 110, 200, void: 255)
    /// One image that is cut into rows, three units, where it can be read in place.
    static let large = Scene.random(seed: 101, classCount: 2, count: 1, 364, 364)

    @Test(
        "threads, memory limit and compression of inputs do not change a bit of the output",
        arguments: FilterRule.allCases)
    func threadsAndMemory(rule: FilterRule) throws {
        let labels = Self.units.labels.npy("|u1")
        let probabilities = Self.units.probabilities.npy("<f2")
        try folder.write(labels, to: "labels.npy")
        try folder.write(probabilities, to: "pred_probs.npy")
        try folder.write(npz([("labels", labels)], deflated: true), to: "labels.npz")
        try folder.write(npz([("pred_probs", probabilities)], deflated: true), to: "pred_probs.npz")
        try folder.write(npz([("labels", labels), ("pred_probs", probabilities)]), to: "both.npz")
        var first: Outcome?
        for (inputs, threads, limit) in [
            (["labels.npy", "pred_probs.npy"], 1, 64 << 20), (["labels.npy", "pred_probs.npy"], 5, 0),
            (["both.npz", "both.npz"], 2, 200_000), (["labels.npz", "pred_probs.npz"], 2, 0),
            (["labels.npy", "pred_probs.npz"], 5, 64 << 20),
        ] {
            let outcome = try folder.audit([inputs[0]], [inputs[1]]) {
                $0.audit.rule.filter = rule
                $0.audit.rule.minimumEvidence = 2
                $0.audit.dataset.ignoredLabels = [255]
                $0.audit.run.threads = threads
                $0.audit.run.memoryLimitBytes = limit
                $0.suggest = true
            }
            #expect(try folder.names.filter { $0.hasPrefix(".") || $0.contains("tmp") } == [])
            guard let wanted = first else {
                if rule == .lowSelfConfidence { expectEqual(outcome, Reference(Self.units, rule, ignored: [255])) }
                first = outcome
                continue
            }
            #expect(outcome.bytes == wanted.bytes, "\(inputs), \(threads) threads, limit \(limit)")
            var summary = outcome.summary
            (summary.seconds, summary.bytesRead) = (wanted.summary.seconds, wanted.summary.bytesRead)
            #expect(summary == wanted.summary)
        }
    }

    @Test("an image cut by rows gives what it gives in one piece", arguments: FilterRule.allCases)
    func rows(rule: FilterRule) throws {
        let labels = Self.large.labels.npy("|u1")
        let probabilities = Self.large.probabilities.npy("<f2")
        try folder.write(labels, to: "labels.npy")
        try folder.write(probabilities, to: "pred_probs.npy")
        try folder.write(npz([("pred_probs", probabilities)], deflated: true), to: "pred_probs.npz")
        func outcome(_ input: String, threads: Int) throws -> Outcome {
            try folder.audit(["labels.npy"], [input]) {
                $0.audit.rule.filter = rule
                $0.audit.rule.minimumEvidence = 2
                $0.audit.run.threads = threads
                $0.suggest = true
            }
        }
        let whole = try outcome("pred_probs.npz", threads: 1)
        #expect(whole.summary.issues > 1000)
        for threads in [1, 3] {
            #expect(try outcome("pred_probs.npy", threads: threads).archive == whole.archive)
        }
    }

    @Test(
        "large images that are inflated into the memory of earlier ones are as those read in place", arguments: [1, 3])
    func reusedMemory(threads: Int) throws {
        // A mebibyte and more of probabilities each, but for one: larger, smaller and larger again.
        let sizes = [(190, 190), (180, 183), (1, 1), (200, 180), (182, 182), (190, 190)]
        let scene = Scene.random(seed: 102, classCount: 4, sizes: sizes, void: 255)
        let labels = sizes.indices.map { ("i\($0)", scene.labels($0).npy("|u1")) }
        let probabilities = sizes.indices.map { ("i\($0)", scene.probabilities($0).npy("<f8")) }
        try folder.write(npz(labels), to: "labels.npz")
        for isDeflated in [false, true] {
            try folder.write(npz(probabilities, deflated: isDeflated), to: "\(isDeflated).npz")
        }
        // The same as one array of equal images.
        let equal = Scene.random(seed: 103, classCount: 4, count: 5, 182, 182, void: 255)
        try folder.write(equal.labels.npy("|u1"), to: "labels.npy")
        try folder.write(equal.probabilities.npy("<f8"), to: "probs.npy")
        try folder.write(npz([("p", equal.probabilities.npy("<f8"))], deflated: true), to: "probs.npz")
        for (labels, inPlace, inflated) in [
            ("labels.npz", "false.npz", "true.npz"), ("labels.npy", "probs.npy", "probs.npz"),
        ] {
            let outcomes = try [inPlace, inflated].map { input in
                try folder.audit([labels], [input]) {
                    $0.audit.dataset.ignoredLabels = [255]
                    $0.audit.run.threads = threads
                }
            }
            #expect(outcomes[0].summary.issues > 10_000)
            #expect(outcomes[0].archive == outcomes[1].archive)
        }
    }

    @Test("an image cut by rows is cut between blocks")
    func rowsOfBlocks() throws {
        try folder.write(Self.large, probabilities: "<f2")
        let outcome = try folder.audit {
            $0.audit.rule.filter = .confidentLearning
            $0.audit.rule.downsample = 4
            $0.audit.run.threads = 2
            $0.audit.run.memoryLimitBytes = 0
            $0.suggest = true
        }
        expectEqual(outcome, Reference(Self.large, .confidentLearning, downsample: 4))
    }

    @Test("stored and deflated outputs hold the same arrays")
    func outputCompression() throws {
        try folder.write(Scene.random(seed: 3, classCount: 3, count: 2, 30, 30))
        let deflated = try folder.audit { $0.suggest = true }
        let stored = try folder.audit {
            $0.suggest = true
            $0.isStored = true
        }
        #expect(stored.archive == deflated.archive)
        #expect(stored.bytes.count > deflated.bytes.count)
    }

    @Test("two runs write equal bytes")
    func repeated() throws {
        try folder.write(Scene.random(seed: 3, classCount: 3, count: 2, 30, 30))
        #expect(try folder.audit().bytes == folder.audit().bytes)
    }

    @Test("permuted images have permuted masks under confident learning", arguments: [1, 2])
    func permuted(factor: Int) throws {
        let scene = Scene.random(seed: 8, classCount: 4, count: 6, 10, 12, void: 255)
        let order = [3, 0, 5, 1, 4, 2]
        func masks(_ scene: Scene) throws -> [[Bool]] {
            try folder.write(scene)
            let flat = try folder.audit {
                $0.audit.rule.filter = .confidentLearning
                $0.audit.dataset.ignoredLabels = [255]
                $0.audit.rule.downsample = factor
            }.masks
            return (0..<6).map { Array(flat[$0 * 120..<($0 + 1) * 120]) }
        }
        let straight = try masks(scene)
        let permuted = try masks(scene.select(order))
        #expect(permuted == order.map { straight[$0] })
        #expect(straight.contains { $0.contains(true) })
    }

    @Test("permuting images leaves thresholds and counts as they are")
    func permutedThresholds() throws {
        let scene = Scene.random(seed: 9, classCount: 4, count: 6, 10, 12, isTied: false)
        try folder.write(scene)
        let straight = try folder.audit()
        try folder.write(scene.select([5, 4, 3, 2, 1, 0]))
        let reversed = try folder.audit()
        #expect(straight.thresholds == reversed.thresholds)
        #expect(straight.archive["class_counts"] == reversed.archive["class_counts"])
        #expect(straight.summary.issues == reversed.summary.issues)
    }

    @Test("permuted classes have the same masks where nothing is tied", arguments: FilterRule.allCases)
    func permutedClasses(rule: FilterRule) throws {
        let scene = Scene.random(seed: 10, classCount: 4, count: 2, 20, 20, isTied: false)
        let order = [2, 0, 3, 1]
        var other = scene
        for index in scene.images.indices {
            other.images[index].labels = scene.images[index].labels.map { order.firstIndex(of: $0) ?? 0 }
            other.images[index].probabilities = order.flatMap { classIndex in
                (0..<400).map { scene.images[index].probability(classIndex, $0) }
            }
        }
        try folder.write(scene, probabilities: "<f8")
        let straight = try folder.audit { $0.audit.rule.filter = rule }
        try folder.write(other, probabilities: "<f8")
        let permuted = try folder.audit { $0.audit.rule.filter = rule }
        #expect(straight.masks == permuted.masks)
        #expect(permuted.thresholds == order.map { straight.thresholds[$0] })
    }

    @Test("data cut into several files equals one file", arguments: [[1, 2, 3], [6], [1, 1, 1, 1, 1, 1], [4, 0, 2]])
    func cut(into counts: [Int]) throws {
        let scene = Scene.random(seed: 12, classCount: 3, count: 6, 8, 9, void: 255)
        try folder.write(scene)
        let change: (inout FindPlan) -> Void = { plan in
            plan.audit.dataset.ignoredLabels = [255]
            plan.suggest = true
        }
        let whole = try folder.audit(["labels.npy"], ["pred_probs.npy"], change)
        var first = 0
        var names: [String] = []
        for (number, count) in counts.enumerated() {
            let pixels = first * 72..<(first + count) * 72
            try folder.write(
                NumberArray([count, 8, 9], Array(scene.labels.values[pixels])).npy("|u1"), to: "l\(number).npy")
            let values = Array(scene.probabilities.values[pixels.lowerBound * 3..<pixels.upperBound * 3])
            try folder.write(NumberArray([count, 3, 8, 9], values).npy("<f4"), to: "p\(number).npy")
            names.append("\(number).npy")
            first += count
        }
        let parts = try folder.audit(names.map { "l" + $0 }, names.map { "p" + $0 }, change)
        #expect(parts.archive == whole.archive)
        // Cut on one side only.
        #expect(try folder.audit(["labels.npy"], names.map { "p" + $0 }, change).archive == whole.archive)
        #expect(try folder.audit(names.map { "l" + $0 }, ["pred_probs.npy"], change).archive == whole.archive)
    }
}
