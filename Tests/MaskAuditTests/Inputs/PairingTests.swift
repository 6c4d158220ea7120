import TestSupport
import Testing

@testable import MaskAudit

@Suite struct PairingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func writeLabels(_ names: [String], shape: [Int] = [2, 2]) throws {
        let array = NumberArray(shape, [Double](repeating: 0, count: shape.reduce(1, *))).npy("|u1")
        try folder.write(npz(names.map { ($0, array) }), to: "labels.npz")
    }

    func writeProbabilities(_ names: [String], shape: [Int] = [2, 2, 2]) throws {
        let array = NumberArray(shape, [Double](repeating: 0.5, count: shape.reduce(1, *))).npy("<f4")
        try folder.write(npz(names.map { ($0, array) }), to: "pred_probs.npz")
    }

    func fault() -> String { folder.fault(["labels.npz"], ["pred_probs.npz"]) }

    @Test("an image without a partner is named, with the nearest name there is")
    func nearest() throws {
        try writeLabels(["img_1", "img_2", "img_3"])
        try writeProbabilities(["img_1", "img2", "img_3"])
        #expect(
            fault()
                == "pred_probs.npz: 1 of 3 images in labels.npz have no partner here: img_2; 1 here has none there: img2; "
                + "is 'img_2' named 'img2' here? names must be equal")
    }

    @Test("the nearest name is not suggested where none is near")
    func far() throws {
        try writeLabels(["aachen", "bochum"])
        try writeProbabilities(["aachen", "zurich"])
        #expect(
            fault()
                == "pred_probs.npz: 1 of 2 images in labels.npz have no partner here: bochum; 1 here has none there: zurich; "
                + "add or remove images so that names are equal")
    }

    @Test("of many images without a partner the first five are named")
    func many() throws {
        try writeLabels((0..<9).map { "a\($0)" } + ["x"])
        try writeProbabilities(["x", "y"])
        #expect(fault().contains("9 of 10 images in labels.npz have no partner here: a0, a1, a2, a3, a4 and 4 more"))
    }

    @Test("predictions without labels are told as the labels' lack")
    func tooManyPredictions() throws {
        try writeLabels(["a", "b"])
        try writeProbabilities(["a", "b", "c"])
        #expect(fault().hasPrefix("labels.npz: 1 of 3 images in pred_probs.npz have no partner here: c"))
    }

    @Test("names that differ by case or by a folder are not partners")
    func almostEqual() throws {
        try writeLabels(["A", "B"])
        try writeProbabilities(["a", "b"])
        #expect(fault().contains("is 'A' named 'a' here?"))
    }

    @Test("two images of one name are an error that names both")
    func repeated() throws {
        let labels = NumberArray([1, 1], [0]).npy("|u1")
        let probabilities = NumberArray([1, 1, 1], [1]).npy("<f4")
        for place in ["a", "b"] {
            try folder.write(labels, in: place, to: "x.npy")
            try folder.write(probabilities, in: "p\(place)", to: "x.npy")
        }
        #expect(
            folder.fault(["a/x.npy", "b/x.npy"], ["pa/x.npy", "pb/x.npy"])
                == "b/x.npy: a second image named 'x', after a/x.npy; give every image its own name")
    }

    @Test("arrays of different numbers of images are told by their shapes")
    func counts() throws {
        try folder.write(NumberArray([3, 2, 2], [Double](repeating: 0, count: 12)).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([2, 1, 2, 2], [Double](repeating: 1, count: 8)).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: shapes disagree: pred_probs (2, 1, 2, 2), labels.npy labels (3, 2, 2); "
                + "export both from the same images")
    }

    @Test("files in a row of different numbers of images are told by their counts")
    func fileCounts() throws {
        try folder.write(NumberArray([1, 1, 1], [0]).npy("|u1"), to: "l.npy")
        try folder.write(NumberArray([1, 1, 1, 1], [1]).npy("<f4"), to: "p.npy")
        #expect(
            folder.fault(["l.npy", "l.npy"], ["p.npy"])
                == "p.npy: 1 images in 1 arrays, 2 in the labels; export both from the same images")
    }

    @Test("images of different sizes are told by their shapes")
    func sizes() throws {
        try writeLabels(["a", "b"])
        try writeProbabilities(["a", "b"], shape: [2, 5, 2])
        #expect(
            fault()
                == "pred_probs.npz[a.npy]: shapes disagree: pred_probs (2, 5, 2), labels.npz[a.npy] labels (2, 2); "
                + "export both from the same images")
    }

    @Test("channels in the last place are recognised")
    func channelsLast() throws {
        try folder.write(NumberArray([2, 4, 5], [Double](repeating: 0, count: 40)).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([2, 4, 5, 3], [Double](repeating: 0, count: 120)).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: shapes disagree: pred_probs (2, 4, 5, 3), labels.npy labels (2, 4, 5); "
                + "if the last axis holds the classes, pass --layout nhwc")
    }

    @Test(
        "unlike sizes lead to what they look like",
        arguments: [
            ([2, 12, 16], [2, 3, 4, 5], "for predictions smaller than the labels, pass --upsample"),
            // Of sides that are rounded, and of predictions that were made at another aspect.
            ([2, 45, 70], [2, 3, 11, 18], "for predictions smaller than the labels, pass --upsample"),
            ([2, 16, 32], [2, 3, 8, 8], "for predictions smaller than the labels, pass --upsample"),
            (
                [2, 12, 16], [2, 6, 8, 3],
                "for predictions smaller than the labels, with the classes on the last axis, pass --layout nhwc --upsample"
            ),
            (
                [2, 12, 16], [2, 3, 16, 12],
                "height and width are exchanged; exchange them in one of the two, as with numpy.swapaxes(labels, -1, -2)"
            ),
            ([2, 12, 16], [2, 3, 24, 32], "export both from the same images"),
            ([2, 12, 16], [2, 3, 0, 0], "export both from the same images"),
            ([2, 0, 16], [2, 3, 6, 8], "export both from the same images"),
        ] as [([Int], [Int], String)])
    func sizes(labels: [Int], probabilities: [Int], remedy: String) throws {
        func zeros(_ shape: [Int]) -> NumberArray {
            NumberArray(shape, [Double](repeating: 0, count: shape.reduce(1, *)))
        }
        try folder.write(zeros(labels).npy("|u1"), to: "labels.npy")
        try folder.write(zeros(probabilities).npy("<f4"), to: "pred_probs.npy")
        #expect(folder.fault().hasSuffix("; \(remedy)"))
    }

    @Test(
        "the distance of names counts insertions, deletions, replacements and exchanged neighbours",
        arguments: [
            ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("img_1", "img1", 1),
            ("ab", "ba", 1), ("flaw", "lawn", 2),
        ])
    func distance(a: String, b: String, distance: Int) {
        #expect(editDistance(a, b) == distance)
        #expect(editDistance(b, a) == distance)
    }

    @Test(
        "natural order compares numbers as numbers",
        arguments: [
            (["img10", "img2", "img1"], ["img1", "img2", "img10"]), (["b", "a", "B"], ["B", "a", "b"]),
            (["a", "a1", "a01", "a001"], ["a", "a001", "a01", "a1"]), (["1.10", "1.9", "1"], ["1", "1.9", "1.10"]),
            (
                ["x99999999999999999999", "x100000000000000000000"],
                ["x99999999999999999999", "x100000000000000000000"]
            ),
            (["a0", "a00", "a"], ["a", "a0", "a00"]), (["2a", "10a", "2b"], ["2a", "2b", "10a"]),
            (["ab", "a1"], ["a1", "ab"]), (["", "a"], ["", "a"]),
        ])
    func naturalOrder(names: [String], sorted: [String]) {
        #expect(Set(names.sorted(by: isNaturallyOrdered)) == Set(sorted))
        if names.first != "a0" { #expect(names.sorted(by: isNaturallyOrdered) == sorted) }
    }

    @Test(
        "members keep the archive's order, apart from names that differ in numbers alone",
        arguments: [
            (["img10", "img2", "img1"], ["img1", "img2", "img10"]),
            (["b", "a", "c"], ["b", "a", "c"]),
            (["b10", "a7", "b9", "a10"], ["b9", "b10", "a7", "a10"]),
            (["x1y2", "x1y", "x01y1"], ["x01y1", "x1y2", "x1y"]),
            ([], []),
        ] as [([String], [String])])
    func archiveOrder(names: [String], ordered: [String]) {
        #expect(inNaturalOrder(names, by: \.self) == ordered)
    }

    @Test("natural order is total: of two different names one is first")
    func totalOrder() {
        let names = [
            "a", "a0", "a00", "a1", "a01", "a1b", "a01b", "a10", "a1.0", "A1", "", "0", "00", "é1", "a1a1", "a01a1",
        ]
        for a in names {
            #expect(!isNaturallyOrdered(a, a))
            for b in names where a != b { #expect(isNaturallyOrdered(a, b) != isNaturallyOrdered(b, a), "\(a), \(b)") }
            for b in names where isNaturallyOrdered(a, b) {
                for c in names where isNaturallyOrdered(b, c) { #expect(isNaturallyOrdered(a, c), "\(a), \(b), \(c)") }
            }
        }
    }
}
