import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit

/// Filters, decisions, rejected regions of before, and corrected labels.
@Suite struct RegionReviewTests {
    let folder: TemporaryFolder
    /// Regions of 1 pixel (0,0), 2 (0,3), 4 (2,0) suggested 1 and 3 (2,4) suggested 2, all given 0.
    static let sketch = Sketch("baabba", "aaaaaa", "bbaacc", "bbaaca", "aaaaaa")

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Self.sketch.scene)
    }

    @Test(
        "filters leave out what they say, and count it",
        arguments: [
            ("area", 3), ("score", 2), ("class 2", 1), ("class 0", 4), ("class 1 and 2", 4), ("top", 2), ("none", 4),
        ])
    func filters(name: String, listed: Int) throws {
        let outcome = try folder.regions { plan in
            switch name {
            case "area": plan.minimumArea = 2
            // Fourth roots: 3 has 1.316 / 27.3, 4 has 1.414 / 27.4; 2 has 1.189 / 27.2.
            case "score": plan.minimumScore = 0.048
            case "class 2": plan.classes = ["2"]
            case "class 0": plan.classes = ["0"]
            case "class 1 and 2": plan.classes = ["1", "2"]
            case "top": plan.top = 2
            default: break
            }
        }
        #expect(outcome.summary.found == 4)
        #expect(outcome.summary.regions.count == listed)
        #expect(outcome.summary.leftOut.total == 4 - listed)
        #expect(outcome.summary.regions.map(\.area) == outcome.summary.regions.map(\.area).sorted(by: >))
    }

    @Test("the number of regions to list may be as large as numbers get", arguments: [5, Int.max / 2 + 1, Int.max])
    func largeTop(count: Int) throws {
        let summary = try folder.regions { $0.top = count }.summary
        #expect(summary.regions.count == 4 && summary.leftOut.total == 0)
    }

    @Test("halves hold whole numbers exactly")
    func halves() {
        for value in -2048...2048 {
            let bits = Int(CorrectedLabels.halfBits(value))
            // 1.f times 2 to the exponent, which has a bias of 15; f has ten bits.
            let magnitude = bits == 0 ? 0 : Double(1024 + bits & 1023) * pow2((bits >> 10 & 31) - 25)
            #expect((bits >> 15 == 1 ? -magnitude : magnitude) == Double(value))
        }
    }

    private func pow2(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

    @Test("classes go by name where there are names")
    func classNames() throws {
        try folder.write(Array("road\nsky\n1\n".utf8), to: "names.txt")
        func listed(_ classes: String...) throws -> [Int] {
            try folder.regions {
                $0.audit.dataset.classNamesFile = folder("names.txt")
                $0.classes = classes
            }.placed.map(\.area)
        }
        // The third class is called 1.
        #expect(try listed("1") == [3])
        #expect(try listed("sky", "2") == [1, 2, 4, 3])
        let line = folder.regionFault {
            $0.audit.dataset.classNamesFile = folder("names.txt")
            $0.classes = ["sea"]
        }
        #expect(line == "names.txt: --classes 'sea' is no class of 3; name one of the file, or its number")
        #expect(
            folder.regionFault { $0.classes = ["3"] }
                == "pred_probs.npy: --classes '3' is no class of 3; name one from 0 to 2, or give names with --class-names"
        )
    }

    private func review(_ decisions: [String: RegionDecision]) -> RegionReview {
        RegionReview(
            file: "reviewed.csv",
            entries: Dictionary(
                uniqueKeysWithValues: decisions.keys.sorted().enumerated().map {
                    ($1, .init(decision: decisions[$1]!, line: $0 + 2))
                }))
    }

    @Test("accepted regions alone are corrected, whatever the filters say; rejected ones are told apart")
    func decisions() throws {
        let outcome = try folder.regions {
            $0.review = review(["0@0x0": .accept, "0@2x4": .accept, "0@2x0": .reject])
            $0.minimumArea = 4
            $0.correctedFile = folder("corrected.npz")
        }
        #expect(outcome.placed.map(\.decision) == [.accept, .reject, .accept])
        #expect(outcome.summary.chosen.map(\.area) == [3, 1])
        #expect(outcome.summary.rejected.map(\.area) == [4])
        #expect(outcome.summary.leftOut.byArea == 1)
        var wanted = [Int](repeating: 0, count: 30)
        wanted[0] = 1
        for pixel in [16, 17, 22] { wanted[pixel] = 2 }
        #expect(outcome.corrected?["labels"]?.integers == wanted)
    }

    @Test("a decision about no region names its line")
    func unknown() throws {
        let line = folder.regionFault {
            $0.review = review(["0@0x0": .accept, "0@0x1": .reject, "1@0x0": .accept])
            $0.correctedFile = folder("corrected.npz")
        }
        #expect(
            line
                == "reviewed.csv: line 3: no region '0@0x1' in this run (and 1 more); review the table of a run with these "
                + "labels, probabilities and options")
        #expect(try folder.names == ["labels.npy", "pred_probs.npy"])
    }

    private func known(_ rows: [String], _ name: String = "0@2x0", given: Int = 0, suggested: Int = 1) -> KnownRegion {
        KnownRegion(
            identifier: name, given: given, suggested: suggested,
            mask: ColumnRuns(height: rows.count, width: rows[0].count, runs: ColumnRunsTests.runs(rows)),
            file: "known.csv", line: 7)
    }

    /// Of the four pixels at rows 2 and 3, columns 0 and 1.
    static let half = ["......", "......", "##....", "......", "......"]
    static let quarter = ["......", "......", "#.....", "......", "......"]

    @Test("what lies in a rejected region with half of its pixels is left out, and not with less")
    func rejected() throws {
        for (masks, isKnown) in [([Self.half], true), ([Self.quarter], false), ([Self.quarter, Self.half], true)] {
            let outcome = try folder.regions { plan in plan.known = masks.map { known($0) } }
            #expect(outcome.summary.leftOut.known == (isKnown ? 1 : 0))
            #expect(outcome.placed.map(\.area) == (isKnown ? [1, 2, 3] : [1, 2, 4, 3]))
        }
        // Two rejections of one pixel are one pixel.
        #expect(
            try folder.regions { $0.known = [known(Self.quarter), known(Self.quarter)] }.summary.leftOut.known == 0)
        let other = ["......", "......", "......", "#.....", "......"]
        #expect(try folder.regions { $0.known = [known(Self.quarter), known(other)] }.summary.leftOut.known == 1)
    }

    @Test("a rejection holds for its classes and its image alone")
    func others() throws {
        let all = Self.sketch.rows.map { String(repeating: "#", count: $0.count) }
        #expect(try folder.regions { $0.known = [known(all)] }.summary.leftOut.known == 3)
        #expect(try folder.regions { $0.known = [known(all, suggested: 2)] }.summary.leftOut.known == 1)
        #expect(try folder.regions { $0.known = [known(all, given: 1)] }.summary.leftOut.known == 0)
        let outcome = try folder.regions { $0.known = [known(all, "1@0x0"), known(all, "a@b@0x0")] }
        #expect(outcome.summary.leftOut.known == 0)
        #expect(
            outcome.summary.warnings.suffix(1) == ["known.csv: known regions of images that are not in this dataset: 2"]
        )
    }

    @Test("a rejection of another size than its image names its line")
    func size() {
        #expect(
            folder.regionFault { $0.known = [known(["#"])] }
                == "known.csv: line 7: the mask is 1 x 1 pixels, image 0 is 5 x 6; leave out reviews of images that were "
                + "resized since")
    }

    @Test(
        "corrected labels keep their type, void pixels their value",
        arguments: ["|u1", "|i1", "<u2", ">i2", "<i4", ">u4", "<i8", ">u8", "<f2", ">f4", "<f8"], [false, true])
    func types(descr: String, fortran: Bool) throws {
        let scene = Sketch("bax", "aBc").scene
        try folder.write(scene)
        let void = descr == "|i1" ? 77 : 255
        var labels = scene.labels(0)
        labels.values = labels.values.map { $0 == 255 ? Double(void) : $0 }
        try folder.write(labels.npy(descr, fortran: fortran), to: "labels.npy")
        try folder.write(scene.probabilities(0).npy("<f4"), to: "pred_probs.npy")
        let corrected = try folder.regions {
            $0.audit.dataset.ignoredLabels = [void]
            $0.correctedFile = folder("corrected.npz")
        }.corrected?["labels"]
        #expect(corrected?.shape == [2, 3])
        #expect(corrected?.descr == descr.replacing(">", with: "<"))
        #expect(corrected?.integers == [1, 0, void, 0, 1, 2])
    }

    @Test("labels that cannot hold every class get the next wider type")
    func wider() throws {
        let count = 130
        var probabilities = [Double](repeating: 0, count: 2 * count)
        // Pixel 0 is given 0 and predicted 129, pixel 1 is given and predicted 1.
        probabilities[129 * 2] = 1
        probabilities[1 * 2 + 1] = 1
        try folder.write(NumberArray([count, 1, 2], probabilities).npy("<f4"), to: "pred_probs.npy")
        for (descr, wide) in [("|i1", "<i2"), ("|u1", "|u1"), ("|b1", "|u1")] {
            try folder.write(NumberArray([1, 2], [0, 1]).npy(descr), to: "labels.npy")
            let corrected = try folder.regions { $0.correctedFile = folder("corrected.npz") }.corrected?["labels"]
            #expect(corrected?.descr == wide)
            #expect(corrected?.integers == [129, 1])
        }
    }

    @Test("a class is written as the value that is read as it")
    func mapped() throws {
        let scene = Sketch("ba", "aB").scene
        try folder.write(scene)
        try folder.write(NumberArray([2, 2], [0, 0, 0, 255]).npy("|u1"), to: "labels.npy")
        try folder.write(scene.probabilities(0).npy("<f4"), to: "pred_probs.npy")
        let corrected = try folder.regions {
            $0.audit.dataset.labelMap = [255: 1]
            $0.correctedFile = folder("corrected.npz")
        }.corrected?["labels"]
        #expect(corrected?.integers == [255, 0, 0, 255])
    }

    @Test("one-hot labels become class numbers")
    func oneHot() throws {
        let scene = Sketch("ba", "aB").scene
        try folder.write(scene.oneHot.npy("|u1"), to: "labels.npy")
        try folder.write(scene.probabilities.npy("<f4"), to: "pred_probs.npy")
        let corrected = try folder.regions {
            $0.audit.dataset.oneHot = true
            $0.correctedFile = folder("corrected.npz")
        }.corrected?["labels"]
        #expect(corrected?.shape == [1, 2, 2])
        #expect(corrected?.integers == [1, 0, 0, 1])
    }

    @Test("the key of the corrected labels is that of the labels, and they are what find suggests")
    func suggestions() throws {
        let scene = Scene.random(seed: 21, classCount: 4, count: 2, 15, 16)
        try folder.write(npz([("masks", scene.labels.npy("<i4"))]), to: "labels.npz")
        try folder.write(scene.probabilities.npy("<f4"), to: "pred_probs.npy")
        let suggested = try folder.audit(["labels.npz"]) { $0.suggest = true }
        let corrected = try folder.regions(["labels.npz"]) {
            $0.audit.rule.filter = .lowSelfConfidence
            $0.correctedFile = folder("corrected.npz")
        }.corrected
        #expect(corrected?.keys == ["masks"])
        #expect(corrected?["masks"]?.integers == suggested.archive["suggested_labels"]?.integers)
        #expect(corrected?["masks"]?.descr == "<i4")
    }
}
