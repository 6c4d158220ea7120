import TestSupport
import Testing

@testable import ConfidentLearning

extension ThresholdAccumulator {
    /// One pixel by the formula: units of 2^-40, rounded to nearest, half to even.
    fileprivate mutating func add(_ selfConfidence: Double, label: Int) {
        let units = UInt64((selfConfidence * 0x1p40).rounded(.toNearestOrEven))
        let (low, carried) = sumWords[2 * label].addingReportingOverflow(units)
        sumWords[2 * label] = low
        sumWords[2 * label + 1] += carried ? 1 : 0
        countWords[label] += 1
    }
}

@Suite struct AccumulatorTests {
    static func parts(_ count: Int, seed: UInt64) -> [ThresholdAccumulator] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { _ in
            var part = ThresholdAccumulator(classCount: 4)
            for _ in 0..<random.below(50) { part.add(random.unit(), label: random.below(4)) }
            return part
        }
    }

    static func merged(_ parts: [ThresholdAccumulator]) -> ThresholdAccumulator {
        parts.reduce(into: ThresholdAccumulator(classCount: 4)) { $0.merge($1) }
    }

    @Test("parts give the same bits in any order and grouping", arguments: [1, 2, 3, 4, 5])
    func anyOrder(seed: UInt64) {
        var parts = Self.parts(20, seed: seed)
        let straight = Self.merged(parts)
        var random = SplitMix(seed: seed + 100)
        for _ in 0..<10 {
            parts.shuffle(using: &random)
            let cut = random.below(parts.count + 1)
            let grouped = Self.merged([Self.merged(Array(parts[..<cut])), Self.merged(Array(parts[cut...]))])
            #expect(grouped == straight)
            #expect(grouped.thresholds() == straight.thresholds())
        }
    }

    @Test("a sum is exact in units of 2^-40 and carries into its second word")
    func carries() {
        // 65,504 x 2^40 is below 2^56; 2^9 of them pass 2^64.
        let planes = Planes(.float64, classCount: 1, count: 600) { _, _ in 65_504 }
        let sum = scan(planes, labels: Array(repeating: 0, count: 600), check: .unnormalized).totals
        #expect(sum.sums[0] == UInt128(600 * 65_504) << 40)
        var twice = sum
        twice.merge(sum)
        #expect(twice.sums[0] == UInt128(1200 * 65_504) << 40)
        #expect(twice.thresholds().values == [65_504])
    }

    @Test(
        "each value is rounded to the nearest 2^-40, halves to even",
        arguments: [
            (0x1p-40, 1), (0x1p-41, 0), (0x1.8p-40, 2), (0x1.4p-39, 2), (0x1p-42, 0), (1, 1 << 40), (0, 0),
            (65_504, 65_504 << 40),
        ])
    func rounding(value: Double, units: UInt128) {
        let planes = Planes(.float64, classCount: 1, count: 1) { _, _ in value }
        for path in KernelPath.available {
            let scanned = scan(planes, labels: [0], check: .unnormalized, path: path)
            #expect(scanned.totals.sums[0] == units)
        }
    }

    @Test(
        "a scanner's sums are those of its pixels added one by one",
        arguments: [
            PlaneType.float16, .float32, .float64,
        ])
    func scanned(type: PlaneType) {
        var random = SplitMix(seed: 3)
        let count = 300
        let classCount = 4
        let values = (0..<count).map { _ in
            let rest = random.unit()
            return [rest / 2, rest / 2, (1 - rest) / 4, (1 - rest) * 3 / 4]
        }
        let labels = KernelTests.labels(classCount, count, &random)
        let planes = Planes(type, classCount: classCount, count: count) { values[$1][$0] }
        var expected = ThresholdAccumulator(classCount: classCount)
        for (pixel, label) in labels.enumerated() where label >= 0 {
            let stored = unsafe planes.tile.vector(pixel: pixel, in: planes.bytes.span.bytes)[Int(label)]
            expected.add(stored, label: Int(label))
        }
        #expect(scan(planes, labels: labels).totals == expected)
    }
}
