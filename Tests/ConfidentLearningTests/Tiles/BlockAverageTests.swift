import ConfidentLearning
import TestSupport
import Testing

@Suite struct BlockAverageTests {
    func labels(
        _ labels: [Int32], width: Int, _ factor: Int, _ mode: BlockLabelMode = .mean, ignored: Set<Int32> = []
    ) -> [Int32] {
        BlockAverage(factor: factor, labelMode: mode, ignoredClasses: ignored).labels(labels.span, width: width)
    }

    @Test(
        "a block's label is the mean, rounded half to even",
        arguments: [
            ([0, 0, 1, 1], 0),  // 0.5
            ([1, 1, 2, 2], 2),  // 1.5
            ([2, 2, 3, 3], 2),  // 2.5
            ([0, 0, 0, 3], 1),  // 0.75
            ([0, 0, 0, 1], 0),  // 0.25
            ([0, 2, 0, 2], 1),  // 1, a class that is not there
            ([65_534, 65_534, 65_534, 65_534], 65_534),
        ] as [([Int32], Int32)])
    func means(block: [Int32], label: Int32) {
        #expect(labels(block, width: 2, 2) == [label])
    }

    @Test(
        "ignored pixels take no part in a mean",
        arguments: [
            ([-1, 3, -1, 2], 2),  // 2.5
            ([-1, 3, 3, 2], 3),  // 8 / 3
            ([-1, -1, -1, 4], 4), ([-1, -1, -1, -1], -1),
        ] as [([Int32], Int32)])
    func ignoredInMeans(block: [Int32], label: Int32) {
        #expect(labels(block, width: 2, 2) == [label])
    }

    @Test("a mean that rounds to an ignored class makes the block ignored")
    func meanIsIgnored() {
        #expect(labels([0, 2, 0, 2], width: 2, 2, ignored: [1]) == [-1])
        #expect(labels([0, 2, 2, 2], width: 2, 2, ignored: [1]) == [2])
    }

    @Test(
        "the majority is the most frequent class, the lowest of equals",
        arguments: [
            ([2, 0, 2, 1], 2), ([3, 3, 1, 1], 1), ([3, 2, 1, 0], 0), ([5, 5, 5, 5], 5), ([-1, 7, -1, 3], 3),
            ([-1, 4, -1, -1], 4), ([-1, -1, -1, -1], -1), ([-1, -1, 2, -1], 2), ([0, 2, 0, 2], 0),
        ] as [([Int32], Int32)])
    func majorities(block: [Int32], label: Int32) {
        #expect(labels(block, width: 2, 2, .majority) == [label])
    }

    @Test("blocks follow rows, then columns")
    func order() {
        // 4 x 6 in blocks of 2: three blocks across, two down.
        let full: [Int32] = [
            0, 0, 1, 1, 2, 2,
            0, 0, 1, 1, 2, 2,
            3, 3, 4, 4, 5, 5,
            3, 3, 4, 4, 5, 5,
        ]
        for mode in BlockLabelMode.allCases { #expect(labels(full, width: 6, 2, mode) == [0, 1, 2, 3, 4, 5]) }
        #expect(labels(full, width: 6, 1) == full)
        #expect(labels([], width: 0, 2) == [])
    }

    func means(_ planes: Planes, rows: Int, width: Int, factor: Int) -> [Double] {
        let count = rows / factor * (width / factor)
        var small = [Double](repeating: 9, count: planes.classCount * count)
        var rowSums: [Double] = []
        let blocks = BlockAverage(factor: factor, labelMode: .mean, ignoredClasses: [])
        unsafe blocks.addUp(
            planes.bytes.span.bytes, type: planes.type, classCount: planes.classCount, offset: planes.offset,
            stride: planes.stride, rows: rows, width: width, into: &small, at: 0, sumStride: count, rowSums: &rowSums)
        blocks.normalize(&small, classCount: planes.classCount, count: count)
        return small
    }

    @Test(
        "probabilities are averaged over blocks, then divided by their sum",
        arguments: [
            PlaneType.float16, .float32, .float64,
        ])
    func probabilities(type: PlaneType) {
        // numpy: p[k,i,j] = ((k + 1) * (i * 4 + j) % 7 + 1) / 16 of shape (3, 4, 4);
        // q = p.reshape(3, 2, 2, 2, 2).mean((4, 2)); q / q.sum(0)
        let planes = Planes(type, classCount: 3, count: 16, gap: 2, offset: 3) { Double(($0 + 1) * $1 % 7 + 1) / 16 }
        let expected = [
            0.3783783783783784, 0.3, 0.3333333333333333, 0.3076923076923077,
            0.2702702702702703, 0.38, 0.3333333333333333, 0.3333333333333333,
            0.35135135135135137, 0.32, 0.3333333333333333, 0.358974358974359,
        ]
        let found = means(planes, rows: 4, width: 4, factor: 2)
        #expect(found.count == expected.count)
        for (value, wanted) in zip(found, expected) { #expect(abs(value - wanted) <= 2e-16) }
    }

    @Test("a block that sums to 0 stays 0")
    func zeros() {
        let planes = Planes(.float32, classCount: 2, count: 8) { $1 % 4 < 2 ? 0 : Double($0) }
        #expect(means(planes, rows: 2, width: 4, factor: 2) == [0, 0, 0, 1])
    }

    @Test("a factor of 3 and a single block cover all of their pixels")
    func otherFactors() {
        let planes = Planes(.float64, classCount: 2, count: 18) { $0 == 0 ? Double($1) : 0 }
        #expect(means(planes, rows: 3, width: 6, factor: 3) == [1, 1, 0, 0])
        #expect(means(planes, rows: 6, width: 3, factor: 3) == [1, 1, 0, 0])
        let quarters = Planes(.float64, classCount: 2, count: 9) { classIndex, _ in classIndex == 0 ? 0.25 : 0.75 }
        #expect(means(quarters, rows: 3, width: 3, factor: 3) == [0.25, 0.75])
    }

    /// Values that differ by powers of ten, so that every other order of adding them up shows.
    static func spread(_ random: inout SplitMix) -> Double {
        Double(random.next() % 1000) * [1e-9, 1e-5, 1e-3, 1, -0.0][Int(random.next() % 5)]
    }

    @Test(
        "blocks are added up down their columns, then from left to right, whatever their size",
        arguments: [PlaneType.float16, .float32, .float64], 1...9)
    func sumOrder(type: PlaneType, factor: Int) {
        var random = SplitMix(seed: UInt64(factor))
        for blocksPerRow in [1, 2, 3, 4, 5, 8, 11, 17] {
            let width = blocksPerRow * factor
            let rows = 2 * factor
            let values = (0..<2 * rows * width).map { _ in Self.spread(&random) }
            let planes = Planes(type, classCount: 2, count: rows * width, gap: 3, offset: 1) {
                values[$0 * rows * width + $1]
            }
            var sums = [Double](repeating: .nan, count: 2 * 2 * blocksPerRow)
            var rowSums: [Double] = []
            unsafe BlockAverage(factor: factor, labelMode: .mean, ignoredClasses: []).addUp(
                planes.bytes.span.bytes, type: type, classCount: 2, offset: 1, stride: planes.stride, rows: rows,
                width: width, into: &sums, at: 0, sumStride: 2 * blocksPerRow, rowSums: &rowSums)
            var wide = [Double](repeating: .nan, count: 2 * rows * width)
            for row in 0..<rows {
                unsafe PlaneLoading.copy(
                    PlaneTile(type: type, classCount: 2, offset: 1 + row * width, stride: planes.stride, count: width),
                    in: planes.bytes.span.bytes, into: &wide, at: row * width, stride: rows * width)
            }
            for (at, sum) in sums.enumerated() {
                let (plane, block) = at.quotientAndRemainder(dividingBy: 2 * blocksPerRow)
                let first =
                    plane * rows * width + block / blocksPerRow * factor * width + block % blocksPerRow * factor
                var expected = 0.0
                for x in 0..<factor {
                    func value(_ y: Int) -> Double { wide[first + y * width + x] }
                    expected += (1..<factor).reduce(value(0)) { $0 + value($1) }
                }
                #expect(sum.bitPattern == expected.bitPattern, "\(blocksPerRow) blocks, block \(block)")
            }
        }
    }

    @Test("label means of wide rows leave out ignored pixels", arguments: 1...6)
    func wideLabels(factor: Int) {
        var random = SplitMix(seed: UInt64(factor))
        let width = 37 * factor
        let full = (0..<2 * factor * width).map { _ in Int32(random.next() % 6) * 13_107 - 1 }
        let expected = (0..<2 * 37).map { block -> Int32 in
            let first = block / 37 * factor * width + block % 37 * factor
            let counted = (0..<factor * factor).map { full[first + $0 / factor * width + $0 % factor] }
                .filter { $0 >= 0 }
            let sum = counted.reduce(0) { $0 + Int($1) }
            return counted.isEmpty ? -1 : Int32((Double(sum) / Double(counted.count)).rounded(.toNearestOrEven))
        }
        #expect(labels(full, width: width, factor) == expected)
    }

    @Test("labels are counted but for ignored ones", arguments: [1, 7, 255, 256, 300])
    func counts(classCount: Int) {
        var random = SplitMix(seed: UInt64(classCount))
        for count in [0, 1, 3, 4, 5, 64, 1001] {
            let all = (0..<count).map { _ in Int32(random.next() % UInt64(classCount + 1)) - 1 }
            var counts = [UInt64](repeating: 10, count: classCount)
            #expect(countLabels(all.span, into: &counts) == all.count { $0 >= 0 })
            #expect(counts == (0..<classCount).map { index in 10 + UInt64(all.count { $0 == Int32(index) }) })
        }
    }
}
