import ConfidentLearning
import TestSupport

/// Pixels with K probabilities each, as planes of one type with a gap after each plane.
struct Planes {
    var type: PlaneType
    var classCount: Int
    var count: Int
    /// Elements between planes, and before the first.
    var stride: Int
    var offset: Int
    var bytes: [UInt8]

    /// - Parameter value: of a class and a pixel.
    init(
        _ type: PlaneType, classCount: Int, count: Int, gap: Int = 0, offset: Int = 0,
        value: (_ classIndex: Int, _ pixel: Int) -> Double
    ) {
        self.type = type
        self.classCount = classCount
        self.count = count
        self.offset = offset
        stride = count + gap
        let descr = type == .float16 ? "<f2" : type == .float32 ? "<f4" : "<f8"
        // A value that would be noticed if it were read.
        bytes = (0..<offset).flatMap { _ in elementBytes(-7, descr) }
        for classIndex in 0..<classCount {
            for pixel in 0..<count { bytes += elementBytes(value(classIndex, pixel), descr) }
            if classIndex < classCount - 1 { for _ in 0..<gap { bytes += elementBytes(-7, descr) } }
        }
    }

    /// Each row of `pixels` holds the K probabilities of one pixel.
    init(_ pixels: [[Double]], type: PlaneType = .float64) {
        self.init(type, classCount: pixels[0].count, count: pixels.count) { pixels[$1][$0] }
    }

    var tile: PlaneTile {
        PlaneTile(type: type, classCount: classCount, offset: offset, stride: stride, count: count)
    }

    func tile(_ range: Range<Int>) -> PlaneTile {
        PlaneTile(
            type: type, classCount: classCount, offset: offset + range.lowerBound, stride: stride, count: range.count)
    }
}

/// What one scanner makes of a tile.
struct Scanned: Equatable {
    var record: CandidateRecord
    var totals: ThresholdAccumulator
    var histogram: [UInt64]
    var fault: PixelFault?
}

func scan(
    _ planes: Planes, labels: [Int32], check: ProbabilityCheck = .normalized, keepsVectors: Bool = true,
    path: KernelPath = .widest
) -> Scanned {
    let scanner = PixelScanner(
        classCount: planes.classCount, check: check, keepsVectors: keepsVectors, path: path)
    var record = CandidateRecord(isWide: planes.type == .float64)
    var fault: PixelFault?
    do throws(PixelFault) {
        _ = try unsafe scanner.scan(planes.tile, in: planes.bytes.span.bytes, labels: labels.span, into: &record)
    } catch {
        fault = error
    }
    return Scanned(record: record, totals: scanner.totals, histogram: scanner.histogram, fault: fault)
}

/// An issue under either rule, as the audit would see it.
struct FoundIssue: Equatable, CustomStringConvertible {
    var pixel: Int
    var given: Int
    var suggested: Int

    init(_ pixel: Int, _ given: Int, _ suggested: Int) {
        self.pixel = pixel
        self.given = given
        self.suggested = suggested
    }

    var description: String { "\(pixel): \(given) -> \(suggested)" }
}

/// Both passes over records in dataset order, in memory.
func issues(
    _ records: [CandidateRecord], _ rule: FilterRule, _ thresholds: ConfidentThresholds
) -> [[FoundIssue]] {
    let selector = IssueSelector(rule: rule, thresholds: thresholds)
    var found = [[FoundIssue]](repeating: [], count: records.count)
    if rule == .confidentLearning {
        for (number, record) in records.enumerated() {
            selector.confidentLearningIssues(
                in: record, highestSum: 1.02, vector: { record.vector(number: $1, into: &$2) },
                { found[number].append(FoundIssue($0, $1, $2)) })
        }
        return found
    }
    let rank = records.reduce(0) { $0 + selector.confidentContestedCount(in: $1) }
    guard let cutoff = cutoff(records, rank: rank) else { return found }
    var ties = cutoff.tiesTaken
    for (number, record) in records.enumerated() {
        let taken = min(ties, cutoff.tieCount(in: record))
        selector.lowSelfConfidenceTaken(in: record, cutoff: cutoff, tiesTaken: taken, contestedOnly: true) {
            pixel, labels in
            if let labels { found[number].append(FoundIssue(pixel, labels.given, labels.predicted)) }
        }
        ties -= taken
    }
    return found
}

func cutoff(_ records: [CandidateRecord], rank: Int) -> SelfConfidenceCutoff? {
    guard rank > 0 else { return nil }
    var ranking = SelfConfidenceRanking(rank: rank)
    repeat {
        var counts: [UInt64] = []
        for record in records { ranking.histogram(of: record, into: &counts) }
        ranking.narrow(by: counts)
    } while ranking.step == .count
    var keys: [UInt64] = []
    for record in records { ranking.keys(of: record, into: &keys) }
    return ranking.finish(keys)
}

extension FilterRule {
    /// The rules that `issues` runs.
    static let local: [FilterRule] = [.lowSelfConfidence, .confidentLearning]
}
