extension Span where Element == Double {
    /// The sum in the order in which NumPy adds up an array that lies in one piece: in eight running sums up to 128
    /// numbers, and in two halves beyond. Counts that are rounded to integers afterwards then round as cleanlab's do.
    ///
    /// **Source.** NumPy `loops_utils.h`, `pairwise_sum`, of which only the order of additions is taken.
    var pairwiseSum: Double {
        let block = 128
        let lanes = 8
        if count < lanes {
            var sum = 0.0
            for index in indices { sum += self[index] }
            return sum
        }
        if count > block {
            let half = count / 2 / lanes * lanes
            return extracting(..<half).pairwiseSum + extracting(half...).pairwiseSum
        }
        var sums = SIMD8<Double>()
        let whole = count / lanes * lanes
        for start in stride(from: 0, to: whole, by: lanes) {
            for lane in 0..<lanes { sums[lane] += self[start + lane] }
        }
        var sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
        for index in whole..<count { sum += self[index] }
        return sum
    }
}
