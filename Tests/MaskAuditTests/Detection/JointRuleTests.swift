import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// `predicted_neq_given`, `low_normalized_margin`, `prune_by_class`, `prune_by_noise_rate`, `both` and the confident
/// joint, against cleanlab's classification filter; values from Tests/Fixtures/rules.
@Suite struct JointRuleTests {
    private static let fixtures = [
        "k12-float32", "k2-float64", "k3-float32", "k4-float32-planted", "k4-float32-void", "k5-float16",
        "k5-float32-absent-class", "k6-float16-planted", "k6-float32-unsure", "k7-float64-one-image", "k9-float64-void",
    ]
    /// Without void, and where a block's result does not depend on how cleanlab sorts equal values.
    private static let downsampled = [
        "k2-float64", "k3-float32", "k4-float32-planted", "k5-float16", "k5-float32-absent-class", "k6-float16-planted",
        "k6-float32-unsure",
    ]
    static let rules: [FilterRule] = [
        .predictedNeqGiven, .lowNormalizedMargin, .pruneByClass, .pruneByNoiseRate, .both,
    ]

    private func input(_ fixture: String) -> String { "\(fixturesPath)/algorithm/\(fixture).npz" }

    private func plan(_ input: String, rule: FilterRule, output: String?) -> FindPlan {
        var plan = FindPlan(
            labels: InputSelection(paths: [input]), predProbs: InputSelection(paths: [input]), output: output)
        plan.audit.dataset.ignoredLabels = [255]
        plan.audit.rule.filter = rule
        return plan
    }

    @Test("masks are those of cleanlab's filter on all counted pixels", arguments: fixtures, rules)
    func masks(fixture: String, rule: FilterRule) throws {
        let folder = try TemporaryFolder()
        let summary = try FindRun(plan: plan(input(fixture), rule: rule, output: folder("o.npz"))).run()
        let expected = try elements("\(fixturesPath)/rules/\(fixture).npz", rule.rawValue, as: UInt8.self)
        #expect(try elements(folder("o.npz"), "label_issues", as: UInt8.self) == expected)
        #expect(summary.issues == expected.count { $0 == 1 })
    }

    @Test(
        "the joint is cleanlab's calibrated one under every rule that is asked for it", arguments: fixtures,
        FilterRule.allCases)
    func joint(fixture: String, rule: FilterRule) throws {
        let folder = try TemporaryFolder()
        var plan = plan(input(fixture), rule: rule, output: folder("o.npz"))
        plan.audit.rule.joint = !rule.needsJoint
        let summary = try FindRun(plan: plan).run()
        let expected = try elements("\(fixturesPath)/rules/\(fixture).npz", "confident_joint", as: Int64.self)
        #expect(try elements(folder("o.npz"), "confident_joint", as: Int64.self) == expected)
        #expect(summary.confidentJoint?.counts == expected.map { Int($0) })
        let entry = try ArrayFile(path: folder("o.npz")).arrays.first { $0.key == "confident_joint" }
        #expect(
            try entry.map { try ArrayFile(path: folder("o.npz")).header(of: $0).shape } == [
                summary.classes, summary.classes,
            ])
    }

    @Test("with downsampling, blocks are judged and pixels cross-checked", arguments: downsampled, rules)
    func downsampling(fixture: String, rule: FilterRule) throws {
        let folder = try TemporaryFolder()
        var plan = plan(input(fixture), rule: rule, output: folder("o.npz"))
        plan.audit.rule.downsample = 2
        plan.audit.rule.joint = true
        let summary = try FindRun(plan: plan).run()
        let reference = "\(fixturesPath)/rules/\(fixture).npz"
        #expect(
            try elements(folder("o.npz"), "label_issues", as: UInt8.self)
                == elements(reference, "\(rule.rawValue)_downsample_2", as: UInt8.self))
        #expect(
            try summary.confidentJoint?.counts
                == elements(reference, "confident_joint_downsample_2", as: Int64.self).map { Int($0) })
    }

    @Test("the suggestion is the predicted label", arguments: rules)
    func suggestions(rule: FilterRule) throws {
        let folder = try TemporaryFolder()
        let source = input("k3-float32")
        var plan = plan(source, rule: rule, output: folder("o.npz"))
        plan.suggest = true
        _ = try FindRun(plan: plan).run()
        let labels = try elements(source, "labels", as: UInt8.self)
        let probabilities = try elements(source, "pred_probs", as: Float.self)
        let mask = try elements(folder("o.npz"), "label_issues", as: UInt8.self)
        let pixels = 12 * 16
        let expected: [UInt8] = labels.indices.map { at -> UInt8 in
            let first: Int = at / pixels * 3 * pixels + at % pixels
            let values: [Float] = (0..<3).map { probabilities[first + $0 * pixels] }
            let best = values.max().flatMap { values.firstIndex(of: $0) } ?? 0
            return mask[at] == 0 ? labels[at] : UInt8(best)
        }
        #expect(try elements(folder("o.npz"), "suggested_labels", as: UInt8.self) == expected)
    }

    @Test(
        "masks do not depend on threads, on compression or on room for records",
        arguments: [FilterRule.lowNormalizedMargin, .both], [1, 2])
    func invariance(rule: FilterRule, downsample: Int) throws {
        let folder = try TemporaryFolder()
        // 300 x 700 pixels are cut into four units, six levels make ties everywhere.
        let count = 300 * 700
        var labels = (0..<count).map { UInt8($0 * 7 % 5 / 3) }
        for pixel in stride(from: 0, to: count, by: 97) { labels[pixel] = 255 }
        let foreground: [Float] = (0..<count).map { pixel -> Float in Float(pixel * 2_654_435 % 1000 / 160) / 6 }
        let values: [Float] = foreground.map { 1 - $0 } + foreground
        let bytes: [UInt8] = values.flatMap { little($0.bitPattern, 4) }
        try folder.write(npy(header: npyDict("|u1", [1, 300, 700]) + "\n", data: labels), to: "l.npy")
        try folder.write(npy(header: npyDict("<f4", [1, 2, 300, 700]) + "\n", data: bytes), to: "p.npy")
        let writer = try ArchiveWriter(.file(path: folder("p.npz")), compression: .deflated)
        try writer.add(key: "pred_probs", shape: [1, 2, 300, 700], elements: values)
        try writer.commit()
        let masks = try [(1, "p.npy", 1 << 30), (2, "p.npz", 0), (5, "p.npy", 0)].map { threads, source, limit in
            var plan = FindPlan(
                labels: InputSelection(paths: [folder("l.npy")]), predProbs: InputSelection(paths: [folder(source)]),
                output: folder("o\(threads).npz"))
            (plan.audit.dataset.ignoredLabels, plan.audit.rule.filter, plan.audit.rule.downsample) = (
                [255], rule, downsample
            )
            (plan.audit.run.threads, plan.audit.run.memoryLimitBytes) = (threads, limit)
            #expect(try FindRun(plan: plan).run().issues > 0)
            return try elements(folder("o\(threads).npz"), "label_issues", as: UInt8.self)
        }
        let areEqual = masks[0] == masks[1] && masks[0] == masks[2]
        #expect(areEqual)
        // Units are the same where nothing is inflated, and then the bytes are.
        let haveEqualBytes = try folder.read("o1.npz") == folder.read("o5.npz")
        #expect(haveEqualBytes)
    }

    @Test(
        "a class with one pixel is never pruned, whatever its pixel is like",
        arguments: [FilterRule.pruneByClass, .both])
    func onePixel(rule: FilterRule) throws {
        let folder = try TemporaryFolder()
        // Class 1 has the last pixel alone, which is surely of class 0.
        try folder.write(npy(header: npyDict("|u1", [1, 4]) + "\n", data: [0, 0, 0, 1]), to: "l.npy")
        let values: [Float] = [0.9, 0.9, 0.9, 1, 0.1, 0.1, 0.1, 0]
        try folder.write(
            npy(header: npyDict("<f4", [2, 1, 4]) + "\n", data: values.flatMap { little($0.bitPattern, 4) }),
            to: "p.npy")
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("l.npy")]), predProbs: InputSelection(paths: [folder("p.npy")]),
            output: nil)
        plan.audit.rule.filter = rule
        #expect(try FindRun(plan: plan).run().issues == 0)
        plan.audit.rule.filter = .predictedNeqGiven
        #expect(try FindRun(plan: plan).run().issues == 1)
    }

    @Test("more classes than counts are kept for are refused", arguments: [1024, 1025])
    func manyClasses(classCount: Int) throws {
        let folder = try TemporaryFolder()
        try folder.write(npy(header: npyDict("|u1", [1, 1]) + "\n", data: [0]), to: "l.npy")
        let values = (0..<classCount).map { $0 == 0 ? Float(1) : 0 }
        try folder.write(
            npy(header: npyDict("<f4", [classCount, 1, 1]) + "\n", data: values.flatMap { little($0.bitPattern, 4) }),
            to: "p.npy")
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("l.npy")]), predProbs: InputSelection(paths: [folder("p.npy")]),
            output: nil)
        plan.audit.rule.joint = true
        if classCount == 1024 {
            #expect(try FindRun(plan: plan).run().confidentJoint?[0, true: 0] == 1)
        } else {
            let error = #expect(throws: AuditError.self) { try FindRun(plan: plan).run() }
            #expect(
                error?.description
                    == "\(folder("p.npy")): 1025 classes, --joint takes 1024 at most; choose another --filter-by "
                    + "and leave --joint out")
        }
    }
}
