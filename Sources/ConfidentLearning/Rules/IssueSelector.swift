internal import CPixelKernels

/// Pass 2: which pixels a filter rule flags, and what it suggests for them.
///
/// **Source.** The algorithm is that of Northcutt, Jiang, Chuang 2021. The rules have the names and results of
/// cleanlab's `filter.find_label_issues`, and `low_self_confidence` those of `segmentation.filter.find_label_issues`.
public struct IssueSelector: Sendable {
    public let rule: FilterRule
    let confidentFrom: [Double]

    public init(rule: FilterRule, thresholds: ConfidentThresholds) {
        self.rule = rule
        confidentFrom = thresholds.confidentFrom(rule)
    }

    /// Whether the predicted label of a contested pixel leads clearly: it is still the most probable one after
    /// `ConfidentThresholds.slack` is added to the given label's probability. cleanlab counts such pixels alone as
    /// issues.
    ///
    /// **Source.** cleanlab `count.py`, `_reduce_issues`.
    @inline(__always)
    static func isClear(own: Double, predictedConfidence: Double, given: Int, predicted: Int) -> Bool {
        let raised = own + ConfidentThresholds.slack
        // The lower class wins a tie.
        return raised < predictedConfidence || raised == predictedConfidence && predicted < given
    }

    /// How many contested pixels are confident in their predicted label. Their number over the whole dataset is how
    /// many pixels `low_self_confidence` takes.
    public func confidentContestedCount(in record: CandidateRecord) -> Int {
        func count(_ values: UnsafeRawBufferPointer) -> Int {
            guard let base = values.baseAddress else { return 0 }
            return unsafe mlk_count_confident(
                base, record.isWide, record.predicted, record.contestedCount, confidentFrom)
        }
        precondition(record.predictedConfidence.count == record.contestedCount, "values of another record")
        precondition(record.predicted.reduce(0, max) < max(1, confidentFrom.count), "a class beyond K")
        return record.isWide
            ? unsafe record.predictedConfidence.wide.withUnsafeBytes { unsafe count($0) }
            : unsafe record.predictedConfidence.narrow.withUnsafeBytes { unsafe count($0) }
    }

    /// Calls `body` for each pixel of a record that `low_self_confidence` takes, in pixel order. A contested pixel is
    /// an issue and comes with its given and predicted label.
    ///
    /// - Parameters:
    ///   - tiesTaken: how many of the record's pixels that are equal to the cut-off are taken, the first ones.
    ///   - contestedOnly: leaves out the taken pixels that are not contested.
    public func lowSelfConfidenceTaken(
        in record: CandidateRecord, cutoff: SelfConfidenceCutoff, tiesTaken: Int, contestedOnly: Bool,
        _ body: (_ pixel: Int, _ contested: (given: Int, predicted: Int)?) -> Void
    ) {
        let taken = record.taken(by: cutoff, ties: tiesTaken)
        var before = 0
        for word in taken.indices {
            let contested = record.contestedBits[word]
            var rest = contestedOnly ? taken[word] & contested : taken[word]
            while rest != 0 {
                let bit = rest & (0 &- rest)
                let position = word * 64 + rest.trailingZeroBitCount
                rest ^= bit
                if contested & bit == 0 {
                    body(position, nil)
                } else {
                    let number = before + (contested & (bit - 1)).nonzeroBitCount
                    body(position, (Int(record.given[number]), Int(record.predicted[number])))
                }
            }
            before += contested.nonzeroBitCount
        }
    }

    /// Calls `body` for each issue of a record under `confident_learning`, in pixel order.
    ///
    /// - Parameters:
    ///   - highestSum: the most that the probabilities of a pixel add up to.
    ///   - vector: fills its last argument with the K probabilities of a contested pixel, given its position and
    ///     running number. It is called only where the pixel is not confident in its predicted label and may be in
    ///     another class.
    public func confidentLearningIssues<E: Error>(
        in record: CandidateRecord, highestSum: Double,
        vector: (_ pixel: Int, _ number: Int, _ values: inout [Double]) throws(E) -> Void,
        _ body: (_ pixel: Int, _ given: Int, _ suggested: Int) -> Void
    ) throws(E) {
        var values = [Double](repeating: 0, count: confidentFrom.count)
        let lowest = confidentFrom.min() ?? .infinity
        try record.forEachContested { pixel, number throws(E) in
            let given = Int(record.given[number])
            let predicted = Int(record.predicted[number])
            if record.predictedConfidence[number] >= confidentFrom[predicted] {
                // The predicted label is the most probable class of all, and so of the confident ones.
                body(pixel, given, predicted)
                return
            }
            // No other class has more than the predicted one, nor more than that one leaves of the sum.
            let most = min(
                record.predictedConfidence[number], highestSum - record.predictedConfidence[number])
            guard most >= lowest else { return }
            try vector(pixel, number, &values)
            var best: Int?
            for (classIndex, value) in values.enumerated() where value >= confidentFrom[classIndex] {
                if best.map({ value > values[$0] }) ?? true { best = classIndex }
            }
            if let best, best != given { body(pixel, given, best) }
        }
    }
}

extension CandidateRecord {
    /// The K values of a contested pixel, where class vectors are kept.
    public func vector(number: Int, into values: inout [Double]) {
        let classCount = values.count
        for classIndex in 0..<classCount {
            values[classIndex] = vectors[number * classCount + classIndex]
        }
    }
}

extension IssueSelector {
    /// The contested ones among the pixels that `low_self_confidence` takes.
    ///
    /// - Parameter tiesTaken: how many of the record's pixels that are equal to the cut-off are taken, the first ones.
    public func lowSelfConfidenceIssues(
        in record: CandidateRecord, cutoff: SelfConfidenceCutoff, tiesTaken: Int
    ) -> FlaggedPixels {
        record.flagged(record.taken(by: cutoff, ties: tiesTaken))
    }
}
