import MaskAudit
import TestSupport
import Testing

/// What is wrong with values, by the whole line: file, place, value, how many more, remedy.
@Suite struct ContentFaultTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Two images of 2 x 3 with three classes, all good.
    func write(
        labels: (inout [Double]) -> Void = { _ in }, descr: String = "<i4",
        probabilities: (inout [Double]) -> Void = { _ in }
    ) throws {
        var given = [Double](repeating: 1, count: 12)
        var predicted = [Double](repeating: 0.25, count: 36)
        for image in 0..<2 { for pixel in 0..<6 { predicted[image * 18 + pixel] = 0.5 } }
        labels(&given)
        probabilities(&predicted)
        try folder.write(NumberArray([2, 2, 3], given).npy(descr), to: "labels.npy")
        try folder.write(NumberArray([2, 3, 2, 3], predicted).npy("<f4"), to: "pred_probs.npy")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Elements that are set.
        var labels: [Int: Double] = [:]
        var descr = "<i4"
        var probabilities: [Int: Double] = [:]
        var form = ProbabilityForm.probabilities
        var line: String
    }

    static let cases = [
        // Element 10 of the labels: image 1, row 1, column 1.
        Case(
            testDescription: "void", labels: [10: 255, 11: 255],
            line: "labels.npy: label 255 at image 1 row 1 column 1 is outside 0..2 (and 1 more in this image); "
                + "if it marks void pixels, pass --ignore-label=255"),
        Case(
            testDescription: "negative", labels: [0: -1],
            line: "labels.npy: label -1 at image 0 row 0 column 0 is outside 0..2; "
                + "if it marks void pixels, pass --ignore-label=-1"),
        Case(
            testDescription: "K itself", labels: [5: 3, 7: 9],
            line: "labels.npy: label 3 at image 0 row 1 column 2 is outside 0..2; if classes are numbered from 1 and 0 "
                + "marks void pixels, pass --reduce-zero-label; if 3 marks void pixels, --ignore-label=3"),
        Case(
            testDescription: "K and void", labels: [1: 3, 2: 255, 5: 3],
            line:
                "labels.npy: label 3 at image 0 row 0 column 1 is outside 0..2 (and 2 more in this image); outside are "
                + "3 (2x), 255 (1x); if classes are numbered from 1 and 0 marks void pixels, pass --reduce-zero-label "
                + "--ignore-label=255; if 3 marks void pixels, --ignore-label=3 --ignore-label=255"),
        Case(
            testDescription: "numbers of a table", labels: [1: 7, 2: 33],
            line:
                "labels.npy: label 7 at image 0 row 0 column 1 is outside 0..2 (and 1 more in this image); outside are "
                + "7 (1x), 33 (1x); number the classes as pred_probs do with --map-labels FILE, a table of values and "
                + "classes, or --map-label VALUE=CLASS for each"),
        Case(
            testDescription: "fraction", labels: [4: 0.5], descr: "<f4",
            line: "labels.npy: label 0.5 at image 0 row 1 column 1 is not an integer; "
                + "fractions come from resizing by interpolation: resize labels by the nearest pixel, and save integers"
        ),
        Case(
            testDescription: "NaN label", labels: [4: .nan], descr: "<f8",
            line: "labels.npy: label nan at image 0 row 1 column 1 is not an integer; "
                + "where NaN marks void pixels, save numpy.nan_to_num(labels, nan=255).astype('uint8') and pass "
                + "--ignore-label=255"),
        Case(
            testDescription: "panoptic ids", labels: [4: 2017],
            line: "labels.npy: label 2017 at image 0 row 1 column 1 is outside 0..2; if these are panoptic ids, "
                + "class x 1000 + instance, pass --label-divisor 1000"),
        Case(
            testDescription: "no prediction", probabilities: [0: 0, 6: 0, 12: 0, 1: 0, 7: 0, 13: 0],
            line:
                "pred_probs.npy: no prediction at image 0 row 0 column 0: all probabilities are 0 (and 1 more in this "
                + "image); to leave pixels without a prediction out, pass --ignore-unpredicted"),
        Case(
            testDescription: "percentages", probabilities: [0: 50, 6: 24.5, 12: 25],
            line: "pred_probs.npy: probabilities sum to 99.5, not 1, at image 0 row 0 column 0; values above 1 (50); "
                + "these are percentages: divide by 100; for scores that are no probabilities, pass --unnormalized"),
        // Element 25 of the probabilities: image 1 (18 on), class 1 (6), row 0, column 1.
        Case(
            testDescription: "NaN", probabilities: [25: .nan, 31: .nan],
            line: "pred_probs.npy: NaN at image 1 class 1 row 0 column 1 (and 1 more in this image); "
                + "mend the export, or mark such pixels with a label to ignore"),
        Case(
            testDescription: "infinite", probabilities: [25: .infinity],
            line: "pred_probs.npy: infinite value at image 1 class 1 row 0 column 1; "
                + "mend the export, or mark such pixels with a label to ignore"),
        Case(
            testDescription: "minus infinity", probabilities: [25: -.infinity],
            line: "pred_probs.npy: infinite value (negative) at image 1 class 1 row 0 column 1; "
                + "mend the export, or mark such pixels with a label to ignore"),
        Case(
            testDescription: "negative probability", probabilities: [25: -0.25],
            line: "pred_probs.npy: negative value -0.25 at image 1 class 1 row 0 column 1; "
                + "if these are logits, pass --logits"),
        Case(
            testDescription: "sum", probabilities: [19: 0.75, 20: 0.75],
            line: "pred_probs.npy: probabilities sum to 1.25, not 1, at image 1 row 0 column 1 (and 1 more in this "
                + "image); for scores that are no probabilities, pass --unnormalized; for logits, --logits"),
        Case(
            testDescription: "logits", probabilities: [19: 3.5],
            line: "pred_probs.npy: probabilities sum to 4, not 1, at image 1 row 0 column 1; values above 1 (3.5); "
                + "if these are logits, pass --logits; for scores that are no probabilities, --unnormalized"),
        Case(
            testDescription: "score too large", probabilities: [19: 70_000], form: .unnormalized,
            line: "pred_probs.npy: score 70000.0 at image 1 class 0 row 0 column 1; scores are at most 65504; divide "
                + "them, or pass --logits for logits"),
        Case(
            testDescription: "NaN logit", probabilities: [19: .nan], form: .logits,
            line: "pred_probs.npy: NaN at image 1 class 0 row 0 column 1; mend the export, or mark such pixels with a "
                + "label to ignore"),
        Case(
            testDescription: "infinite logit", probabilities: [19: .infinity], form: .logits,
            line: "pred_probs.npy: infinite value at image 1 class 0 row 0 column 1; mend the export, or mark such "
                + "pixels with a label to ignore"),
        Case(
            testDescription: "no finite logit", probabilities: [19: -.infinity, 25: -.infinity, 31: -.infinity],
            form: .logits,
            line:
                "pred_probs.npy: infinite value (negative) in every class at image 1 class 0 row 0 column 1 (and 2 more "
                + "in this image); mend the export"),
        Case(
            testDescription: "labels before probabilities", labels: [11: 7], probabilities: [18: .nan],
            line: "labels.npy: label 7 at image 1 row 1 column 2 is outside 0..2; "
                + "number the classes as pred_probs do with --map-labels FILE, a table of values and classes, or "
                + "--map-label VALUE=CLASS for each"),
        Case(
            testDescription: "the first image", labels: [11: 7], probabilities: [0: .nan],
            line: "pred_probs.npy: NaN at image 0 class 0 row 0 column 0; "
                + "mend the export, or mark such pixels with a label to ignore"),
        Case(
            testDescription: "NaN before negative before the sum", probabilities: [18: 3, 19: -1, 23: .nan],
            line: "pred_probs.npy: NaN at image 1 class 0 row 1 column 2; "
                + "mend the export, or mark such pixels with a label to ignore"),
    ]

    @Test("a value at fault is named with its place", arguments: cases)
    func faults(bad: Case) throws {
        try write(
            labels: { values in for (index, value) in bad.labels { values[index] = value } }, descr: bad.descr,
            probabilities: { values in for (index, value) in bad.probabilities { values[index] = value } })
        for threads in [1, 3] {
            #expect(
                folder.fault {
                    $0.audit.dataset.form = bad.form
                    $0.audit.run.threads = threads
                } == bad.line)
        }
    }

    @Test("the fault is told for the same place in every layout")
    func layouts() throws {
        let line =
            "pred_probs.npy: NaN at image 1 class 2 row 1 column 0; "
            + "mend the export, or mark such pixels with a label to ignore"
        try write()
        var values = [Double](repeating: 0.25, count: 36)
        values[18 + 12 + 3] = .nan
        let array = NumberArray([2, 3, 2, 3], values)
        for (bytes, layout) in [
            (array.npy(">f8"), ProbabilityLayout.nchw), (array.npy("<f2", fortran: true), .nchw),
            (array.transposed([0, 2, 3, 1]).npy("<f4"), .nhwc),
        ] {
            try folder.write(bytes, to: "pred_probs.npy")
            // Every other sum is 0.75 as well, but NaN comes first within an image, and image 0 is ignored.
            try folder.write(
                NumberArray([2, 2, 3], [9, 9, 9, 9, 9, 9, 1, 1, 1, 1, 1, 1]).npy("|u1"), to: "labels.npy")
            #expect(
                folder.fault {
                    $0.audit.dataset.layout = layout
                    $0.audit.dataset.ignoredLabels = [9]
                } == line)
        }
    }

    @Test("values under ignored pixels are not judged at full size, and are with downsampling")
    func ignored() throws {
        try folder.write(NumberArray([1, 2, 2], [9, 0, 1, 0]).npy("|u1"), to: "labels.npy")
        for value in [Double.nan, .infinity, -5, 80_000] {
            let probabilities = NumberArray([1, 2, 2, 2], [value, 0.5, 0.5, 0.5, value, 0.5, 0.5, 0.5])
            try folder.write(probabilities.npy("<f8"), to: "pred_probs.npy")
            #expect(throws: Never.self) { try folder.audit { $0.audit.dataset.ignoredLabels = [9] } }
        }
        try folder.write(
            NumberArray([1, 2, 2, 2], [.nan, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]).npy("<f8"), to: "pred_probs.npy")
        #expect(
            folder.faultAfter {
                $0.audit.dataset.ignoredLabels = [9]
                $0.audit.rule.downsample = 2
            }.hasSuffix(
                "NaN at image 0 class 0 row 0 column 0; mend the export, or mark such pixels with a label to ignore"))
    }

    @Test("masks of 0 and 255 get their own advice")
    func binaryMasks() throws {
        try folder.write(NumberArray([1, 2], [0, 255]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([2, 1, 2], [0.5, 0.5, 0.5, 0.5]).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "labels.npy: label 255 at image 0 row 0 column 1 is outside 0..1; if it marks void pixels, pass "
                + "--ignore-label=255; for masks stored as 0 and 255, --map-label 255=1")
    }

    @Test("a foreground probability outside 0...1", arguments: [1.5, -0.5])
    func foreground(value: Double) throws {
        try folder.write(NumberArray([1, 2], [0, 1]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([1, 2], [0.5, value]).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault { $0.audit.dataset.form = .binary }
                == "pred_probs.npy: foreground probability \(value) at image 0 class 0 row 0 column 1; probabilities are 0 "
                + "to 1; if these are logits, pass --logits")
    }

    @Test(
        "one-hot pixels without exactly one 1",
        arguments: [
            ([0, 0, 0] as [Double], "|u1", "no 1 at image 0 row 0 column 1 class 0"),
            ([1, 0, 1], "|b1", "a second 1 at image 0 row 0 column 1 class 2"),
            ([0, 2, 0], "<i4", "2 at image 0 row 0 column 1 class 1"),
            ([0, -1, 0], "|i1", "-1 at image 0 row 0 column 1 class 1"),
            ([0, 0.5, 0.5], "<f4", "0.5 at image 0 row 0 column 1 class 1"),
        ])
    func oneHot(pixel: [Double], descr: String, text: String) throws {
        let values = [1, pixel[0], 0, pixel[1], 0, pixel[2]]
        try folder.write(NumberArray([1, 3, 1, 2], values).npy(descr), to: "labels.npy")
        try folder.write(NumberArray([1, 3, 1, 2], [1, 1, 0, 0, 0, 0] as [Double]).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault { $0.audit.dataset.oneHot = true }
                == "labels.npy: one-hot labels have \(text), exactly one 1 a pixel is needed; where a pixel may have several "
                + "classes or none, pass --binary --channel K for class K alone; else save class numbers and leave --one-hot "
                + "out")
    }

    @Test("an unsigned label beyond Int64 is named as it is")
    func hugeLabel() throws {
        let data = little(0, 8) + little(UInt64.max, 8)
        try folder.write(npy(header: npyDict("<u8", [1, 2]) + "\n", data: data), to: "labels.npy")
        try folder.write(NumberArray([2, 1, 2], [0.5, 0.5, 0.5, 0.5]).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "labels.npy: label 18446744073709551615 at image 0 row 0 column 1 is outside 0..1; labels are 0..1")
    }

    @Test("the fault of a named image is told by its name")
    func named() throws {
        try folder.write(
            npz([("b", NumberArray([1, 1], [5]).npy("|u1")), ("a", NumberArray([1, 1], [0]).npy("|u1"))]), to: "l.npz")
        let good = NumberArray([1, 1, 1], [1]).npy("<f4")
        try folder.write(npz([("a", good), ("b", good)]), to: "p.npz")
        // Class numbers beside one class are mostly masks of a foreground.
        #expect(
            folder.fault(["l.npz"], ["p.npz"])
                == "l.npz[b.npy]: label 5 at image b row 0 column 0 is outside 0..0; if pred_probs hold one foreground "
                + "probability a pixel, pass --binary")
    }

    @Test("the range of labels is told as the files number them")
    func shiftedRange() throws {
        try write(labels: { $0[4] = 4 })
        #expect(
            folder.fault { $0.audit.dataset.reducesZeroLabel = true }.hasPrefix(
                "labels.npy: label 4 at image 0 row 1 column 1 is outside 1..3"))
    }

    @Test("one foreground probability read as the only class names --binary")
    func oneClass() throws {
        try folder.write(NumberArray([2, 2, 2], [Double](repeating: 0, count: 8)).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([2, 1, 2, 2], [Double](repeating: 0.25, count: 8)).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: probabilities sum to 0.25, not 1, at image 0 row 0 column 0 (and 3 more in this image); "
                + "if there is one foreground probability a pixel, pass --binary")
        try folder.write(
            NumberArray([2, 2, 2, 1], [Double](repeating: 0.25, count: 8)).npy("<f4"), to: "pred_probs.npy")
        #expect(throws: Never.self) { try folder.audit { $0.audit.dataset.form = .binary } }
    }
}
