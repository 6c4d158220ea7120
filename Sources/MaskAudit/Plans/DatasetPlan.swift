/// The axis order of predicted probabilities.
public enum ProbabilityLayout: String, CaseIterable, Sendable {
    /// Classes first: (N,K,H,W), or (K,H,W) for one image.
    case nchw
    /// Channels last: (N,H,W,K), or (H,W,K).
    case nhwc
}

/// What the values in `pred_probs` are.
public enum ProbabilityForm: Sendable, Equatable {
    /// Softmax output: non-negative, sums over classes within 0.01 of 1.
    case probabilities
    /// Softmax is still to be taken.
    case logits
    /// Non-negative scores up to 65,504, used as they are.
    case unnormalized
    /// One foreground probability per pixel: classes 0 and 1 from p.
    case binary
    /// One foreground logit per pixel: classes 0 and 1 from its sigmoid.
    case binaryLogits
}

/// How probabilities that are smaller than their labels are enlarged, in PyTorch's words.
public enum Upsampling: String, Sendable {
    /// `interpolate(mode="bilinear", align_corners=False)`: pixels are areas.
    case areas
    /// `interpolate(mode="bilinear", align_corners=True)`: the first and last pixels of both sizes lie on each other.
    case corners
}

/// Where one kind of array comes from: files, folders or archives in a row, and the key inside archives.
public struct InputSelection: Sendable, Equatable {
    public var paths: [String]
    public var key: String?

    public init(paths: [String], key: String? = nil) {
        self.paths = paths
        self.key = key
    }
}

/// What a label value is replaced by.
public enum LabelTarget: Sendable, Equatable, ExpressibleByIntegerLiteral {
    case label(Int)
    /// The pixels take no part in anything.
    case ignored

    public init(integerLiteral value: Int) { self = .label(value) }
}

/// Which arrays make up a dataset, and how their values are to be read.
public struct DatasetPlan: Sendable {
    public var labels: InputSelection
    public var predProbs: InputSelection
    public var ignoredLabels: [Int] = []
    /// Replacements of label values. `LabelMapping` says in which order this and the next two apply.
    public var labelMap: [Int: LabelTarget] = [:]
    /// The divisor of panoptic ids, which are class x divisor + instance; 1 for labels that are classes.
    public var labelDivisor = 1
    /// Label 0 is ignored, and the others stand for the class one below.
    public var reducesZeroLabel = false
    public var oneHot = false
    public var layout = ProbabilityLayout.nchw
    public var form = ProbabilityForm.probabilities
    /// How probabilities of another size than their labels become as large; nil where sizes have to be equal.
    public var upsampling: Upsampling?
    /// With a foreground form, the class that is the foreground: that plane of pred_probs, and that class of the labels.
    public var channel: Int?
    /// Elements are two bytes without a type of their own and hold bfloat16.
    public var isBFloat16 = false
    /// Pixels whose probabilities are all 0 are ignored.
    public var ignoresUnpredicted = false
    /// Whether images are volumes: (D,H,W) in place of (H,W).
    public var volumes = false
    public var classNamesFile: String?

    public init(labels: InputSelection, predProbs: InputSelection) {
        self.labels = labels
        self.predProbs = predProbs
    }

    /// Whether one foreground value stands for the probabilities of two classes.
    var isBinary: Bool { form == .binary || form == .binaryLogits }

    /// Whether a label's number is its class, with no option that says otherwise.
    var numbersLabelsAsStored: Bool { labelMap.isEmpty && labelDivisor == 1 && !reducesZeroLabel && !oneHot }

    /// Whether values are used as they are stored: no softmax, no second class made up, no widening, no enlarging.
    var usesStoredValues: Bool {
        (form == .probabilities || form == .unnormalized) && !isBFloat16 && upsampling == nil
    }
}
