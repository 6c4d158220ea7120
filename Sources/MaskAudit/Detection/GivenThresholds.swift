import ConfidentLearning

/// Whose thresholds a run judges by: those of its own data, or given ones.
public struct ThresholdSource: Sendable {
    /// What is given for a dataset; nil for its own thresholds.
    let given: @Sendable (AuditPlan, Dataset) throws(AuditError) -> GivenThresholds?

    /// The thresholds of the data that are judged.
    public static let data = ThresholdSource { _, _ throws(AuditError) in nil }
}

/// Thresholds that do not come from the data that are judged by them.
struct GivenThresholds: Sendable {
    /// How the cut-off of `low_self_confidence` is found.
    enum Cutoff: Sendable {
        /// The cut-off is found from the data that are audited.
        case ofData
        /// There is none: no pixel is taken.
        case none
        /// It is known, with how many of the pixels equal to it these data contribute.
        case given(SelfConfidenceCutoff)
    }

    /// The counts of the dataset that the thresholds come from.
    struct Counts: Sendable {
        var cells: CellCounts
        /// Of that dataset.
        var imageCount: Int
        /// Whether the data are part of it, so that their images are in the counts.
        var holdsData: Bool
    }

    var thresholds: ConfidentThresholds
    var cutoff: Cutoff
    /// What `calibrated` judges by; nil for other rules.
    var counts: Counts?
    /// The file that gives them.
    var path: String
    /// Which of how many shards of that file's dataset the data are, for people; nil for other data.
    var shardText: String?
}
