import ConfidentLearning
import Locking
import NumPyFiles

/// Pass 1 over a whole dataset, on several threads: every probability is read, inflated and looked at once.
struct ScanPass {
    struct Result: Sendable {
        var totals: ThresholdAccumulator
        /// Candidates by the top 16 bits of their self-confidence.
        var histogram: [UInt64]
        /// Counted full-size pixels of each given class.
        var labelCounts: [Int]
        /// Ignored pixels of each image.
        var ignoredByImage: [Int]
        /// Counted full-size pixels whose predicted label is not the given one; nil for records of an earlier version.
        var contestedCount: Int?
        /// What `calibrated` counts; nil for other rules.
        var cellCounts: CellCounts?
        var bytesRead: Int
        /// Bytes that followed the arrays of standard input.
        var pipedTrailingByteCount = 0
    }

    let context: RunContext
    /// Nil where no second pass follows.
    let store: (any RecordKeeper)?
    let progress: ProgressMeter
    var makeObserver: (@Sendable () -> any UnitObserver)?

    func run() throws(AuditError) -> Result {
        let (context, store, makeObserver) = (context, store, makeObserver)
        // Without records there is no second pass that would use the counts.
        let board = store != nil && context.plan.rule.filter == .calibrated ? ImageCountBoard(context) : nil
        let checksums = UnitChecksums(context: context)
        let queue = UnitQueue(context, reading: [.labels, .predProbs], progress)
        let found = try queue.run(
            { (scanner: UnitScanner(context: context, checksums: checksums, board: board), observer: makeObserver?()) },
            { worker, item throws(AuditError) in
                let number = item.units.lowerBound
                let record = try worker.scanner.scan(
                    context.units[number], labels: item.labels, probabilities: item.probabilities)
                try worker.observer?.observe(number, labels: item.labels, probabilities: item.probabilities)
                for (unit, record) in worker.scanner.finish(record, unit: number) {
                    try store?.store(record, unit: unit)
                }
            }, found: { Found($0.scanner) })
        try verify(found.map(\.checksums), but: checksums)
        var result = Result(
            totals: ThresholdAccumulator(classCount: context.dataset.classCount),
            histogram: Array(repeating: 0, count: SelfConfidenceRanking.binCount),
            labelCounts: Array(repeating: 0, count: context.dataset.classCount),
            ignoredByImage: Array(repeating: 0, count: context.dataset.images.count),
            contestedCount: found.reduce(0) { $0 + $1.contestedCount }, cellCounts: board?.totals,
            bytesRead: queue.bytesRead, pipedTrailingByteCount: queue.pipedTrailingByteCount)
        for part in found {
            result.totals.merge(part.totals)
            for (bin, count) in part.histogram.enumerated() { result.histogram[bin] += count }
            for (image, count) in part.ignoredByImage { result.ignoredByImage[image] += count }
            for (label, count) in part.labelCounts.enumerated() { result.labelCounts[label] += count }
        }
        return result
    }

    /// What one thread found.
    private struct Found: Sendable {
        var totals: ThresholdAccumulator
        var histogram: [UInt64]
        var labelCounts: [Int]
        var ignoredByImage: [Int: Int]
        var contestedCount: Int
        var checksums: [Int: JoinedChecksums]

        init(_ scanner: UnitScanner) {
            totals = scanner.totals
            histogram = scanner.histogram
            labelCounts = scanner.labelCounts
            ignoredByImage = scanner.ignoredByImage
            contestedCount = scanner.contestedCount
            checksums = scanner.checksums
        }
    }

    /// Bytes of a stored member that one thread checks at once, where units did not check them.
    private static let pieceByteCount = 4 << 20

    /// Checks the CRC-32 of stored members: from the parts that units took while they scanned, and from the rest, which is
    /// read now on all threads.
    private func verify(_ parts: [[Int: JoinedChecksums]], but checksums: UnitChecksums) throws(AuditError) {
        var joined: [[JoinedChecksums]] = [
            Array(repeating: JoinedChecksums(), count: context.labelAccess.count),
            Array(repeating: JoinedChecksums(), count: context.probabilityAccess.count),
        ]
        for part in parts {
            for (source, sums) in part { for sum in sums.parts { joined[1][source].add(sum) } }
        }
        var pieces: [(array: MappedArray, range: Range<Int>, side: Int, source: Int)] = []
        for (side, accesses) in [context.labelAccess, context.probabilityAccess].enumerated() {
            let rests = side == 0 ? [:] : checksums.rests()
            for (source, access) in accesses.enumerated() {
                guard case .mapped(let array) = access, array.checksummedByteCount > 0 else { continue }
                for range in rests[source] ?? [0..<array.checksummedByteCount] {
                    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceByteCount) {
                        pieces.append((array, start..<min(start + Self.pieceByteCount, range.upperBound), side, source))
                    }
                }
            }
        }
        guard !pieces.isEmpty || joined.contains(where: { $0.contains { !$0.parts.isEmpty } }) else { return }
        let shared = pieces
        let sums = Mutex(joined)
        runNumbered(shared.count, threads: context.plan.run.threads) { number in
            let piece = shared[number]
            let sum = piece.array.checksum(piece.range)
            piece.array.release(piece.range.clamped(to: 0..<piece.array.header.byteCount))
            sums.withLock { $0[piece.side][piece.source].add(sum) }
        }
        let all = sums.withLock { $0 }
        for (side, accesses) in [context.labelAccess, context.probabilityAccess].enumerated() {
            for (source, access) in accesses.enumerated() {
                guard case .mapped(let array) = access, array.checksummedByteCount > 0 else { continue }
                try AuditError.wrapping(try array.verify(all[side][source].parts))
            }
        }
    }
}
