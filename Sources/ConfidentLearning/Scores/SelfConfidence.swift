extension PlaneTile {
    /// Replaces `values` by the self-confidence of each pixel: the probability of its given label, widened.
    ///
    /// **Shapes.** `labels` (count,): below K, or negative for an ignored pixel.
    /// **Edge cases.** An ignored pixel gives NaN.
    public func selfConfidence(of labels: Span<Int32>, in bytes: RawSpan, into values: inout [Double]) {
        check(in: bytes)
        precondition(labels.count == count, "tile and labels disagree")
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(count)
        for pixel in 0..<count {
            let label = labels[pixel]
            precondition(label < classCount, "a label that is no class")
            values.append(label < 0 ? .nan : value(classIndex: Int(label), pixel: pixel, in: bytes))
        }
    }
}
