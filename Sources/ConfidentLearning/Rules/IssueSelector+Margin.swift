/// The rules that compare a pixel's given label with its predicted label, and with no other class.
extension IssueSelector {
    /// Calls `body` for each contested pixel whose predicted label leads clearly, in pixel order. These are the issues
    /// of `predicted_neq_given`.
    public func clearlyContested(
        in record: CandidateRecord, _ body: (_ pixel: Int, _ given: Int, _ predicted: Int) -> Void
    ) {
        record.forEachContestedCandidate { pixel, number, own in
            let given = Int(record.given[number])
            let predicted = Int(record.predicted[number])
            if Self.isClear(
                own: own, predictedConfidence: record.predictedConfidence[number], given: given, predicted: predicted)
            {
                body(pixel, given, predicted)
            }
        }
    }

    /// How many pixels `low_normalized_margin` takes of a record: those that are clearly contested and confident in a
    /// class other than the given one. The parameters are those of `confidentLearningIssues`.
    ///
    /// - Returns: cleanlab's `num_label_issues`, by `off_diagonal`.
    public func offDiagonalCount<E: Error>(
        in record: CandidateRecord, highestSum: Double,
        vector: (_ pixel: Int, _ number: Int, _ values: inout [Double]) throws(E) -> Void
    ) throws(E) -> Int {
        var values = [Double](repeating: 0, count: confidentFrom.count)
        let lowest = confidentFrom.min() ?? .infinity
        var count = 0
        try record.forEachContestedCandidate { pixel, number, own throws(E) in
            let given = Int(record.given[number])
            let predicted = Int(record.predicted[number])
            let top = record.predictedConfidence[number]
            guard Self.isClear(own: own, predictedConfidence: top, given: given, predicted: predicted) else { return }
            if top >= confidentFrom[predicted] {
                count += 1
                return
            }
            guard min(top, highestSum - top) >= lowest else { return }
            try vector(pixel, number, &values)
            let isConfident = values.indices.contains { $0 != given && values[$0] >= confidentFrom[$0] }
            count += isConfident ? 1 : 0
        }
        return count
    }

    /// Calls `body` with the normalized margin of each contested pixel, in pixel order. The margin is
    /// (p[given] - p[predicted] + 1) / 2, in the order of operations in which cleanlab rounds it.
    ///
    /// Uncontested pixels are left out because the cut-off never lies at one: at least as many contested pixels as are
    /// to be taken have a lower margin.
    /// **Source.** cleanlab `rank.py`, `get_normalized_margin_for_each_label`.
    public func normalizedMargins(
        in record: CandidateRecord, _ body: (_ pixel: Int, _ margin: Double, _ given: Int, _ predicted: Int) -> Void
    ) {
        record.forEachContestedCandidate { pixel, number, own in
            body(
                pixel, (own - record.predictedConfidence[number] + 1) / 2, Int(record.given[number]),
                Int(record.predicted[number]))
        }
    }

    /// The contested pixels of a record whose bit in `taken` is set.
    public func issues(in record: CandidateRecord, taken: [UInt64]) -> FlaggedPixels { record.flagged(taken) }

    /// Calls `body` for each of them, in pixel order.
    public func issues(
        in record: CandidateRecord, taken: [UInt64], _ body: (_ pixel: Int, _ given: Int, _ predicted: Int) -> Void
    ) {
        record.flagged(taken).forEachIssue(body)
    }
}

extension CandidateRecord {
    /// Calls `body` with the position, running number and self-confidence of each contested pixel, in pixel order.
    public func forEachContestedCandidate<E: Error>(
        _ body: (_ pixel: Int, _ number: Int, _ own: Double) throws(E) -> Void
    ) throws(E) {
        var number = 0
        var before = 0
        for word in contestedBits.indices {
            let candidates = candidateBits[word]
            var rest = contestedBits[word]
            while rest != 0 {
                let bit = rest & (0 &- rest)
                let candidate = before + (candidates & (bit - 1)).nonzeroBitCount
                try body(word * 64 + rest.trailingZeroBitCount, number, selfConfidence[candidate])
                number += 1
                rest ^= bit
            }
            before += candidates.nonzeroBitCount
        }
    }
}
