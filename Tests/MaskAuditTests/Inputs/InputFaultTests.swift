import MaskAudit
import TestSupport
import Testing

/// What is wrong with files and options, by the whole line that is printed.
@Suite struct InputFaultTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let labels = NumberArray([2, 2, 2], [0, 1, 0, 1, 1, 0, 1, 0])
    static let probabilities = NumberArray([2, 2, 2, 2], [Double](repeating: 0.5, count: 16))

    func writeGood() throws {
        try folder.write(Self.labels.npy("|u1"), to: "labels.npy")
        try folder.write(Self.probabilities.npy("<f4"), to: "pred_probs.npy")
    }

    @Test(
        "labels of a wrong number of axes",
        arguments: [
            (
                [2, 2, 2, 2], "(2, 2, 2, 2) with 4 axes",
                "; if these are one-hot labels, pass --one-hot; for volumes (N, D, H, W), pass --volumes; "
                    + "if labels and pred_probs are interchanged, swap them"
            ),
            ([4], "(4,) with 1 axis", ""), ([], "() with 0 axes", ""),
        ])
    func labelRank(shape: [Int], text: String, remedy: String) throws {
        try writeGood()
        let count = shape.reduce(1, *)
        try folder.write(NumberArray(shape, [Double](repeating: 0, count: count)).npy("|u1"), to: "labels.npy")
        #expect(
            folder.fault()
                == "labels.npy: labels have shape \(text); (N, H, W), or (H, W) for one image is needed\(remedy)")
    }

    @Test("predictions of a wrong number of axes")
    func predictionRank() throws {
        try writeGood()
        try folder.write(NumberArray([2, 2], [0.5, 0.5, 0.5, 0.5]).npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: pred_probs have shape (2, 2) with 2 axes; (N, K, H, W), or (K, H, W) for one image is "
                + "needed; save a probability a class, not the argmax")
        #expect(
            folder.fault { $0.audit.dataset.layout = .nhwc }.contains(
                "(N, H, W, K), or (H, W, K) for one image is needed"))
    }

    @Test("predictions that are no floats", arguments: [("|u1", "uint8"), ("<i8", "int64"), ("|b1", "bool")])
    func predictionType(descr: String, name: String) throws {
        try writeGood()
        try folder.write(NumberArray([2, 2, 2, 2], [Int](repeating: 0, count: 16)).npy(descr), to: "pred_probs.npy")
        #expect(
            folder.fault()
                == "pred_probs.npy: pred_probs are \(name), floats are needed; save the softmax output as float16, float32 "
                + "or float64, not classes or masks")
    }

    @Test("predictions without classes, or with different ones")
    func classCounts() throws {
        try folder.write(NumberArray([1, 2, 2], [0, 0, 0, 0]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([1, 0, 2, 2], [Double]()).npy("<f4"), to: "pred_probs.npy")
        #expect(folder.fault() == "pred_probs.npy: pred_probs of shape (1, 0, 2, 2) have no classes")
        try folder.write(NumberArray([1, 1, 2, 2], [Double](repeating: 1, count: 4)).npy("<f4"), to: "one.npy")
        try folder.write(NumberArray([1, 2, 2, 2], [Double](repeating: 0.5, count: 8)).npy("<f4"), to: "two.npy")
        #expect(
            folder.fault(["labels.npy", "labels.npy"], ["one.npy", "two.npy"])
                == "two.npy: class counts differ: this array has 2, one.npy has 1; export all images with the same classes"
        )
    }

    @Test("with --binary there is one class in the file")
    func binaryClasses() throws {
        try writeGood()
        #expect(
            folder.fault { $0.audit.dataset.form = .binary }
                == "pred_probs.npy: with --binary, pred_probs of shape (2, 2, 2, 2) have 2 classes, 1 is needed; leave "
                + "--binary out when there is a probability a class")
    }

    @Test("one-hot labels of other classes than the predictions")
    func oneHotClasses() throws {
        try writeGood()
        try folder.write(NumberArray([2, 3, 2, 2], [Int](repeating: 0, count: 24)).npy("|u1"), to: "labels.npy")
        #expect(
            folder.fault { $0.audit.dataset.oneHot = true }
                == "labels.npy: one-hot labels of shape (2, 3, 2, 2) have 3 classes, pred_probs (2, 2, 2, 2) have 2")
    }

    @Test("sizes that do not divide, with the nearest that do")
    func downsample() throws {
        let labels = NumberArray([1, 6, 9], [Int](repeating: 0, count: 54))
        try folder.write(labels.npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([1, 1, 6, 9], [Double](repeating: 1, count: 54)).npy("<f4"), to: "pred_probs.npy")
        for (factor, nearest) in [(2, 1), (4, 3), (100, 3)] {
            #expect(
                folder.fault { $0.audit.rule.downsample = factor }
                    == "labels.npy: height 6 and width 9 are not both divisible by --downsample \(factor); the nearest that "
                    + "divides both is --downsample \(nearest)")
        }
    }

    @Test("keys that are not there, or not said")
    func keys() throws {
        let one = NumberArray([1, 1], [0]).npy("|u1")
        let flat = countingNPY([3])
        try folder.write(npz([("y", one), ("x", flat)]), to: "a.npz")
        try folder.write(Self.probabilities.npy("<f4"), to: "pred_probs.npy")
        #expect(
            folder.fault(["a.npz"]) { $0.audit.dataset.labels.key = "z" }
                == "a.npz: no array with key 'z' (the archive has: y (1, 1) uint8, x (3,) uint8); name one of them with "
                + "--labels-key")
        #expect(
            folder.fault(["labels.npy"], ["a.npz"]) {
                $0.audit.dataset.labels.paths = [folder("pred_probs.npy")]
                $0.audit.dataset.labels.key = nil
                $0.audit.dataset.oneHot = true
            }
            .contains(
                "a.npz: 2 arrays and none with key 'pred_probs' (the archive has: y (1, 1) uint8, x (3,) uint8); "
                    + "name the one to read with --pred-probs-key"))
        #expect(
            folder.fault(["a.npz"])
                == "a.npz: 2 arrays and none with key 'labels' (the archive has: y (1, 1) uint8, x (3,) uint8); "
                + "name the one to read with --labels-key")
        try folder.write(npz([("y", one), ("x", NumberArray([1, 1, 1], [0]).npy("|u1"))]), to: "a.npz")
        #expect(
            folder.fault(["a.npz"])
                == "a.npz: 2 arrays and none with key 'labels' (the archive has: y (1, 1) uint8, x (1, 1, 1) uint8); "
                + "name the one to read with --labels-key")
        try folder.write(npz([("y", one), ("y", one)]), to: "a.npz")
        #expect(folder.fault(["a.npz"]) { $0.audit.dataset.labels.key = "y" }.contains("duplicate key 'y'"))
        #expect(folder.fault(["a.npz"]).contains("duplicate key 'y'"))
        try folder.write(ZipBuilder([ZipMember("note.txt", [1])]).bytes, to: "a.npz")
        #expect(
            folder.fault(["a.npz"])
                == "a.npz: the archive has no arrays (it holds: note.txt); save it with numpy.savez")
    }

    @Test("arrays appended to one file are counted, and none is taken for all")
    func appended() throws {
        try writeGood()
        let image = NumberArray([2, 2], [0, 1, 1, 0] as [Double]).npy("|u1")
        try folder.write(image + image + image, to: "labels.npy")
        #expect(
            folder.fault()
                == "labels.npy: holds 3 arrays one after another, of which numpy.load reads the first; save them as one "
                + "array with numpy.stack, or each in a file of its own")
        try folder.write(Self.labels.npy("|u1") + Array(image.dropLast()), to: "labels.npy")
        #expect(throws: Never.self) { try folder.audit() }
    }

    @Test("folders without usable files")
    func folders() throws {
        try writeGood()
        try folder.makeFolder("empty")
        #expect(
            folder.fault(["empty"])
                == "empty: is an empty folder; name a file, or a folder with one .npy or .npz an image")
        try folder.write(npz([("x", countingNPY([1]))]), in: "zips", to: "a.npy")
        #expect(
            folder.fault(["zips"])
                == "zips/a.npy[x.npy]: labels have shape (1,) with 1 axis; (N, H, W), or (H, W) for one image is needed"
        )
        try folder.write(Self.labels.npy("|u1"), in: "many", to: "a.npy")
        #expect(
            folder.fault(["many"])
                == "many/a.npy: labels of shape (2, 2, 2) hold 2 images; in a folder each file is one image; name the files "
                + "themselves to have them concatenated; for volumes, pass --volumes")
    }

    @Test("an output that is a folder, an input, or in a folder that is not there")
    func outputs() throws {
        try writeGood()
        #expect(folder.fault { $0.output = folder("") }.contains("is a directory; name a file to write"))
        let before = try folder.read("labels.npy")
        #expect(
            folder.fault { $0.output = folder("labels.npy") }
                == "labels.npy: the output is also an input; name another file with --output")
        #expect(try folder.read("labels.npy") == before)
        try makeSymbolicLink(at: folder("link.npz"), to: "pred_probs.npy")
        #expect(
            folder.fault { $0.output = folder("link.npz") }
                == "link.npz: the output is also an input; name another file with --output")
        #expect(
            folder.fault { $0.output = folder("none/out.npz") }
                == "none/out.npz: cannot be created, its folder does not exist; create the folder first")
    }

    @Test("class names are one a line, as many as classes")
    func classNames() throws {
        try writeGood()
        try folder.write(Array("sky\r\nroad\r\n\r\n".utf8), to: "names.txt")
        let outcome = try folder.audit { $0.audit.dataset.classNamesFile = folder("names.txt") }
        #expect(outcome.summary.perClass.map(\.name) == ["sky", "road"])
        try folder.write([], to: "out.npz")
        try folder.write(Array("sky".utf8), to: "names.txt")
        #expect(
            "\(folder.faultAfter { $0.audit.dataset.classNamesFile = folder("names.txt") })".hasSuffix(
                "names.txt: 1 class names for 2 classes; write one name a line, class 0 first"))
        #expect(folder.faultAfter { $0.audit.dataset.classNamesFile = folder("none.txt") }.contains("no such file"))
    }

    @Test("the output may not replace the class names")
    func outputIsClassNames() throws {
        try writeGood()
        try folder.write(Array("sky\nroad\n".utf8), to: "names.txt")
        let line = folder.fault {
            $0.audit.dataset.classNamesFile = folder("names.txt")
            $0.output = folder("names.txt")
        }
        #expect(line == "names.txt: the output is also an input; name another file with --output")
        #expect(try folder.read("names.txt") == Array("sky\nroad\n".utf8))
    }

    @Test("a name with a line break in it does not break the line")
    func lineBreaks() throws {
        try folder.write(Self.probabilities.npy("<f4"), to: "pred_probs.npy")
        try folder.write(NumberArray([4], [0, 0, 0, 0]).npy("|u1"), to: "a\nb.npy")
        #expect(folder.fault(["a\nb.npy"]).hasPrefix("a\\u{a}b.npy: labels have shape (4,)"))
        #expect(folder.fault(["none\n.npy"]).hasPrefix("none\\u{a}.npy: no such file"))
    }

    @Test("bytes after an array are left unread, with a warning")
    func trailing() throws {
        try writeGood()
        try folder.write(Self.labels.npy("|u1") + [1, 2, 3], to: "labels.npy")
        let outcome = try folder.audit()
        #expect(
            outcome.summary.warnings.map { $0.split(separator: "/").last.map(String.init) }
                == ["labels.npy: 3 bytes after the array were left unread"])
    }
}
