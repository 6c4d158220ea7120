/// How pixels are chosen as issues; the raw values are cleanlab's `filter_by` names.
public enum FilterRule: String, CaseIterable, Sendable {
    case lowSelfConfidence = "low_self_confidence"
    case confidentLearning = "confident_learning"
}
