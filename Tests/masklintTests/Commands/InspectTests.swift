import Foundation
import TestSupport
import Testing

@Suite struct InspectTests {
    /// The arrays of the first file that `inspect --json` lists.
    private func arrays(_ paths: [String], folder: TemporaryFolder, options: [String] = []) throws -> [[String: Any]] {
        let run = try PipedCommand(["inspect", "--json"] + options + paths, folder: folder)
        let object = try JSONSerialization.jsonObject(with: Data(run.output)) as? [String: Any]
        let files = object?["files"] as? [[String: Any]]
        return files?.first?["arrays"] as? [[String: Any]] ?? []
    }

    /// An array, and what must be said of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var file: [UInt8]
        var reading: String
        var hint: String?
    }

    private static func floats(_ shape: [Int], _ values: [Float]) -> [UInt8] {
        npy(header: npyDict("<f4", shape) + "\n", data: values.flatMap { little($0.bitPattern, 4) })
    }

    static let cases: [Case] = [
        Case(testDescription: "labels", file: PipedData.labels, reading: "labels (N, H, W): 2 images of 2 x 2"),
        Case(
            testDescription: "labels with void",
            file: npy(header: npyDict("|u1", [1, 2, 2]) + "\n", data: [0, 1, 2, 255]),
            reading: "labels (N, H, W)", hint: "--ignore-label=255"),
        Case(
            testDescription: "labels with negative void",
            file: npy(header: npyDict("<i2", [2, 2]) + "\n", data: [0, 0, 1, 0, 2, 0, 0xFF, 0xFF]),
            reading: "labels of one image (H, W): 2 x 2", hint: "--ignore-label=-1"),
        Case(
            testDescription: "masks of 0 and 255",
            file: npy(header: npyDict("|u1", [1, 2, 1]) + "\n", data: [0, 255]),
            reading: "labels", hint: "--map-label 255=1"),
        Case(
            testDescription: "one-hot labels",
            file: npy(header: npyDict("|u1", [1, 2, 1, 2]) + "\n", data: [0, 1, 1, 0]),
            reading: "one-hot labels", hint: "--one-hot"),
        Case(
            testDescription: "pictures",
            file: npy(header: npyDict("|u1", [1, 1, 2, 3]) + "\n", data: [9, 8, 7, 6, 5, 4]),
            reading: "pictures"),
        Case(
            testDescription: "probabilities", file: PipedData.probabilities,
            reading: "pred_probs (N, K, H, W): 2 images, 2 classes, 2 x 2"),
        Case(
            testDescription: "channels last",
            file: floats([1, 2, 2, 3], [0.5, 0.25, 0.25, 0.125, 0.5, 0.375, 0, 1, 0, 1, 0, 0]),
            reading: "pred_probs (N, H, W, K): 1 image, 3 classes, 2 x 2", hint: "--layout nhwc"),
        Case(
            testDescription: "logits", file: floats([1, 2, 1, 2], [-3, 2, 0.5, 1]), reading: "pred_probs",
            hint: "--logits"),
        Case(
            testDescription: "scores", file: floats([1, 2, 1, 2], [3, 2, 0.5, 1]), reading: "pred_probs",
            hint: "--unnormalized"),
        Case(
            testDescription: "one foreground probability", file: floats([2, 1, 2], [0.25, 0.5, 0.125, 1]),
            reading: "one foreground probability a pixel: 2 images of 1 x 2", hint: "--binary"),
        Case(
            testDescription: "labels saved as floats", file: floats([1, 2, 2], [0, 1, 2, 3]),
            reading: "labels saved as floats"),
        Case(
            testDescription: "percentages", file: floats([1, 2, 1, 2], [25, 50, 75, 50]), reading: "pred_probs",
            hint: "divide by 100"),
        Case(
            testDescription: "a pixel without a prediction", file: floats([1, 2, 1, 2], [0, 0.25, 0, 0.75]),
            reading: "pred_probs (N, K, H, W)", hint: "--ignore-unpredicted"),
        Case(
            testDescription: "one-hot labels with the classes last",
            file: npy(header: npyDict("|u1", [1, 2, 2, 3]) + "\n", data: [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]),
            reading: "one-hot labels", hint: "--one-hot --layout nhwc"),
        Case(
            testDescription: "labels of several classes a pixel",
            file: npy(header: npyDict("|u1", [1, 2, 1, 2]) + "\n", data: [1, 1, 1, 0]),
            reading: "one-hot labels", hint: "--binary --channel K"),
        Case(
            testDescription: "panoptic ids",
            file: npy(header: npyDict("<i4", [1, 1, 3]) + "\n", data: [1001, 2003, 7].flatMap { little($0, 4) }),
            reading: "labels", hint: "--label-divisor 1000"),
        Case(
            testDescription: "numbers of a table",
            file: npy(header: npyDict("|u1", [1, 1, 3]) + "\n", data: [7, 26, 33]),
            reading: "labels", hint: "--map-labels"),
        Case(
            testDescription: "classes from 1", file: npy(header: npyDict("|u1", [1, 1, 3]) + "\n", data: [1, 3, 2]),
            reading: "labels", hint: "--reduce-zero-label"),
        // 0.25, 1, 0.75 and 0.
        Case(
            testDescription: "bfloat16 as NumPy saves it",
            file: npy(
                header: npyDict("|V2", [1, 2, 1, 2]) + "\n",
                data: [0x3E80, 0x3F80, 0x3F40, 0].flatMap { little($0, 2) }),
            reading: "pred_probs", hint: "--bfloat16"),
        Case(
            testDescription: "bfloat16 viewed as integers",
            file: npy(
                header: npyDict("<u2", [1, 2, 1, 2]) + "\n",
                data: [0x3E80, 0x3F80, 0x3F40, 0].flatMap { little($0, 2) }),
            reading: "pred_probs", hint: "--bfloat16"),
        Case(
            testDescription: "labels of a volume",
            file: npy(header: npyDict("|u1", [1, 2, 1, 2]) + "\n", data: [0, 1, 2, 1]),
            reading: "labels of volumes (N, D, H, W): 1 volume of 2 x 1 x 2", hint: "--volumes"),
        Case(
            testDescription: "probabilities of a volume", file: floats([1, 2, 1, 1, 2], [0.25, 0.5, 0.75, 0.5]),
            reading: "pred_probs of volumes (N, K, D, H, W): 1 volume, 2 classes, 1 x 1 x 2", hint: "--volumes"),
        Case(
            testDescription: "a vector", file: npy(header: npyDict("|u1", [3]) + "\n", data: [1, 2, 3]),
            reading: "nothing"),
    ]

    @Test("an array is taken for what its header and values say", arguments: cases)
    func reading(_ one: Case) throws {
        let folder = try TemporaryFolder()
        try folder.write(one.file, to: "a.npy")
        let array = try #require(try arrays(["a.npy"], folder: folder).first)
        let reading = try #require(array["taken_for"] as? String)
        let hints = try #require(array["hints"] as? [String])
        #expect(reading.hasPrefix(one.reading))
        #expect(one.hint.map { hint in hints.contains { $0.contains(hint) } } ?? hints.isEmpty, "\(hints)")
    }

    @Test("labels and probabilities beside each other tell what neither does alone", arguments: [false, true])
    func pair(labelsComeLast: Bool) throws {
        let folder = try TemporaryFolder()
        // Classes 0 to 2, of which 3 is none.
        let labels = npy(header: npyDict("|u1", [1, 2, 2]) + "\n", data: [0, 1, 2, 3])
        try folder.write(labels, to: "l.npy")
        try folder.write(Self.floats([1, 3, 1, 1], [0.5, 0.25, 0.25]), to: "p.npy")
        let paths = labelsComeLast ? ["p.npy", "l.npy"] : ["l.npy", "p.npy"]
        let run = try PipedCommand(["inspect"] + paths, folder: folder)
        #expect(run.text.contains("hint: pass --upsample: predictions are 1 x 1, labels 2 x 2\n"))
        #expect(run.text.contains("hint: pass --reduce-zero-label if 0 marks void pixels"))
        let alone = try PipedCommand(["inspect", "l.npy"], folder: folder)
        #expect(!alone.text.contains("hint"))
    }

    @Test("key, dtype, order, shape, sizes, extremes and counts are listed")
    func facts() throws {
        let folder = try TemporaryFolder()
        let halves = npy(header: npyDict(">f2", [2, 1], fortran: true) + "\n", data: [0x3C, 0, 0xC0, 0])
        let members = [
            ZipMember("y.npy", PipedData.labels, method: 8), ZipMember("h.npy", halves), ZipMember("notes.txt", [65]),
        ]
        try folder.write(ZipBuilder(members).bytes, to: "d.npz")
        let found = try arrays(["d.npz"], folder: folder)
        try #require(found.count == 2)
        #expect(found[0]["key"] as? String == "y" && found[0]["compression"] as? String == "deflated")
        #expect(found[0]["shape"] as? [Int] == [2, 2, 2] && found[0]["bytes"] as? Int == 8)
        #expect(found[0]["min"] as? Int == 0 && found[0]["max"] as? Int == 1)
        let values = found[0]["values"] as? [[String: Int]]
        #expect(values == [["value": 0, "count": 3], ["value": 1, "count": 5]])
        // 0x3C00 is 1 and 0xC000 is -2 as binary16.
        #expect(found[1]["descr"] as? String == ">f2" && found[1]["fortran_order"] as? Bool == true)
        #expect(found[1]["min"] as? Double == -2 && found[1]["max"] as? Double == 1)
        #expect(found[1]["compression"] as? String == "stored")
    }

    @Test("headers alone are read where asked")
    func headersOnly() throws {
        let folder = try TemporaryFolder()
        try folder.write(PipedData.labels, to: "a.npy")
        let array = try #require(try arrays(["a.npy"], folder: folder, options: ["--headers-only"]).first)
        #expect(array["min"] is NSNull && array["values"] is NSNull && array["dtype"] as? String == "uint8")
    }

    @Test("text for people names file, array and values")
    func text() throws {
        let folder = try TemporaryFolder()
        try folder.write(PipedData.labels, to: "a.npy")
        let run = try PipedCommand(["inspect", "a.npy", "-"], input: PipedData.probabilities, folder: folder)
        #expect(run.status == 0 && run.errors.isEmpty)
        for fact in ["a.npy", "uint8", "(2, 2, 2)", "62.50 %", "standard input", "float32"] {
            #expect(run.text.contains(fact))
        }
    }

    @Test("what can be read is listed beside what cannot, and the first fault is told")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let members = [ZipMember("good.npy", PipedData.labels), ZipMember("bad.npy", PipedData.labels).with(\.crc, 1)]
        try folder.write(ZipBuilder(members).bytes, to: "d.npz")
        let run = try PipedCommand(["inspect", "d.npz", "missing.npy"], folder: folder)
        #expect(run.status == 2 && run.text.contains("good: labels") && run.text.contains("bad: damaged"))
        #expect(run.errors.hasPrefix("masklint: error: d.npz[bad.npy]") && run.errors.contains("1 more"))
    }

    @Test("an array of strings in an archive is no fault")
    func foreign() throws {
        let folder = try TemporaryFolder()
        let names = npy(header: npyDict("<U4", [1]) + "\n", data: [UInt8](repeating: 0, count: 16))
        try folder.write(
            ZipBuilder([ZipMember("names.npy", names), ZipMember("y.npy", PipedData.labels)]).bytes, to: "d.npz")
        let run = try PipedCommand(["inspect", "d.npz"], folder: folder)
        #expect(run.status == 0 && run.text.contains("names: not for masklint"))
    }
}
