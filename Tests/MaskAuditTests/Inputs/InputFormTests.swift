import ConfidentLearning
import MaskAudit
import TestSupport
import Testing

/// One dataset in all forms that it may come in: the masks are the same.
@Suite struct InputFormTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "an axis of length 1 is dropped where the array has to be one image", arguments: [false, true], [false, true])
    func lastAxis(isFolder: Bool, isBinary: Bool) throws {
        let labels = (0..<6).map { $0 % 2 }
        let foreground = (0..<6).map { Double($0) / 8 }
        func outcome(_ shape: [Int]) throws -> Outcome {
            let given = NumberArray(shape, labels).npy("|u1")
            let predicted =
                isBinary
                ? NumberArray(shape, foreground).npy("<f4")
                : NumberArray([2, 2, 3], foreground.map { 1 - $0 } + foreground).npy("<f4")
            for (name, file) in [("labels", given), ("probs", predicted)] {
                if isFolder {
                    for image in ["a", "b"] { try folder.write(file, in: name, to: image + ".npy") }
                } else {
                    try folder.write(npz([("a", file), ("b", file)]), to: name)
                }
            }
            return try folder.audit(["labels"], ["probs"]) { if isBinary { $0.audit.dataset.form = .binary } }
        }
        let wanted = try outcome([2, 3])
        #expect(wanted.summary.issues > 0)
        #expect(try outcome([2, 3, 1]).archive == wanted.archive)
    }

    static let scene = Scene.random(seed: 1, classCount: 3, count: 4, 9, 14)

    struct Form: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var labels: @Sendable (Scene) -> [UInt8] = { $0.labels.npy("|u1") }
        var probabilities: @Sendable (Scene) -> [UInt8] = { $0.probabilities.npy("<f4") }
        var change: @Sendable (inout FindPlan) -> Void = { _ in }

        init(_ name: String) { testDescription = name }

        static func labels(_ descr: String, fortran: Bool = false) -> Form {
            var form = Form("labels \(descr)\(fortran ? ", Fortran order" : "")")
            form.labels = { $0.labels.npy(descr, fortran: fortran) }
            return form
        }

        static func probabilities(_ descr: String, fortran: Bool = false, isChannelsLast: Bool = false) -> Form {
            var form = Form("pred_probs \(descr)\(fortran ? ", Fortran" : "")\(isChannelsLast ? ", nhwc" : "")")
            form.probabilities = {
                let array = isChannelsLast ? $0.probabilities.transposed([0, 2, 3, 1]) : $0.probabilities
                return array.npy(descr, fortran: fortran)
            }
            if isChannelsLast { form.change = { $0.audit.dataset.layout = .nhwc } }
            return form
        }

        static func oneHot(_ descr: String, isChannelsLast: Bool = false, fortran: Bool = false) -> Form {
            var form = Form("one-hot \(descr)\(fortran ? ", Fortran" : "")\(isChannelsLast ? ", nhwc" : "")")
            form.labels = {
                (isChannelsLast ? $0.oneHot.transposed([0, 2, 3, 1]) : $0.oneHot).npy(descr, fortran: fortran)
            }
            form.change = {
                $0.audit.dataset.oneHot = true
                if isChannelsLast { $0.audit.dataset.layout = .nhwc }
            }
            if isChannelsLast {
                form.probabilities = { $0.probabilities.transposed([0, 2, 3, 1]).npy("<f4") }
            }
            return form
        }
    }

    static let labelForms: [Form] =
        ["|i1", "|u1"].map { .labels($0) }
        + ["i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"].flatMap { [.labels("<" + $0), .labels(">" + $0)] }
        + ["|u1", "<i8", ">i2", ">f4"].map { .labels($0, fortran: true) }

    static let probabilityForms: [Form] = ["f2", "f4", "f8"].flatMap { type in
        ["<", ">"].flatMap { order in
            [false, true].flatMap { fortran in
                [false, true].map { .probabilities(order + type, fortran: fortran, isChannelsLast: $0) }
            }
        }
    }

    static let oneHotForms: [Form] = [
        .oneHot("|u1"), .oneHot("|b1"), .oneHot("<i8"), .oneHot(">f4"), .oneHot("<f2", fortran: true),
        .oneHot("|u1", isChannelsLast: true), .oneHot("|b1", isChannelsLast: true, fortran: true),
    ]

    @Test("a form has the plain form's result", arguments: labelForms + probabilityForms + oneHotForms)
    func forms(form: Form) throws {
        try folder.write(form.labels(Self.scene), to: "labels.npy")
        try folder.write(form.probabilities(Self.scene), to: "pred_probs.npy")
        for (rule, factor) in [(FilterRule.lowSelfConfidence, 1), (.confidentLearning, 1)] {
            let outcome = try folder.audit {
                $0.audit.rule.filter = rule
                $0.suggest = true
                form.change(&$0)
            }
            expectEqual(outcome, Reference(Self.scene, rule, downsample: factor))
        }
    }

    @Test("a form has the plain form's result after downsampling", arguments: probabilityForms)
    func downsampledForms(form: Form) throws {
        let scene = Scene.random(seed: 2, classCount: 3, count: 2, 8, 12, void: 9)
        try folder.write(form.labels(scene), to: "labels.npy")
        try folder.write(form.probabilities(scene), to: "pred_probs.npy")
        for rule in Reference.rules {
            let outcome = try folder.audit {
                $0.audit.rule.filter = rule
                $0.audit.rule.downsample = 2
                $0.audit.dataset.ignoredLabels = [9]
                form.change(&$0)
            }
            expectEqual(outcome, Reference(scene, rule, ignored: [9], downsample: 2))
        }
    }

    @Test(
        "deflated arrays in every order have the plain form's result",
        arguments: [
            (false, false), (false, true), (true, false), (true, true),
        ])
    func deflated(fortran: Bool, isChannelsLast: Bool) throws {
        let form = Form.probabilities("<f4", fortran: fortran, isChannelsLast: isChannelsLast)
        let labels = Self.scene.labels.npy("<i2", fortran: fortran)
        try folder.write(npz([("labels", labels)], deflated: true), to: "labels.npz")
        let members = [("other", countingNPY([3])), ("pred_probs", form.probabilities(Self.scene))]
        try folder.write(npz(members, deflated: true), to: "pred_probs.npz")
        for rule in Reference.rules {
            let outcome = try folder.audit(["labels.npz"], ["pred_probs.npz"]) {
                $0.audit.rule.filter = rule
                $0.suggest = true
                form.change(&$0)
            }
            expectEqual(outcome, Reference(Self.scene, rule))
        }
        #expect(try folder.names.filter { $0.hasPrefix(".") } == [])
    }

    @Test("logits give what their softmax gives", arguments: Reference.rules, ["<f8", ">f8"])
    func logits(rule: FilterRule, descr: String) throws {
        // Logarithms of untied probabilities, each pixel shifted by a constant of its own, up to 900 either way.
        let scene = Scene.random(seed: 6, classCount: 4, count: 2, 12, 12, isTied: false)
        var logits = scene.probabilities
        for index in logits.values.indices {
            let pixel = index / 576 * 144 + index % 144
            logits.values[index] = logarithm(logits.values[index]) + Double(pixel % 7 - 3) * 300
        }
        try folder.write(scene.labels.npy("|u1"), to: "labels.npy")
        try folder.write(logits.npy(descr), to: "pred_probs.npy")
        let outcome = try folder.audit {
            $0.audit.rule.filter = rule
            $0.audit.dataset.form = .logits
        }
        let reference = Reference(scene, rule)
        #expect(outcome.masks == reference.masks.flatMap { $0 })
        for (found, wanted) in zip(outcome.thresholds, reference.thresholds) {
            #expect(abs(found - (wanted ?? .nan)) <= 1e-12)
        }
    }

    @Test("one foreground probability a pixel gives what both classes give", arguments: Reference.rules)
    func binary(rule: FilterRule) throws {
        let scene = Scene.random(seed: 7, classCount: 2, count: 3, 10, 11)
        let foreground = scene.images.flatMap { image in (0..<110).map { image.probability(1, $0) } }
        for shape in [[3, 10, 11], [3, 1, 10, 11]] {
            for descr in ["<f2", ">f4", "<f8"] {
                try folder.write(scene.labels.npy("|b1"), to: "labels.npy")
                try folder.write(NumberArray(shape, foreground).npy(descr), to: "pred_probs.npy")
                let outcome = try folder.audit {
                    $0.audit.rule.filter = rule
                    $0.audit.dataset.form = .binary
                }
                expectEqual(outcome, Reference(scene, rule))
            }
        }
    }

    @Test("one foreground logit a pixel goes through the sigmoid")
    func binaryLogits() throws {
        // Sigmoids of -2, 2, 0, -2, 2, 2: 0.12, 0.88, 0.5, 0.12, 0.88, 0.88. Labels 0 0 0 1 1 1: t0 = (0.88 + 0.12 +
        // 0.5) / 3 = 0.5, t1 = 1.88 / 3. Pixel 1 is contested and sure; pixel 3 too: n = 2, the two lowest at 0.12.
        try folder.write(NumberArray([1, 2, 3], [0, 0, 0, 1, 1, 1]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([1, 2, 3], [-2, 2, 0, -2, 2, 2] as [Double]).npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.audit { $0.audit.dataset.form = .binaryLogits }
        #expect(outcome.masks == [false, true, false, true, false, false])
        #expect(abs(outcome.thresholds[0] - 0.5) <= 1e-12)
        // 1 / (1 + exp(-2)) = 0.8807970779778823
        #expect(abs(outcome.thresholds[1] - (2 * 0.8807970779778823 + 0.11920292202211755) / 3) <= 1e-12)
    }

    @Test("labels of 0 and 255 are mapped, before values are ignored")
    func mapped() throws {
        let scene = Scene.random(seed: 3, classCount: 2, count: 2, 11, 7)
        var stored = scene.labels
        stored.values = stored.values.map { $0 == 1 ? 255 : 0 }
        stored.values[5] = 7
        var wanted = scene
        wanted.images[0].labels[5] = 100
        try folder.write(stored.npy("|u1"), to: "labels.npy")
        try folder.write(scene.probabilities.npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.audit {
            $0.audit.dataset.labelMap = [255: 1, 7: 100]
            $0.audit.dataset.ignoredLabels = [100, 255]
            $0.suggest = true
        }
        var reference = Reference(wanted, .lowSelfConfidence, ignored: [100])
        // What is written back is numbered as it was read.
        reference.suggested = reference.suggested.map { $0.map { $0 == 1 ? 255 : $0 == 100 ? 7 : $0 } }
        expectEqual(outcome, reference)
    }

    @Test("pixels without a prediction are ignored as void ones are", arguments: [1, 2])
    func unpredicted(downsample: Int) throws {
        var scene = Scene.random(seed: 8, classCount: 3, count: 2, 8, 12)
        var wanted = scene
        for (index, image) in scene.images.enumerated() {
            for pixel in 0..<image.pixelCount where pixel < 14 || (pixel + index) % 7 == 0 {
                for plane in 0..<3 { scene.images[index].probabilities[plane * image.pixelCount + pixel] = 0 }
                wanted.images[index].labels[pixel] = 100
            }
            wanted.images[index].probabilities = scene.images[index].probabilities
        }
        try folder.write(scene.labels.npy("|u1"), to: "labels.npy")
        try folder.write(scene.probabilities.npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.audit {
            $0.audit.dataset.ignoresUnpredicted = true
            $0.audit.rule.downsample = downsample
        }
        #expect(outcome.summary.issues > 0)
        let reference = Reference(wanted, .lowSelfConfidence, ignored: [100], downsample: downsample)
        #expect(outcome.masks == reference.masks.flatMap { $0 })
        #expect(outcome.archive["class_counts"]?.integers == reference.counts)
        // Means over parts of blocks are no multiples of 2^-40, in which self-confidence is added up.
        for (found, wanted) in zip(outcome.thresholds, reference.thresholds) {
            #expect(abs(found - (wanted ?? .nan)) < 1e-12)
        }
    }
}

/// By Newton's method on the series that the C library's exp would give; exact to a rounding, and no import.
private func logarithm(_ value: Double) -> Double {
    // value = m 2^e with m in [1, 2): ln m = 2 artanh((m - 1) / (m + 1)).
    let exponent = Double(value.exponent)
    let m = value.significand
    let ratio = (m - 1) / (m + 1)
    let square = ratio * ratio
    var sum = 0.0
    for term in stride(from: 45, through: 1, by: -2) { sum = sum * square + 1 / Double(term) }
    return 2 * ratio * sum + exponent * 0.6931471805599453
}
