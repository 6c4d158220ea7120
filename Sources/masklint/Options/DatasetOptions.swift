import ArgumentParser
import ConfidentLearning
import MaskAudit

/// The options that say what the dataset is, spelled alike in every command.
struct DatasetOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .customLong("labels")], parsing: .upToNextOption,
        help: ArgumentHelp(
            "Given labels: .npy or .npz files in a row, or a folder with one .npy an image; (N,H,W), or (H,W) an image.",
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
            "Replaces a label value before everything else, such as 255=1. Repeatable.", valueName: "from=to"))
    var mapLabel: [LabelReplacement] = []

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

    @Option(
        help: ArgumentHelp("File with one class name a line, class 0 first.", valueName: "file"),
        completion: .file(extensions: ["txt"]))
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

    /// These options as values.
    var plan: DatasetPlan {
        var plan = DatasetPlan(
            labels: InputSelection(paths: labels, key: labelsKey),
            predProbs: InputSelection(paths: predProbs, key: predProbsKey))
        plan.ignoredLabels = ignoreLabel
        plan.labelMap = Dictionary(uniqueKeysWithValues: mapLabel.map { ($0.from, $0.to) })
        plan.oneHot = oneHot
        plan.layout = layout
        plan.form = form
        if upsample { plan.upsampling = alignCorners ? .corners : .areas }
        plan.classNamesFile = classNames
        return plan
    }
}

/// `FROM=TO` of `--map-label`.
struct LabelReplacement: ExpressibleByArgument {
    var from: Int
    var to: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let from = Int(parts[0]), let to = Int(parts[1]) else { return nil }
        self.from = from
        self.to = to
    }
}
