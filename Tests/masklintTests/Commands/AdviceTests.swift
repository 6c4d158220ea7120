import Foundation
import TestSupport
import Testing

/// What messages advise, followed: each way that starts from a message ends in the masks of a run that is right.
@Suite struct AdviceTests {
    let command: Command

    /// 3 images of 16 x 20 with 4 classes: cells of 4 x 4 pixels of one class, a tenth of the labels another.
    private static let height = 16
    private static let width = 20
    private static let imageCount = 3
    private static let classCount = 4
    private static let scene: (labels: [Int], probabilities: [Double]) = {
        var random = SplitMix(seed: 1612)
        var labels: [Int] = []
        var probabilities: [Double] = []
        for _ in 0..<imageCount {
            let cells = (0..<20).map { _ in random.below(classCount) }
            let truth = (0..<height * width).map { cells[$0 / width / 4 * 5 + $0 % width / 4] }
            labels += truth.map { random.below(10) == 0 ? random.below(classCount) : $0 }
            let sure = truth.map { _ in 0.55 + 0.4 * random.unit() }
            for label in 0..<classCount {
                probabilities += truth.indices.map { truth[$0] == label ? sure[$0] : (1 - sure[$0]) / 3 }
            }
        }
        return (labels, probabilities)
    }()

    private static let labelShape = [imageCount, height, width]
    private static let probabilityShape = [imageCount, classCount, height, width]
    private static let labels = NumberArray(labelShape, scene.labels)
    private static let probabilities = NumberArray(probabilityShape, scene.probabilities)

    /// Whether a pixel is void in the cases that have void pixels: the first three rows.
    private static func isVoid(_ at: Int) -> Bool { at % (height * width) < 3 * width }

    /// Labels with void pixels as `void` and classes as `number` gives them.
    private static func numbered(void: Int? = nil, _ number: (Int) -> Int = { $0 }) -> NumberArray {
        NumberArray(
            labelShape,
            scene.labels.enumerated().map { at, label in void.flatMap { isVoid(at) ? $0 : nil } ?? number(label) })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var labels = AdviceTests.labels
        var labelType = "|u1"
        var probabilities = AdviceTests.probabilities
        var probabilityType = "<f8"
        /// What the user gives at first.
        var options: [String] = []
        /// Of what the messages offer, in their order: the options whose condition is true of these data.
        var taken: [String]
        /// Options that a message may not name: they lead elsewhere.
        var avoided: [String] = []
        /// Arrays and options of the run that is right.
        var rightLabels = AdviceTests.labels
        var rightProbabilities = AdviceTests.probabilities
        var rightOptions: [String] = []
    }

    static let cases = [
        Case(
            testDescription: "void is 255", labels: numbered(void: 255), taken: ["--ignore-label=255"],
            rightLabels: numbered(void: 255), rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "void is -1", labels: numbered(void: -1), labelType: "|i1", taken: ["--ignore-label=-1"],
            rightLabels: numbered(void: 255), rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "void is -100, the ignored index of PyTorch", labels: numbered(void: -100),
            labelType: "<i2",
            taken: ["--ignore-label=-100"], rightLabels: numbered(void: 255), rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "void is K", labels: numbered(void: 4), taken: ["--ignore-label=4"],
            rightLabels: numbered(void: 255), rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "void is 65535", labels: numbered(void: 65535), labelType: "<u2",
            taken: ["--ignore-label=65535"], rightLabels: numbered(void: 255), rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "classes from 1, void 0", labels: numbered(void: 0) { $0 + 1 },
            taken: ["--reduce-zero-label"], avoided: ["--ignore-label"], rightLabels: numbered(void: 255),
            rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "classes from 1, void 255", labels: numbered(void: 255) { $0 + 1 },
            taken: ["--reduce-zero-label", "--ignore-label=255"], avoided: ["--ignore-label=4"],
            rightLabels: numbered(void: 255), rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "classes from 1 without void", labels: numbered { $0 + 1 }, taken: ["--reduce-zero-label"],
            avoided: ["--ignore-label"]),
        Case(
            testDescription: "class numbers of another table", labels: numbered { [7, 8, 11, 33][$0] },
            taken: ["--map-label 7=0", "--map-label 8=1", "--map-label 11=2", "--map-label 33=3"],
            avoided: ["--ignore-label"]),
        Case(
            testDescription: "logits",
            probabilities: NumberArray(
                probabilityShape, scene.probabilities.map { Foundation.log($0) + 1 }),
            taken: ["--logits"], avoided: ["--unnormalized"]),
        Case(
            testDescription: "one-hot labels", labels: oneHot, taken: ["--one-hot"]),
        Case(
            testDescription: "classes on the last axis", probabilities: probabilities.transposed([0, 2, 3, 1]),
            taken: ["--layout nhwc"]),
        Case(
            testDescription: "panoptic ids", labels: numbered { $0 * 1000 + 17 }, labelType: "<u2",
            taken: ["--label-divisor 1000"], avoided: ["--ignore-label"]),
        Case(
            testDescription: "pixels without a prediction",
            probabilities: NumberArray(
                probabilityShape, scene.probabilities.enumerated().map { isVoid($0.offset) ? 0 : $0.element }),
            taken: ["--ignore-unpredicted"], avoided: ["--unnormalized"], rightLabels: numbered(void: 255),
            rightOptions: ["--ignore-label=255"]),
        Case(
            testDescription: "bfloat16 as integers of two bytes",
            probabilities: NumberArray(probabilityShape, scene.probabilities.map { Double(bfloat16($0)) }),
            probabilityType: "<u2", taken: ["--bfloat16"],
            rightProbabilities: NumberArray(
                probabilityShape,
                scene.probabilities.map { Double(Float(bitPattern: UInt32(bfloat16($0)) << 16)) })),
        Case(
            testDescription: "sigmoid output of one class", labels: foreground(1), probabilities: foregroundPlane,
            taken: ["--binary"], avoided: ["--unnormalized", "--logits"], rightLabels: foreground(1),
            rightProbabilities: twoPlanes),
        Case(
            testDescription: "sigmoid output without an axis of classes", labels: foreground(1),
            probabilities: NumberArray(labelShape, foregroundPlane.values), taken: ["--binary"],
            avoided: ["--unnormalized", "--logits"], rightLabels: foreground(1), rightProbabilities: twoPlanes),
        Case(
            testDescription: "sigmoid output, masks of 0 and 255", labels: foreground(255),
            probabilities: foregroundPlane, taken: ["--binary", "--map-label 255=1"],
            avoided: ["--unnormalized", "--logits"], rightLabels: foreground(1), rightProbabilities: twoPlanes),
    ]

    private static let oneHot = NumberArray(
        probabilityShape,
        (0..<classCount * scene.labels.count).map { (at: Int) -> Double in
            let plane = height * width
            let label = scene.labels[at / (classCount * plane) * plane + at % plane]
            return label == at / plane % classCount ? 1 : 0
        })

    /// Class 1 as the foreground, with `value` for it and 0 elsewhere.
    private static func foreground(_ value: Int) -> NumberArray {
        NumberArray(labelShape, scene.labels.map { $0 == 1 ? value : 0 })
    }

    /// The probability of class 1 at every pixel, (N,1,H,W).
    private static let foregroundPlane = NumberArray(
        [imageCount, 1, height, width],
        scene.labels.indices.map { at in
            let plane = height * width
            return scene.probabilities[(at / plane * classCount + 1) * plane + at % plane]
        })

    /// 1 - p and p, (N,2,H,W).
    private static let twoPlanes = NumberArray(
        [imageCount, 2, height, width],
        (0..<2 * scene.labels.count).map { (at: Int) -> Double in
            let plane = height * width
            let own = foregroundPlane.values[at / (2 * plane) * plane + at % plane]
            return at / plane % 2 == 1 ? own : 1 - own
        })

    /// The upper half of a float32's bits.
    private static func bfloat16(_ value: Double) -> UInt16 { UInt16(Float(value).bitPattern >> 16) }

    init() throws { command = try Command() }

    private func find(_ options: [String], output: String) throws -> CommandRun {
        try TestSupport.run(
            program, ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", output, "-q"] + options,
            folder: command.folder.path)
    }

    @Test("what the messages advise leads to the right masks", arguments: cases)
    func followed(row: Case) throws {
        try command.folder.write(row.rightLabels.npy("|u1"), to: "labels.npy")
        try command.folder.write(row.rightProbabilities.npy("<f8"), to: "pred_probs.npy")
        let right = try find(row.rightOptions, output: "right.npz")
        #expect(right.status == 0, "\(right.errors)")
        try command.folder.write(row.labels.npy(row.labelType), to: "labels.npy")
        try command.folder.write(row.probabilities.npy(row.probabilityType), to: "pred_probs.npy")
        var options = row.options
        var left = row.taken
        // A message may ask for one option after another.
        for _ in 0...row.taken.count {
            let run = try find(options, output: "advised.npz")
            if run.status == 0 { break }
            #expect(run.status == 2)
            for avoided in row.avoided { #expect(!run.errors.contains(avoided), "\(run.errors)") }
            let offered = left.filter { Self.offers(run.errors, $0) }
            guard !offered.isEmpty else {
                Issue.record("not advised: \(left); \(run.errors)")
                return
            }
            options += offered.flatMap { $0.split(separator: " ").map(String.init) }
            left.removeAll { offered.contains($0) }
        }
        #expect(left == [], "advice that was not needed")
        #expect(
            try command.folder.array("label_issues", in: "advised.npz")
                == command.folder.array("label_issues", in: "right.npz"))
    }

    /// Whether a message names the option; `VALUE=CLASS` stands for any pair of numbers.
    private static func offers(_ message: String, _ option: String) -> Bool {
        message.contains(option) || option.hasPrefix("--map-label ") && message.contains("--map-label VALUE=CLASS")
    }
}
