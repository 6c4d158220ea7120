public import ConfidentLearning

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
    /// One foreground probability a pixel: classes 0 and 1 from p.
    case binary
    /// One foreground logit a pixel: classes 0 and 1 from its sigmoid.
    case binaryLogits
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

/// A file that is written from the summary, and the option that names it.
public struct SummaryFile: Sendable, Equatable {
    public var path: String
    public var option: String

    public init(path: String, option: String) {
        self.path = path
        self.option = option
    }
}

/// Everything a run is told: the command line, as values.
public struct AuditPlan: Sendable {
    public var labels: InputSelection
    public var predProbs: InputSelection
    /// Path of the .npz, or `-` for standard output; nil writes none.
    public var output: String?

    public var rule = FilterRule.lowSelfConfidence
    public var ignoredLabels: [Int] = []
    /// Replacements of label values, applied before everything else.
    public var labelMap: [Int: Int] = [:]
    public var oneHot = false
    public var layout = ProbabilityLayout.nchw
    public var form = ProbabilityForm.probabilities
    public var downsample = 1
    public var downsampleLabels = BlockLabelMode.mean
    public var classNamesFile: String?
    /// Takes thresholds from this file, and where the data are one of its shards the cut-off.
    public var thresholdsFile: String?
    /// Which of the file's shards the data are, from 1; nil finds it out.
    public var shard: Int?
    /// Records to use in place of labels and probabilities, which then name nothing.
    public var recordsFile: String?
    /// Whether records are to be of use when the probabilities are gone.
    public var keepsRecords = false

    /// Whether the confident joint is computed whatever the rule.
    public var joint = false
    /// Leaves only issues whose given or suggested label is this class.
    public var onlyClass: Int?
    /// Classes whose suggestions the summary's swaps leave out.
    public var excludedSuggestions: [Int] = []
    /// What the outcome is held against.
    public var gates = GatePlan()
    /// Files that were read for the plan itself, which no output may replace.
    public var planFiles: [String] = []
    /// Files that are written from the summary, checked as the output is.
    public var summaryFiles: [SummaryFile] = []
    /// A table of the regions that issues form, written beside the masks.
    public var regionsFile: String?
    /// Swaps that the summary lists.
    public var listedSwapCount = 10
    /// Whether the output holds `suggested_labels`.
    public var suggest = false
    /// Whether the output's members are stored instead of deflated.
    public var store = false
    public var threads = 1
    /// Bytes of candidate records held in memory; more go to an unlinked temporary file.
    public var memoryLimitBytes = 24 << 20

    public init(labels: InputSelection, predProbs: InputSelection, output: String?) {
        self.labels = labels
        self.predProbs = predProbs
        self.output = output
    }
}

extension AuditPlan {
    /// Whether probabilities are read again for the confident joint.
    public var needsJoint: Bool { joint || rule.needsJoint }

    /// Passes of a usual run.
    public var passCount: Int { (rule.needsJoint ? 6 : joint ? 3 : 2) + (regionsFile == nil ? 0 : 1) }
}
