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

/// Which arrays make up a dataset, and how their values are to be read.
public struct DatasetPlan: Sendable {
    public var labels: InputSelection
    public var predProbs: InputSelection
    public var ignoredLabels: [Int] = []
    /// Replacements of label values, applied before everything else.
    public var labelMap: [Int: Int] = [:]
    public var oneHot = false
    public var layout = ProbabilityLayout.nchw
    public var form = ProbabilityForm.probabilities
    /// How probabilities of another size than their labels become as large; nil where sizes have to be equal.
    public var upsampling: Upsampling?
    public var classNamesFile: String?

    public init(labels: InputSelection, predProbs: InputSelection) {
        self.labels = labels
        self.predProbs = predProbs
    }
}
