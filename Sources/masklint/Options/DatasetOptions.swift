import ArgumentParser
import ConfidentLearning
import MaskAudit

/// The options that say what the dataset is, spelled alike in every command.
struct DatasetOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .customLong("labels")], parsing: .upToNextOption,
        help: ArgumentHelp(
            "Given labels: .npy or .npz files in a row, or a folder with one file an image; (N,H,W), or (H,W) an image.",
            valueName: "path"),
        completion: .file(extensions: ["npy", "npz"]))
    var labelArguments: [ArgumentList] = []

    @Option(
        name: [.customShort("p"), .customLong("pred-probs")], parsing: .upToNextOption,
        help: ArgumentHelp(
            "Predicted probabilities, likewise; (N,K,H,W), or (K,H,W) an image; - reads one .npy from standard input.",
            valueName: "path"),
        completion: .file(extensions: ["npy", "npz"]))
    var predProbsArguments: [ArgumentList] = []

    @Option(help: ArgumentHelp("The array to read from a labels archive.", valueName: "key"))
    var labelsKey: String?

    @Option(help: ArgumentHelp("The array to read from a pred_probs archive.", valueName: "key"))
    var predProbsKey: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A label that marks void pixels, such as 255 or -1; they take no part in anything. Repeatable.",
            valueName: "value"))
    var ignoreLabel: [Int] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Replaces a label value, such as 255=1, or leaves it out, as in 7=ignore. Repeatable.",
            valueName: "from=to"))
    var mapLabel: [LabelReplacement] = []

    @Option(
        help: ArgumentHelp(
            "Table of such replacements: a CSV of lines from,to, or a JSON object.", valueName: "file"),
        completion: .file(extensions: ["csv", "json"]))
    var mapLabels: String?

    @Option(
        help: ArgumentHelp(
            "For panoptic ids, such as 1000: the class is the label divided by it, rounded down.", valueName: "n"))
    var labelDivisor = 1

    @Flag(help: "Label 0 is ignored, and the others stand for the class one below.")
    var reduceZeroLabel = false

    @Flag(help: "Pixels whose probabilities are all 0 have no prediction: they are left out.")
    var ignoreUnpredicted = false

    @Flag(help: "Labels are one-hot: (N,K,H,W), exactly one 1 a pixel.")
    var oneHot = false

    @Option(help: "Axis order of pred_probs and of one-hot labels.")
    var layout = ProbabilityLayout.nchw

    @Flag(help: "pred_probs are logits: softmax is taken first.")
    var logits = false

    @Flag(help: "pred_probs are non-negative scores up to 65504 that need not sum to 1.")
    var unnormalized = false

    @Flag(help: "pred_probs hold one foreground probability a pixel, for classes 0 and 1.")
    var binary = false

    @Flag(help: "pred_probs may be smaller than labels: they are enlarged bilinearly, logits before the softmax.")
    var upsample = false

    @Flag(help: "With --upsample: as PyTorch's interpolate(align_corners=True).")
    var alignCorners = false

    @Flag(help: "Images are volumes: labels (N,D,H,W) or (D,H,W), pred_probs (N,K,D,H,W) or (K,D,H,W).")
    var volumes = false

    @Option(
        help: ArgumentHelp(
            "With --binary, class K against all others: that plane of pred_probs, that class of the labels.",
            valueName: "k"))
    var channel: Int?

    @Flag(help: "pred_probs hold bfloat16, which NumPy saves as two bytes of type V2.")
    var bfloat16 = false

    @Option(
        help: ArgumentHelp(
            "Class names: one a line, class 0 first, or JSON: a list, id2label, or a model's config.json.",
            valueName: "file"),
        completion: .file(extensions: ["txt", "json"]))
    var classNames: String?

    @Option(
        help: ArgumentHelp(
            "Records that masklint thresholds --keep-records wrote, in place of --labels and --pred-probs.",
            valueName: "file"), completion: .file())
    var records: String?

    func validate() throws {
        if records != nil && !(labels.isEmpty && predProbs.isEmpty) {
            throw ValidationError("--records stands in place of --labels and --pred-probs.")
        }
        if records == nil {
            if labels.isEmpty { throw ValidationError("Missing expected argument '--labels <path> ...'") }
            if predProbs.isEmpty { throw ValidationError("Missing expected argument '--pred-probs <path> ...'") }
        }
        let pipes = (labels + predProbs).filter { $0 == "-" }.count
        if pipes > 1 {
            throw ValidationError("Standard input (-) is one array: name it once, for --labels or for --pred-probs.")
        }
        if pipes == 1 && Terminal.isInputTerminal {
            throw ValidationError("Standard input is a terminal: pipe an .npy into it, or name a file instead of -.")
        }
        if unnormalized && (logits || binary) {
            throw ValidationError("--unnormalized goes neither with --logits nor with --binary.")
        }
        if alignCorners && !upsample { throw ValidationError("--align-corners goes with --upsample.") }
        if volumes && upsample {
            throw ValidationError("--volumes does not go with --upsample: enlarge the predictions before saving them.")
        }
        if let channel {
            if channel < 0 { throw ValidationError("--channel is a class, from 0.") }
            if !binary { throw ValidationError("--channel goes with --binary.") }
        }
        if ignoreUnpredicted && (logits || binary) {
            throw ValidationError("--ignore-unpredicted goes neither with --logits nor with --binary.")
        }
        if !(1...Self.largestDivisor).contains(labelDivisor) {
            throw ValidationError("--label-divisor is from 1 to \(Self.largestDivisor).")
        }
        let sources = mapLabel.map(\.from)
        if Set(sources).count != sources.count { throw ValidationError("--map-label names a value twice.") }
    }

    var labels: [String] { labelArguments.all }
    var predProbs: [String] { predProbsArguments.all }

    var form: ProbabilityForm {
        if binary { return logits ? .binaryLogits : .binary }
        if logits { return .logits }
        return unnormalized ? .unnormalized : .probabilities
    }

    /// What is scanned: the data, or the records that stand in their place.
    var source: ScanSource { records.map { .records($0) } ?? .data }

    /// Throws where records do not serve a command.
    func checkData(for purpose: String) throws {
        if records != nil { throw ValidationError("\(purpose) takes --labels and --pred-probs, not --records.") }
    }

    /// Far more instances than any class has, and so few that ids of all classes fit.
    private static let largestDivisor = 1_000_000_000

    /// These options as values. Reads the table of replacements.
    func plan() throws(AuditError) -> DatasetPlan {
        var plan = DatasetPlan(
            labels: InputSelection(paths: labels, key: labelsKey),
            predProbs: InputSelection(paths: predProbs, key: predProbsKey))
        plan.ignoredLabels = ignoreLabel
        plan.labelMap = Dictionary(uniqueKeysWithValues: mapLabel.map { ($0.from, $0.to) })
        if let mapLabels {
            let table = try LabelMapFile.read(mapLabels)
            if let both = mapLabel.first(where: { table[$0.from] != nil }) {
                throw .input(
                    InputFault(
                        file: printable(mapLabels), finding: "replaces \(both.from), as --map-label does",
                        remedy: "name every label once"))
            }
            plan.labelMap.merge(table) { own, _ in own }
        }
        plan.labelDivisor = labelDivisor
        plan.reducesZeroLabel = reduceZeroLabel
        plan.oneHot = oneHot
        plan.layout = layout
        plan.form = form
        if upsample { plan.upsampling = alignCorners ? .corners : .areas }
        plan.channel = channel
        plan.isBFloat16 = bfloat16
        plan.ignoresUnpredicted = ignoreUnpredicted
        plan.volumes = volumes
        plan.classNamesFile = classNames
        return plan
    }
}

/// `FROM=TO` of `--map-label`.
struct LabelReplacement: ExpressibleByArgument {
    var from: Int
    var to: LabelTarget

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let from = Int(parts[0]), let to = LabelMapFile.target(parts[1]) else { return nil }
        self.from = from
        self.to = to
    }
}
