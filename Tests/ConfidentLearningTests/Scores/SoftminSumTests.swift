import ConfidentLearning
import Testing

@Suite struct SoftminSumTests {
    private func sum(_ values: [Double], temperature: Double = 0.1) -> SoftminSum {
        var sum = SoftminSum(temperature: temperature)
        sum.add(values.span)
        return sum
    }

    /// With T = 0.5 / ln 2 a pixel that is 0.5 better has half the weight: exp(-0.5 / T) = 1/2.
    private static let halving = 0.7213475204444817

    @Test(
        "scores are weighted by softmax((1 - s) / T), worked by hand",
        arguments: [
            // (1 x 0.2 + 1/2 x 0.7) / (1 + 1/2) = 0.55 / 1.5
            ([0.2, 0.7], 0.55 / 1.5),
            // (1 x 0 + 1/2 x 0.5 + 1/4 x 1) / (1 + 1/2 + 1/4) = 0.5 / 1.75
            ([1.0, 0.0, 0.5], 0.5 / 1.75),
            // equal pixels: their own score
            ([0.3, 0.3, 0.3], 0.3),
            // an ignored pixel has no weight
            ([0.2, .nan, 0.7], 0.55 / 1.5),
        ])
    func byHand(values: [Double], expected: Double) throws {
        let score = try #require(sum(values, temperature: Self.halving).score)
        #expect(abs(score - expected) < 1e-15)
    }

    @Test("an image without a counted pixel has no score", arguments: [[], [Double.nan, .nan]])
    func nothingCounted(values: [Double]) {
        #expect(sum(values).score == nil)
        #expect(sum(values).count == 0)
    }

    @Test("near T = 0 the lowest pixel is the score, with a large T the mean")
    func limits() {
        let values = [0.9, 0.25, 0.5, 0.95]
        #expect(sum(values, temperature: 1e-300).score == 0.25)
        #expect(abs(sum(values, temperature: 1e9).score! - 0.65) < 1e-9)
    }

    @Test("confident pixels keep their weight at a low temperature, where exp((1 - s) / T - 1 / T) would be 0")
    func noUnderflow() {
        #expect(abs(sum([1, 1, 0.9999], temperature: 1e-7).score! - 0.9999) < 1e-12)
    }

    @Test("parts merge to the whole however it is cut", arguments: [1, 2, 7, 50, 99])
    func merging(at cut: Int) {
        // A fixed sequence in 0..<1 by the golden ratio.
        let values = (1...100).map { (Double($0) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) }
        var left = sum(Array(values[..<cut]))
        var right = sum(Array(values[cut...]))
        let whole = sum(values).score!
        let other = left
        left.merge(right)
        right.merge(other)
        #expect(abs(left.score! - whole) < 1e-15)
        #expect(abs(right.score! - whole) < 1e-15)
        #expect(left.count == 100)
    }

    @Test("merging an empty part changes nothing, into an empty one gives the other")
    func emptyParts() {
        let some = sum([0.5, 0.25])
        var left = some
        var right = sum([])
        left.merge(sum([]))
        right.merge(some)
        #expect(left == some)
        #expect(right == some)
    }

    @Test("self-confidence is the value in the plane of the label, NaN where ignored")
    func planes() {
        // Classes 0, 1, 2 of three pixels, after one element that is no part of them.
        let floats: [Float] = [9, 0.5, 0.25, 0.125, 0.375, 0.5, 0.625, 0.125, 0.25, 0.25]
        let tile = PlaneTile(type: .float32, classCount: 3, offset: 1, stride: 3, count: 3)
        let labels: [Int32] = [2, -1, 1]
        var values: [Double] = [7]
        unsafe tile.selfConfidence(of: labels.span, in: floats.span.bytes, into: &values)
        #expect(values[0] == 0.125)
        #expect(values[1].isNaN)
        #expect(values[2] == 0.625)
        #expect(values.count == 3)
    }
}
