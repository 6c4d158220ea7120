/// The rule by which pixels become issues. The raw values are cleanlab's `filter_by` names, but for `calibrated`, which
/// cleanlab lacks.
public enum FilterRule: String, CaseIterable, Sendable {
    case lowSelfConfidence = "low_self_confidence"
    case confidentLearning = "confident_learning"
    case predictedNeqGiven = "predicted_neq_given"
    case lowNormalizedMargin = "low_normalized_margin"
    case pruneByClass = "prune_by_class"
    case pruneByNoiseRate = "prune_by_noise_rate"
    case both
    /// By how often labels go with predictions in the data, region by region.
    case calibrated
}

extension FilterRule {
    /// Whether the rule takes its numbers from the confident joint, for which probabilities are read again.
    public var needsJoint: Bool {
        self == .pruneByClass || self == .pruneByNoiseRate || self == .both
    }

    /// Whether the rule looks at all K probabilities of contested pixels once the thresholds are known.
    public var needsVectors: Bool {
        self == .confidentLearning || self == .lowNormalizedMargin
    }
}
