import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct ConfidentJointTests {
    struct Rounding: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var values: [Double]
        var expected: [Int]
    }

    // By hand: round half to even, then change the values that were rounded furthest the other way.
    static let roundings = [
        Rounding(testDescription: "whole numbers stay", values: [3, 0, 7], expected: [3, 0, 7]),
        Rounding(testDescription: "the sum is right already", values: [1.4, 2.6], expected: [1, 3]),
        Rounding(
            testDescription: "one too few: the largest remainder goes up", values: [1.4, 2.3, 3.3], expected: [2, 2, 3]),
        Rounding(
            testDescription: "one too many: the smallest remainder goes down", values: [0.6, 0.7, 0.7],
            expected: [0, 1, 1]),
        Rounding(testDescription: "equal remainders: the last goes up", values: [2.5, 2.5], expected: [2, 3]),
        Rounding(
            testDescription: "equal remainders: the first goes down", values: [1.5, 1.5, 1], expected: [1, 2, 1]),
        Rounding(testDescription: "a sum that rounds to even", values: [0.25, 0.25], expected: [0, 0]),
    ]

    @Test("rounding keeps the sum", arguments: roundings)
    func rounding(_ row: Rounding) {
        #expect(roundedPreservingSum(row.values) == row.expected)
    }

    @Test("calibration gives each row the pixels of its class")
    func calibration() {
        // Rows 3:1 of 8 pixels and 1:1 (the diagonal is raised from 0) of 6; nothing is labelled 2.
        let joint = ConfidentJoint(classCount: 3, counts: [3, 1, 0, 1, 0, 0, 0, 0, 0])
        #expect(joint.calibrated(classCounts: [8, 6, 0]).counts == [6, 2, 0, 3, 3, 0, 0, 0, 0])
    }

    @Test("a dataset without counted pixels has a joint of zeros")
    func nothingCounted() {
        let joint = ConfidentJoint(classCount: 2, counts: [0, 0, 0, 0])
        #expect(joint.calibrated(classCounts: [0, 0]).counts == [0, 0, 0, 0])
    }

    @Test("one pixel of each class is kept, taken from the other classes in equal parts and cut to whole pixels")
    func keepsOne() {
        // Row 0 has its diagonal. Row 1 lacks one, and has two entries, so that 1 / (2 - 1) is taken from both.
        // Row 2 lacks one of three entries: half is taken from each, and what is left is cut.
        let joint = ConfidentJoint(classCount: 4, counts: [5, 2, 0, 0, 4, 0, 1, 0, 3, 2, 0, 1, 0, 0, 0, 9])
        #expect(joint.keepingOnePerClass.counts == [5, 2, 0, 0, 3, 1, 0, 0, 2, 1, 1, 0, 0, 0, 0, 9])
    }

    @Test("sums differ from adding in order as NumPy's do")
    func pairwiseSum() {
        // numpy.sum of 1 followed by n - 1 times 2**-53, and of n times 0.1, NumPy 2.4.6.
        func tiny(_ count: Int) -> Double { ([1.0] + Array(repeating: 0x1p-53, count: count - 1)).span.pairwiseSum }
        #expect(tiny(7) == 1)
        #expect(tiny(9) == 1.0000000000000009)
        #expect(tiny(1000) == 1.0000000000001095)
        #expect(Array(repeating: 0.1, count: 300).span.pairwiseSum == 29.999999999999996)
    }
}
