import ConfidentLearning
import MaskAudit
import TestSupport
import Testing

@Suite struct OutputFormTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let plain = ["label_issues", "confident_thresholds", "class_counts", "issue_counts"]

    @Test("an array of images has one mask array, and a vector a class and an image")
    func dense() throws {
        try folder.write(Scene.random(seed: 1, classCount: 3, count: 4, 5, 6))
        let outcome = try folder.audit()
        #expect(outcome.archive.keys == Self.plain)
        #expect(outcome.archive["label_issues"]?.descr == "|b1")
        #expect(outcome.archive["label_issues"]?.shape == [4, 5, 6])
        #expect(outcome.archive["confident_thresholds"]?.descr == "<f8")
        #expect(outcome.archive["confident_thresholds"]?.shape == [3])
        #expect(outcome.archive["class_counts"]?.descr == "<i8")
        #expect(outcome.archive["class_counts"]?.shape == [3])
        #expect(outcome.archive["issue_counts"]?.descr == "<i8")
        #expect(outcome.archive["issue_counts"]?.shape == [4])
    }

    @Test("the mask of one image has the shape of its labels", arguments: [[5, 6], [1, 5, 6]])
    func oneImage(shape: [Int]) throws {
        let scene = Scene.random(seed: 1, classCount: 3, count: 1, 5, 6)
        try folder.write(NumberArray(shape, scene.labels.values).npy("|u1"), to: "labels.npy")
        for predicted in [[3, 5, 6], [1, 3, 5, 6]] {
            try folder.write(NumberArray(predicted, scene.probabilities.values).npy("<f4"), to: "pred_probs.npy")
            let outcome = try folder.audit()
            #expect(outcome.archive["label_issues"]?.shape == shape)
            #expect(outcome.archive["issue_counts"]?.shape == [1])
            expectEqual(outcome, Reference(scene, .lowSelfConfidence))
        }
    }

    /// Three images of different sizes, named so that natural order is not that of bytes.
    static let ragged = Scene.random(seed: 4, classCount: 3, sizes: [(4, 5), (2, 3), (6, 2)])
    static let names = ["img1", "img2", "img10"]

    func expectRagged(_ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation) {
        let reference = Reference(Self.ragged, .lowSelfConfidence)
        #expect(
            outcome.archive.keys
                == Self.names.map { "label_issues/\($0)" } + Self.names.map { "suggested_labels/\($0)" }
                + Self.plain.dropFirst(), sourceLocation: sourceLocation)
        for (index, name) in Self.names.enumerated() {
            let image = Self.ragged.images[index]
            #expect(
                outcome.archive["label_issues/\(name)"]
                    == StoredArray(
                        descr: "|b1", shape: [image.height, image.width],
                        values: reference.masks[index].map { $0 ? 1 : 0 }), sourceLocation: sourceLocation)
            #expect(
                outcome.archive["suggested_labels/\(name)"]?.integers == reference.suggested[index],
                sourceLocation: sourceLocation)
        }
        #expect(
            outcome.archive["issue_counts"]?.integers == reference.masks.map { $0.filter { $0 }.count },
            sourceLocation: sourceLocation)
    }

    @Test("archives with a member an image are paired by key, in natural order", arguments: [false, true])
    func members(deflated: Bool) throws {
        let order = [2, 0, 1]
        try folder.write(
            npz(order.map { (Self.names[$0], Self.ragged.labels($0).npy("|u1")) }, deflated: deflated), to: "labels.npz"
        )
        try folder.write(
            npz(
                order.reversed().map { (Self.names[$0], Self.ragged.probabilities($0).npy("<f4")) }, deflated: deflated),
            to: "pred_probs.npz")
        expectRagged(try folder.audit(["labels.npz"], ["pred_probs.npz"]) { $0.suggest = true })
    }

    @Test("folders are paired by file name, other files being left alone")
    func folders() throws {
        for (index, name) in Self.names.enumerated() {
            try folder.write(Self.ragged.labels(index).npy("|u1"), in: "labels", to: "\(name).npy")
            try folder.write(Self.ragged.probabilities(index).npy("<f4"), in: "probs", to: "\(name).npy")
        }
        try folder.write([1], in: "labels", to: "readme.txt")
        try folder.write([1], in: "probs", to: ".img3.npy")
        expectRagged(try folder.audit(["labels"], ["probs"]) { $0.suggest = true })
        expectRagged(try folder.audit(["labels/"], ["probs/"]) { $0.suggest = true })
    }

    @Test("a folder pairs with an archive")
    func folderAndArchive() throws {
        for (index, name) in Self.names.enumerated() {
            try folder.write(Self.ragged.labels(index).npy("|u1"), in: "labels", to: "\(name).npy")
        }
        try folder.write(
            npz(Self.names.indices.map { (Self.names[$0], Self.ragged.probabilities($0).npy("<f4")) }), to: "p.npz")
        expectRagged(try folder.audit(["labels"], ["p.npz"]) { $0.suggest = true })
    }

    @Test("files in a row are keyed by the names of the label files")
    func filesInARow() throws {
        for (index, name) in Self.names.enumerated() {
            try folder.write(Self.ragged.labels(index).npy("|u1"), to: "\(name).npy")
            try folder.write(Self.ragged.probabilities(index).npy("<f4"), to: "p\(index).npy")
        }
        expectRagged(
            try folder.audit(Self.names.map { "\($0).npy" }, ["p0.npy", "p1.npy", "p2.npy"]) { $0.suggest = true })
    }

    @Test("a folder of more files than are kept open")
    func manyFiles() throws {
        let scene = Scene.random(seed: 14, classCount: 2, count: 70, 2, 3)
        for index in 0..<70 {
            try folder.write(scene.labels(index).npy("|u1"), in: "labels", to: "i\(index).npy")
            try folder.write(scene.probabilities(index).npy("<f4"), in: "probs", to: "i\(index).npy")
        }
        for rule in Reference.rules {
            let outcome = try folder.audit(["labels"], ["probs"]) {
                $0.audit.rule.filter = rule
                $0.audit.run.threads = 2
                $0.suggest = true
            }
            let reference = Reference(scene, rule)
            for index in 0..<70 {
                #expect(outcome.archive["label_issues/i\(index)"]?.flags == reference.masks[index])
                #expect(outcome.archive["suggested_labels/i\(index)"]?.integers == reference.suggested[index])
            }
        }
    }

    @Test("an array is chosen by key, by being alone, or by its usual name")
    func keys() throws {
        let scene = Scene.random(seed: 1, classCount: 3, count: 2, 5, 6)
        let labels = scene.labels.npy("|u1")
        let probabilities = scene.probabilities.npy("<f4")
        let other = countingNPY([2])
        try folder.write(npz([("a", other), ("gt", labels), ("soft", probabilities)]), to: "both.npz")
        try folder.write(npz([("y", labels)]), to: "alone.npz")
        try folder.write(npz([("a", other), ("labels", labels), ("pred_probs", probabilities)]), to: "usual.npz")
        let reference = Reference(scene, .lowSelfConfidence)
        expectEqual(
            try folder.audit(["both.npz"], ["both.npz"]) {
                $0.audit.dataset.labels.key = "gt"
                $0.audit.dataset.predProbs.key = "soft"
            }, reference)
        expectEqual(try folder.audit(["alone.npz"], ["usual.npz"]), reference)
        expectEqual(try folder.audit(["usual.npz"], ["usual.npz"]), reference)
    }

    @Test("suggestions are uint8 up to 255 classes and uint16 above", arguments: [(255, "|u1"), (256, "<u2")])
    func suggestedType(classCount: Int, descr: String) throws {
        // Two pixels labelled 0 and 1, which the model gives to the last class and to class 1; one void.
        var probabilities = [Double](repeating: 0, count: classCount * 3)
        probabilities[(classCount - 1) * 3] = 1
        probabilities[3 + 1] = 1
        probabilities[2] = 1
        try folder.write(NumberArray([1, 3], [0, 1, 255]).npy("<i4"), to: "labels.npy")
        try folder.write(NumberArray([classCount, 1, 3], probabilities).npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.audit {
            $0.suggest = true
            $0.audit.dataset.ignoredLabels = [255]
        }
        #expect(
            outcome.archive["suggested_labels"]
                == StoredArray(descr: descr, shape: [1, 3], values: [Double(classCount - 1), 1, 255]))
    }

    @Test(
        "an ignored value is kept, or is the type's largest where it does not fit",
        arguments: [
            (255, "<i4", 255), (200, "|u1", 200), (-1, "|i1", 255), (1000, "<i4", 255), (2, "|u1", 2),
        ])
    func suggestedVoid(value: Int, descr: String, written: Int) throws {
        try folder.write(NumberArray([1, 2], [0, value]).npy(descr), to: "labels.npy")
        try folder.write(NumberArray([3, 1, 2], [1, 0, 0, 1, 0, 0] as [Double]).npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.audit {
            $0.suggest = true
            $0.audit.dataset.ignoredLabels = [value]
        }
        #expect(outcome.archive["suggested_labels"]?.integers == [0, written])
    }

    @Test("an ignored one-hot pixel keeps the class that it stands for")
    func suggestedOneHotVoid() throws {
        // Classes 0 and 2; 2 is ignored, once as it is and once as what it is mapped to.
        try folder.write(NumberArray([3, 1, 2], [1, 0, 0, 0, 0, 1]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([3, 1, 2], [1, 0, 0, 1, 0, 0] as [Double]).npy("<f4"), to: "pred_probs.npy")
        let plain = try folder.audit {
            $0.suggest = true
            $0.audit.dataset.oneHot = true
            $0.audit.dataset.ignoredLabels = [2]
        }
        #expect(plain.archive["suggested_labels"]?.integers == [0, 2])
        let mapped = try folder.audit {
            $0.suggest = true
            $0.audit.dataset.oneHot = true
            $0.audit.dataset.labelMap = [2: 99]
            $0.audit.dataset.ignoredLabels = [99]
        }
        #expect(mapped.archive["suggested_labels"]?.integers == [0, 2])
    }

    @Test("empty datasets have empty masks", arguments: [[0, 4, 5], [2, 0, 5], [2, 4, 0]])
    func empty(shape: [Int]) throws {
        try folder.write(NumberArray(shape, [Double]()).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([shape[0], 3] + shape.dropFirst(), [Double]()).npy("<f4"), to: "pred_probs.npy")
        for rule in Reference.rules {
            let outcome = try folder.audit { $0.audit.rule.filter = rule }
            #expect(outcome.archive["label_issues"]?.shape == shape)
            #expect(outcome.thresholds.allSatisfy { $0.isNaN })
            #expect(outcome.archive["issue_counts"]?.values == [Double](repeating: 0, count: shape[0]))
            #expect(outcome.summary.issueRate == 0)
            #expect(outcome.summary.warnings == ["the dataset has no pixels, so there is nothing to find"])
        }
    }

    @Test("only void pixels give a mask of nothing")
    func onlyVoid() throws {
        try folder.write(NumberArray([1, 2, 2], [255, 255, 255, 255]).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([1, 2, 2, 2], [Double](repeating: 0.5, count: 8)).npy("<f4"), to: "pred_probs.npy")
        for factor in [1, 2] {
            let outcome = try folder.audit {
                $0.audit.dataset.ignoredLabels = [255]
                $0.audit.rule.downsample = factor
            }
            #expect(outcome.masks == [false, false, false, false])
            #expect(outcome.summary.ignoredPixels == 4)
            #expect(outcome.summary.issueRate == 0)
        }
    }
}

extension TemporaryFolder {
    /// Writes into a folder in this folder, which is made if need be.
    func write(_ bytes: [UInt8], in place: String, to name: String) throws {
        try makeFolder(place)
        try write(bytes, to: "\(place)/\(name)")
    }
}
