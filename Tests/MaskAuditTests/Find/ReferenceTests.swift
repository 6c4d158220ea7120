import ConfidentLearning
import MaskAudit
import TestSupport
import Testing

/// Random data full of ties against the plain reference; probabilities are exact, so every bit has to agree.
@Suite struct ReferenceTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("random datasets agree, whatever K and the rule", arguments: [1, 2, 3, 5, 9, 21], Reference.rules)
    func classCounts(classCount: Int, rule: FilterRule) throws {
        let scene = Scene.random(seed: UInt64(classCount), classCount: classCount, count: 3, 13, 11, void: 255)
        try folder.write(scene)
        let outcome = try folder.audit {
            $0.audit.rule.filter = rule
            $0.audit.dataset.ignoredLabels = [255]
            $0.suggest = true
        }
        expectEqual(outcome, Reference(scene, rule, ignored: [255]))
    }

    @Test("untied datasets agree too", arguments: Reference.rules, [1, 2])
    func untied(rule: FilterRule, factor: Int) throws {
        let scene = Scene.random(seed: 40, classCount: 5, count: 3, 16, 14, void: 255, isTied: false)
        try folder.write(scene, probabilities: "<f8")
        let outcome = try folder.audit {
            $0.audit.rule.filter = rule
            $0.audit.dataset.ignoredLabels = [255]
            $0.audit.rule.downsample = factor
        }
        let reference = Reference(scene, rule, ignored: [255], downsample: factor)
        #expect(outcome.masks == reference.masks.flatMap { $0 })
        for (found, wanted) in zip(outcome.thresholds, reference.thresholds) {
            #expect(abs(found - (wanted ?? .nan)) <= 1e-12)
        }
    }

    @Test("downsampling agrees, by mean and by majority", arguments: [2, 3, 4], BlockLabelMode.allCases)
    func downsampling(factor: Int, mode: BlockLabelMode) throws {
        for rule in Reference.rules {
            for (seed, void) in [(1, nil), (2, 255), (3, 1)] as [(UInt64, Int?)] {
                let scene = Scene.random(seed: seed, classCount: 4, count: 2, 12, 24, void: void)
                try folder.write(scene)
                let ignored = Set([void].compactMap { $0 })
                let outcome = try folder.audit {
                    $0.audit.rule.filter = rule
                    $0.audit.dataset.ignoredLabels = Array(ignored)
                    $0.audit.rule.downsample = factor
                    $0.audit.rule.downsampleLabels = mode
                    $0.suggest = true
                }
                // Sums over three are not exact in binary: thresholds to a rounding, masks to the bit.
                let reference = Reference(
                    scene, rule, ignored: ignored, downsample: factor, isMajority: mode == .majority)
                #expect(outcome.masks == reference.masks.flatMap { $0 })
                #expect(
                    outcome.archive["suggested_labels"]?.integers == reference.suggested.flatMap { $0 })
                #expect(outcome.archive["class_counts"]?.integers == reference.counts)
                for (found, wanted) in zip(outcome.thresholds, reference.thresholds) {
                    #expect(wanted.map { abs($0 - found) <= 1e-12 } ?? found.isNaN)
                }
            }
        }
    }

    @Test("several ignored values, inside and outside of 0..<K, take part in nothing")
    func ignoredValues() throws {
        var scene = Scene.random(seed: 11, classCount: 4, count: 2, 20, 20, void: 2)
        for pixel in stride(from: 0, to: 400, by: 17) { scene.images[1].labels[pixel] = 200 }
        try folder.write(scene)
        for rule in Reference.rules {
            let outcome = try folder.audit {
                $0.audit.rule.filter = rule
                $0.audit.dataset.ignoredLabels = [2, 200, 77]
                $0.suggest = true
            }
            expectEqual(outcome, Reference(scene, rule, ignored: [2, 200]))
            #expect(outcome.thresholds[2].isNaN)
            let ignored = scene.images.flatMap(\.labels).filter { $0 == 2 || $0 == 200 }.count
            #expect(outcome.summary.ignoredPixels == ignored)
        }
    }

    @Test("images of different sizes agree, tied at the cut-off across images")
    func ragged() throws {
        let sizes = [(3, 5), (20, 1), (1, 1), (17, 30), (0, 4), (2, 64), (9, 8)]
        let scene = Scene.random(seed: 77, classCount: 3, sizes: sizes, void: 9)
        for (index, _) in sizes.enumerated() {
            try folder.write(scene.labels(index).npy("|u1"), to: "l\(index).npy")
            try folder.write(scene.probabilities(index).npy(index % 2 == 0 ? "<f4" : "<f8"), to: "p\(index).npy")
        }
        for rule in Reference.rules {
            let outcome = try folder.audit(sizes.indices.map { "l\($0).npy" }, sizes.indices.map { "p\($0).npy" }) {
                $0.audit.rule.filter = rule
                $0.audit.dataset.ignoredLabels = [9]
            }
            let reference = Reference(scene, rule, ignored: [9])
            #expect(reference.issueCount > 20)
            for (index, mask) in reference.masks.enumerated() {
                let found = outcome.archive["label_issues/l\(index)"]
                #expect(found?.shape == [sizes[index].0, sizes[index].1])
                #expect(found?.flags == mask)
            }
            #expect(outcome.archive["issue_counts"]?.integers == reference.masks.map { $0.filter { $0 }.count })
        }
    }

    @Test("unnormalized scores are used as they are", arguments: Reference.rules)
    func unnormalized(rule: FilterRule) throws {
        var scene = Scene.random(seed: 5, classCount: 4, count: 2, 15, 15)
        for image in scene.images.indices {
            for index in scene.images[image].probabilities.indices {
                scene.images[image].probabilities[index] *= Double(1 + index % 3) * 100
            }
        }
        try folder.write(scene)
        let outcome = try folder.audit {
            $0.audit.rule.filter = rule
            $0.audit.dataset.form = .unnormalized
        }
        expectEqual(outcome, Reference(scene, rule))
        #expect(folder.faultAfter { $0.audit.rule.filter = rule }.contains("--unnormalized"))
    }
}

extension TemporaryFolder {
    /// The fault of the same files under another plan, once an output is there.
    func faultAfter(_ change: (inout FindPlan) -> Void) -> String {
        do {
            _ = try audit(["labels.npy"], ["pred_probs.npy"], change)
            return ""
        } catch {
            return "\(error)"
        }
    }
}
