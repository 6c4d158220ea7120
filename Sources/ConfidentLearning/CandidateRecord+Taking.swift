internal import CPixelKernels

extension CandidateRecord {
    /// Position of each candidate that a cut-off takes, in pixel order, and its number among the contested pixels, or
    /// `UInt32.max` where it is not contested.
    func taken(
        by cutoff: SelfConfidenceCutoff, ties: Int, contestedOnly: Bool
    ) -> (positions: [UInt32], numbers: [UInt32]) {
        precondition(contestedBits.count == candidateBits.count, "bits of another record")
        let capacity = candidateCount
        precondition(candidateBits.reduce(0) { $0 + $1.nonzeroBitCount } == capacity, "values of another record")
        var numbers: [UInt32] = []
        let positions = unsafe [UInt32](unsafeUninitializedCapacity: capacity) { positions, count in
            unsafe numbers = [UInt32](unsafeUninitializedCapacity: capacity) { numbers, numberCount in
                func take(_ values: UnsafeRawPointer?) {
                    guard let values = unsafe values, let positions = positions.baseAddress,
                        let numbers = numbers.baseAddress
                    else { return }
                    count = unsafe mlk_take(
                        candidateBits, contestedBits, candidateBits.count, values, isWide, cutoff.value, ties,
                        contestedOnly, positions, numbers)
                }
                if isWide {
                    unsafe selfConfidence.wide.withUnsafeBytes { unsafe take($0.baseAddress) }
                } else {
                    unsafe selfConfidence.narrow.withUnsafeBytes { unsafe take($0.baseAddress) }
                }
                numberCount = count
            }
        }
        return (positions, numbers)
    }
}
