internal import CPixelKernels

extension CandidateRecord {
    /// The pixels that a cut-off takes, one bit per pixel as in `candidateBits`.
    ///
    /// - Parameter ties: how many of the pixels that are equal to the cut-off are taken, the first ones.
    func taken(by cutoff: SelfConfidenceCutoff, ties: Int) -> [UInt64] {
        precondition(
            candidateBits.bitCount == candidateCount, "values of another record")
        let words = candidateBits.count
        return unsafe [UInt64](capacity: words) { target in
            func take(_ values: UnsafeRawPointer?) {
                guard let values = unsafe values else {
                    // No candidates, so nothing is taken.
                    unsafe target.initialize(repeating: 0, count: words)
                    return
                }
                unsafe mlk_take(candidateBits, words, values, candidateCount, isWide, cutoff.value, ties, target)
            }
            if isWide {
                unsafe selfConfidence.wide.withUnsafeBytes { unsafe take($0.baseAddress) }
            } else {
                unsafe selfConfidence.narrow.withUnsafeBytes { unsafe take($0.baseAddress) }
            }
            return words
        }
    }
}
