import TestSupport
import Testing

@testable import ConfidentLearning

/// Counts by ratio against a plain loop over doubles, on every path of this machine.
@Suite struct RatioCountTests {
    /// An image of one tile or several, counted tile by tile.
    private static func counted(
        _ planes: Planes, labels: [Int32], height: Int, width: Int, path: KernelPath
    ) throws -> (own: ImageCounts, totals: CellCounts) {
        let scanner = PixelScanner(classCount: planes.classCount, check: .normalized, keepsVectors: false, path: path)
        var counter = ImageCounter(classCount: planes.classCount)
        var totals = CellCounts(classCount: planes.classCount)
        var record = CandidateRecord(isWide: planes.type == .float64)
        let lattice = CountLattice(height: height, width: width)
        for first in stride(from: 0, to: planes.count, by: PlaneTile.capacity) {
            let range = first..<min(planes.count, first + PlaneTile.capacity)
            let tile = planes.tile(range)
            let some = Array(labels[range])
            _ = try unsafe scanner.scan(tile, in: planes.bytes.span.bytes, labels: some.span, into: &record)
            unsafe counter.add(
                tile, in: planes.bytes.span.bytes, labels: some.span, first: first, lattice: lattice,
                scannedBy: scanner)
        }
        return (counter.finish(into: &totals), totals)
    }

    /// The definition, in doubles: bins are the number of limits that the predicted class reaches.
    private static func expected(
        _ vectors: [[Double]], labels: [Int32], width: Int, step: Int
    ) -> (seen: [Int], given: [Int], used: Set<UInt32>) {
        let classCount = vectors[0].count
        var seen = [Int](repeating: 0, count: classCount * classCount * 8)
        var given = seen
        var used: Set<UInt32> = []
        for (pixel, vector) in vectors.enumerated() where labels[pixel] >= 0 {
            let top = vector.max() ?? 0
            let predicted = vector.firstIndex(of: top) ?? 0
            let isCounted = (pixel / width) % step == 0 && (pixel % width) % step == 0
            for other in vector.indices where other != predicted {
                let bin = RatioBins.limits.count { top >= $0 * vector[other] }
                let cell = (predicted * classCount + other) * 8 + bin
                if isCounted { seen[cell] += 1 }
                guard Int(labels[pixel]) == other else { continue }
                used.insert(UInt32(cell))
                if isCounted { given[cell] += 1 }
            }
        }
        return (seen, given, used)
    }

    /// Probabilities that sum to 1 within float16's rounding, zeros and ties among them, in runs of one predicted class.
    private static func vectors(_ classCount: Int, _ count: Int, _ random: inout SplitMix) -> [[Double]] {
        var favourite = 0
        return (0..<count).map { _ in
            if random.below(12) == 0 { favourite = random.below(classCount) }
            var weights = (0..<classCount).map { _ in
                random.below(5) == 0 ? 0 : Double(1 << random.below(13)) * Double(1 + random.below(7))
            }
            weights[favourite] += Double(1 << random.below(16)) + 1
            let sum = weights.reduce(0, +)
            // In units of 2^-14, what is left going to the favourite, so that all three types hold the same values.
            var units = weights.map { ($0 / sum * 2048).rounded(.down) }
            units[favourite] += 2048 - units.reduce(0, +)
            return units.map { $0 / 2048 }
        }
    }

    @Test("counts are those of the definition, on every path", arguments: KernelTests.types)
    func definition(type: PlaneType) throws {
        var random = SplitMix(seed: 11)
        for (classCount, height, width) in [(2, 7, 9), (5, 3, 100), (21, 40, 60), (3, 1, 1)] {
            let values = Self.vectors(classCount, height * width, &random)
            let labels = KernelTests.labels(classCount, height * width, &random)
            let planes = Planes(type, classCount: classCount, count: values.count, gap: 3) { values[$1][$0] }
            let want = Self.expected(values, labels: labels, width: width, step: 1)
            for path in KernelPath.available {
                let (own, totals) = try Self.counted(planes, labels: labels, height: height, width: width, path: path)
                #expect(totals.seen == want.seen, "\(path)")
                #expect(totals.given == want.given, "\(path)")
                #expect(own.cells == want.used.sorted(), "\(path)")
                #expect(own.seen.map(Int.init) == own.cells.map { want.seen[Int($0)] }, "\(path)")
                #expect(own.given.map(Int.init) == own.cells.map { want.given[Int($0)] }, "\(path)")
                #expect(own.sums == totals.sums, "\(path)")
            }
        }
    }

    @Test("values next to a limit fall on its side as products of doubles do, in every type")
    func limits() throws {
        for type in KernelTests.types {
            for limit in RatioBins.limits {
                // The other class, of which the predicted one is about `limit` times as probable, and its neighbours.
                let other = 1 / (1 + limit)
                var pixels: [[Double]] = []
                for steps in -3...3 {
                    let value =
                        switch type {
                        case .float64: other + Double(steps) * other.ulp
                        case .float32: Double(Float(other) + Float(steps) * Float(other).ulp)
                        case .float16: Double(steps + Int((other * 16384).rounded())) / 16384
                        }
                    let rest =
                        switch type {
                        case .float64: 1 - value
                        case .float32: Double(Float(1 - value))
                        case .float16: ((1 - value) * 1024).rounded() / 1024
                        }
                    pixels.append([rest, value])
                }
                let labels = [Int32](repeating: 1, count: pixels.count)
                let want = Self.expected(pixels, labels: labels, width: pixels.count, step: 1)
                for path in KernelPath.available {
                    let planes = Planes(pixels, type: type)
                    let totals = try Self.counted(planes, labels: labels, height: 1, width: 7, path: path).totals
                    #expect(totals.seen == want.seen && totals.given == want.given, "\(path) \(type) \(limit)")
                }
            }
        }
    }

    @Test("of an image of 512 x 512 the even rows and columns are counted, and every contested pixel's cell is kept")
    func lattice() throws {
        var random = SplitMix(seed: 3)
        let side = 512
        let pattern = Self.vectors(3, 997, &random)
        let values = (0..<side * side).map { pattern[$0 % pattern.count] }
        let labels = (0..<side * side).map { _ in Int32(random.below(4)) - 1 }
        let planes = Planes(.float32, classCount: 3, count: side * side) { values[$1][$0] }
        let want = Self.expected(values, labels: labels, width: side, step: 2)
        let (own, totals) = try Self.counted(planes, labels: labels, height: side, width: side, path: .widest)
        #expect(totals.seen == want.seen && totals.given == want.given && own.cells == want.used.sorted())
    }

    @Test("rows that are counted apart and joined are counted as one image")
    func joining() throws {
        var random = SplitMix(seed: 5)
        let (classCount, height, width) = (6, 30, 50)
        let values = Self.vectors(classCount, height * width, &random)
        let labels = KernelTests.labels(classCount, height * width, &random)
        let planes = Planes(.float32, classCount: classCount, count: values.count) { values[$1][$0] }
        let whole = try Self.counted(planes, labels: labels, height: height, width: width, path: .widest)
        let scanner = PixelScanner(classCount: classCount, check: .normalized, keepsVectors: false)
        var image = ImageCounter(classCount: classCount)
        var rows = ImageCounter(classCount: classCount)
        for first in [500, 0, 1000] {
            var record = CandidateRecord(isWide: false)
            let some = Array(labels[first..<first + 500])
            let tile = planes.tile(first..<first + 500)
            _ = try unsafe scanner.scan(tile, in: planes.bytes.span.bytes, labels: some.span, into: &record)
            unsafe rows.add(
                tile, in: planes.bytes.span.bytes, labels: some.span, first: first,
                lattice: CountLattice(height: height, width: width), scannedBy: scanner)
            image.take(&rows)
        }
        var totals = CellCounts(classCount: classCount)
        #expect(image.finish(into: &totals) == whole.own)
        #expect(totals == whole.totals)
        // Both are empty again.
        #expect(image.finish(into: &totals) == ImageCounts() && rows.finish(into: &totals) == ImageCounts())
        #expect(totals == whole.totals)
    }
}
