internal import CPixelKernels

/// Pass 1 over tiles of pixels: checks probabilities, finds predicted labels, adds up self-confidence and records what
/// pass 2 will need.
///
/// Each thread has a scanner of its own, so that nothing here waits for another thread. What the scanners found is
/// added up afterwards, through `totals` and `histogram`.
///
/// **Cost.** One walk over the probabilities, and the memory of one tile.
public final class PixelScanner {
    /// Sums and counts of everything scanned so far.
    public private(set) var totals: ThresholdAccumulator
    /// How many candidates were scanned so far, by the top 16 bits of their self-confidence as a double. This is the
    /// first round of the ranking. Empty before the first scan.
    public private(set) var histogram: [UInt64] = []
    private let check: ProbabilityCheck
    private let bounds: mlk_bounds
    private let candidateBound: Double
    private let keepsVectors: Bool
    let path: KernelPath
    let state = TileState()

    /// - Parameters:
    ///   - keepsVectors: whether records keep the K values of each contested pixel, for data that cannot be read again.
    ///   - path: a set of loops that this machine runs.
    public init(classCount: Int, check: ProbabilityCheck, keepsVectors: Bool, path: KernelPath = .widest) {
        totals = ThresholdAccumulator(classCount: classCount)
        self.check = check
        self.keepsVectors = keepsVectors
        self.path = path
        switch check {
        case .normalized:
            // Narrower than the tolerance, by more than a float32 sum can be wrong. A pixel outside is looked at in
            // double.
            bounds = mlk_bounds(lowest_sum: 0.9905, highest_sum: 1.0095, highest_value: .infinity)
            candidateBound = Self.normalizedCandidateBound
        case .trusted:
            bounds = mlk_bounds(lowest_sum: -.infinity, highest_sum: .infinity, highest_value: .infinity)
            candidateBound = Self.normalizedCandidateBound
        case .unnormalized:
            bounds = mlk_bounds(
                lowest_sum: 0, highest_sum: Double(classCount) * ProbabilityCheck.largestScore,
                highest_value: ProbabilityCheck.largestScore)
            candidateBound = .infinity
        }
    }

    /// Pixels above this self-confidence are never taken by `low_self_confidence`. A contested pixel's self-confidence
    /// is at most half of a sum of 1.01. The cut-off lies no higher, since it is the n-th lowest of all pixels and n of
    /// the contested ones lie no higher.
    private static let normalizedCandidateBound = 0.506

    /// Bins of `histogram`: the top 16 bits of a double.
    static let histogramBinCount = 1 << 16

    /// Scans a tile and appends what is found to `record`.
    ///
    /// **Shapes.** `labels` (count,): the given class, below K, or negative for an ignored pixel.
    /// **Errors.** `PixelFault` for the first counted pixel whose probabilities cannot be judged.
    /// - Returns: how many pixels are counted.
    public func scan(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, into record: inout CandidateRecord
    ) throws(PixelFault) -> Int {
        precondition(record.isWide == (tile.type == .float64), "a record of another width")
        try findPredicted(tile, in: bytes, labels: labels, isCollected: true)
        if histogram.isEmpty { histogram = Array(repeating: 0, count: Self.histogramBinCount) }
        let before = record.contestedBits.count
        let counted = state.collect(
            tile, in: bytes, labels: labels, candidateBound: candidateBound, path: path, totals: &totals,
            histogram: &histogram, into: &record)
        if keepsVectors {
            record.appendVectors(of: tile, in: bytes, fromWord: before)
        }
        return counted
    }

    /// Checks a tile and appends its contested pixels to `record`: the full-size side of downsampling.
    ///
    /// **Errors.** As `scan`.
    public func compare(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, into record: inout FullSizeRecord
    ) throws(PixelFault) {
        try findPredicted(tile, in: bytes, labels: labels, isCollected: false)
        state.appendContested(labels: labels, to: &record)
    }

    private func findPredicted(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, isCollected: Bool
    ) throws(PixelFault) {
        tile.check(in: bytes)
        precondition(labels.count == tile.count && tile.classCount == totals.classCount, "tile and labels disagree")
        let needsSecondLook =
            path == .portable
            ? state.portableArgmax(tile, in: bytes, labels: labels, bounds: bounds)
            : state.kernelArgmax(
                tile, in: bytes, labels: labels, bounds: bounds, path: path, isCollected: isCollected)
        guard needsSecondLook else { return }
        // This is rare: there is a fault, or a negative zero, or an odd value under an ignored pixel, which is not
        // judged.
        for pixel in 0..<tile.count where labels[pixel] >= 0 {
            if let fault = check.fault(in: tile.vector(pixel: pixel, in: bytes), pixel: pixel) {
                throw fault
            }
        }
    }
}

extension CandidateRecord {
    /// Keeps the K values of each contested pixel of the tile that was collected last, whose bits start at word
    /// `first`.
    fileprivate mutating func appendVectors(of tile: PlaneTile, in bytes: RawSpan, fromWord first: Int) {
        for word in first..<contestedBits.count {
            var rest = contestedBits[word]
            while rest != 0 {
                let pixel = (word - first) * 64 + rest.trailingZeroBitCount
                for classIndex in 0..<tile.classCount {
                    let value = tile.value(classIndex: classIndex, pixel: pixel, in: bytes)
                    if isWide {
                        vectors.wide.append(value)
                    } else {
                        vectors.narrow.append(Float(value))
                    }
                }
                rest &= rest - 1
            }
        }
    }
}
