import ConfidentLearning
import TestSupport
import Testing

/// This machine's kernels against the portable path, bit for bit: records, sums, and whether a fault is found.
@Suite struct KernelTests {
    static let types: [PlaneType] = [.float16, .float32, .float64]

    /// Probabilities in 64ths, so ties are common and sums are 1 in any type and order.
    static func vector(_ classCount: Int, _ random: inout SplitMix) -> [Double] {
        var parts = [Double](repeating: 0, count: classCount)
        for _ in 0..<(classCount > 8 ? 16 : 8) { parts[random.below(classCount)] += classCount > 8 ? 1 : 2 }
        return parts.map { $0 / 16 }
    }

    static func labels(_ classCount: Int, _ count: Int, _ random: inout SplitMix) -> [Int32] {
        (0..<count).map { _ in random.below(9) == 0 ? -1 : Int32(random.below(classCount)) }
    }

    static func expectAgreement(
        _ planes: Planes, labels: [Int32], check: ProbabilityCheck, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let portable = scan(planes, labels: labels, check: check, path: .portable)
        for path in KernelPath.available.dropFirst() {
            let kernel = scan(planes, labels: labels, check: check, path: path)
            let place = "\(path), \(planes.type), K \(planes.classCount), \(planes.count) pixels"
            #expect(kernel.fault?.pixel == portable.fault?.pixel, "\(place)", sourceLocation: sourceLocation)
            #expect(kernel.fault?.fault == portable.fault?.fault, "\(place)", sourceLocation: sourceLocation)
            #expect(kernel.totals == portable.totals, "\(place)", sourceLocation: sourceLocation)
            #expect(kernel.histogram == portable.histogram, "\(place)", sourceLocation: sourceLocation)
            #expect(encoded(kernel.record) == encoded(portable.record), "\(place)", sourceLocation: sourceLocation)
        }
    }

    /// Bytes, so that values are compared by their bits.
    static func encoded(_ record: CandidateRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        record.encode(into: &bytes)
        return bytes
    }

    @Test("every class count from 1 to 40 agrees", arguments: types)
    func classCounts(type: PlaneType) {
        for classCount in 1...40 {
            var random = SplitMix(seed: UInt64(classCount))
            let count = 41
            let vectors = (0..<count).map { _ in Self.vector(classCount, &random) }
            let planes = Planes(type, classCount: classCount, count: count, gap: 3, offset: 5) { vectors[$1][$0] }
            Self.expectAgreement(
                planes, labels: Self.labels(classCount, count, &random), check: .normalized)
        }
    }

    @Test("so many classes that self-confidence is added up in another way agree", arguments: types)
    func manyClasses(type: PlaneType) {
        for classCount in [254, 255, 256, 300] {
            var random = SplitMix(seed: UInt64(classCount))
            let count = 70
            let vectors = (0..<count).map { _ in Self.vector(classCount, &random) }
            let planes = Planes(type, classCount: classCount, count: count, gap: 1) { vectors[$1][$0] }
            Self.expectAgreement(planes, labels: Self.labels(classCount, count, &random), check: .normalized)
        }
    }

    @Test("every pixel count from 1 to 70, and a whole tile, agrees", arguments: types)
    func counts(type: PlaneType) {
        for count in Array(1...70) + [PlaneTile.capacity] {
            var random = SplitMix(seed: UInt64(count))
            let classCount = count == PlaneTile.capacity ? 6 : 1 + count % 7
            let vectors = (0..<count).map { _ in Self.vector(classCount, &random) }
            // No gap after the last plane: a read beyond the tile leaves the bytes.
            let planes = Planes(type, classCount: classCount, count: count, gap: count % 3) { vectors[$1][$0] }
            Self.expectAgreement(planes, labels: Self.labels(classCount, count, &random), check: .normalized)
        }
    }

    @Test("odd values under ignored pixels agree and disturb no neighbour", arguments: types)
    func oddValues(type: PlaneType) {
        let odd: [Double] = [
            .nan, -.nan, .infinity, -.infinity, -0.0, -1, Double.leastNonzeroMagnitude, 1e-40, 6e-8, 65_504,
        ]
        for count in [5, 8, 17, 70] {
            for (number, value) in odd.enumerated() {
                var random = SplitMix(seed: UInt64(number * 100 + count))
                let classCount = 2 + number % 5
                let vectors = (0..<count).map { _ in Self.vector(classCount, &random) }
                var labels = Self.labels(classCount, count, &random)
                let place = random.below(count)
                let oddClass = random.below(classCount)
                labels[place] = -1
                let planes = Planes(type, classCount: classCount, count: count) {
                    $1 == place && $0 == oddClass ? value : vectors[$1][$0]
                }
                Self.expectAgreement(planes, labels: labels, check: .normalized)
                #expect(scan(planes, labels: labels).fault == nil)
            }
        }
    }

    @Test("odd values in counted pixels agree about the fault", arguments: types)
    func faults(type: PlaneType) {
        let odd: [Double] = [.nan, .infinity, -.infinity, -0.25, 0.75]
        for count in [1, 8, 19] {
            for value in odd {
                for place in 0..<count {
                    let planes = Planes(type, classCount: 3, count: count) {
                        $1 == place && $0 == 1 ? value : $0 == 2 ? 1 : 0
                    }
                    let labels = [Int32](repeating: 2, count: count)
                    let portable = scan(planes, labels: labels, path: .portable)
                    for path in KernelPath.available {
                        let kernel = scan(planes, labels: labels, path: path)
                        #expect(kernel.fault?.pixel == place)
                        #expect(kernel.fault?.fault == portable.fault?.fault)
                    }
                }
            }
        }
    }

    @Test("subnormals are ranked as they are, not as zero", arguments: types)
    func subnormals(type: PlaneType) {
        let tiny = type == .float64 ? Double.leastNonzeroMagnitude : type == .float32 ? 0x1p-149 : 0x1p-24
        for path in KernelPath.available {
            for count in [1, 8, 9] {
                let planes = Planes(type, classCount: 3, count: count) { classIndex, _ in
                    [0, tiny, 1 - tiny][classIndex]
                }
                let scanned = scan(planes, labels: [Int32](repeating: 1, count: count), path: path)
                #expect(cutoff([scanned.record], rank: 1)?.value == tiny)
                // Two classes only: the tiny value is the larger one.
                let scores = Planes(type, classCount: 2, count: count) { classIndex, _ in [0, tiny][classIndex] }
                let record = scan(
                    scores, labels: [Int32](repeating: 0, count: count), check: .unnormalized, path: path
                ).record
                #expect(record.contestedCount == count)
            }
        }
    }

    @Test("unnormalized and trusted tiles agree", arguments: types)
    func otherChecks(type: PlaneType) {
        var random = SplitMix(seed: 9)
        for count in [3, 16, 45] {
            for classCount in [1, 2, 5, 9] {
                let planes = Planes(type, classCount: classCount, count: count, gap: 1) { _, _ in
                    Double(random.below(9)) * 64
                }
                Self.expectAgreement(planes, labels: Self.labels(classCount, count, &random), check: .unnormalized)
                let averages = (0..<count).map { _ in Self.vector(classCount, &random) }
                let small = Planes(type, classCount: classCount, count: count) { averages[$1][$0] }
                Self.expectAgreement(small, labels: Self.labels(classCount, count, &random), check: .trusted)
            }
        }
    }

    @Test("planes may start at any byte", arguments: types)
    func unaligned(type: PlaneType) throws {
        var random = SplitMix(seed: 4)
        let count = 37
        let classCount = 6
        let vectors = (0..<count).map { _ in Self.vector(classCount, &random) }
        let labels = Self.labels(classCount, count, &random)
        let planes = Planes(type, classCount: classCount, count: count) { vectors[$1][$0] }
        let straight = scan(planes, labels: labels)
        for shift in 1..<8 {
            let bytes = [UInt8](repeating: 255, count: shift) + planes.bytes
            for path in KernelPath.available {
                let scanner = PixelScanner(
                    classCount: classCount, check: .normalized, keepsVectors: true, path: path)
                var record = CandidateRecord(isWide: type == .float64)
                let span = unsafe bytes.span.bytes.extracting(shift..<bytes.count)
                _ = try scanner.scan(planes.tile, in: span, labels: labels.span, into: &record)
                #expect(record == straight.record)
                #expect(scanner.totals == straight.totals)
            }
        }
    }
}
