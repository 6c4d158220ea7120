import ConfidentLearning
import Locking
import NumPyFiles

/// Pass 1 over a whole dataset, on several threads: every probability is read, inflated and looked at once.
///
/// Threads take units in dataset order. Arrays that can only be read from front to back are read under the lock that
/// hands out units, so that one thread inflates while the others compute.
final class ScanPass: Sendable {
    struct Result: Sendable {
        var totals: ThresholdAccumulator
        /// Candidates by the top 16 bits of their self-confidence.
        var histogram: [UInt64]
        /// Counted full-size pixels a given class.
        var labelCounts: [Int]
        /// Ignored pixels an image.
        var ignoredByImage: [Int]
        var bytesRead: Int
        /// Bytes that followed the arrays of standard input.
        var pipedTrailingByteCount = 0
    }

    private enum Job {
        case unit(Int, labels: [ImageBytes], probabilities: [ImageBytes])
        case checksum(ChecksumPiece)
    }

    private struct ChecksumPiece: Sendable {
        var side: InputSide
        var source: Int
        var range: Range<Int>
    }

    /// The unit that a thread is at, and the buffers that are its own.
    private struct Scanned {
        var unit: WorkUnit?
        var labels: [ImageBytes] = []
        var probabilities: [ImageBytes] = []
        var buffers = BufferPool()

        /// Gives up the images of a side: those that a stream filled are returned, for the reader to fill again.
        mutating func giveBack(_ side: InputSide, _ context: RunContext) -> [ImageBytes] {
            var images: [ImageBytes] = []
            if side == .labels { swap(&images, &labels) } else { swap(&images, &probabilities) }
            guard let unit, let first = images.first, case .buffer = first else { return [] }
            guard case .stream = context.access(side)[context.place(of: unit.images.lowerBound, side).source] else {
                buffers.reuse(images)
                return []
            }
            return images
        }
    }

    private struct State {
        var nextUnit = 0
        var nextPiece = 0
        var labels: SideReader
        var probabilities: SideReader
        var failure: (unit: Int, error: AuditError)?
        var result: Result
        var checksums: [InputSide: [Int: JoinedChecksums]] = [:]
    }

    private let context: RunContext
    /// nil where no second pass follows.
    private let store: (any RecordKeeper)?
    private let makeObserver: (@Sendable () -> any UnitObserver)?
    private let progress: ProgressMeter
    private let unitChecksums: UnitChecksums
    private let pieces: [ChecksumPiece]
    private let state: Mutex<State>

    init(
        context: RunContext, store: (any RecordKeeper)?, progress: ProgressMeter,
        makeObserver: (@Sendable () -> any UnitObserver)? = nil
    ) {
        self.context = context
        self.makeObserver = makeObserver
        self.store = store
        self.progress = progress
        let unitChecksums = UnitChecksums(context: context)
        self.unitChecksums = unitChecksums
        pieces =
            Self.pieces(.labels, context.labelAccess, but: [:])
            + Self.pieces(.predProbs, context.probabilityAccess, but: unitChecksums.rests())
        let classCount = context.dataset.classCount
        state = Mutex(
            State(
                labels: SideReader(side: .labels, context: context),
                probabilities: SideReader(side: .predProbs, context: context),
                result: Result(
                    totals: ThresholdAccumulator(classCount: classCount),
                    histogram: Array(repeating: 0, count: SelfConfidenceRanking.binCount),
                    labelCounts: Array(repeating: 0, count: classCount),
                    ignoredByImage: Array(repeating: 0, count: context.dataset.images.count), bytesRead: 0)))
    }

    /// Stored members are checked in pieces of 4 MiB by whatever thread is free once the units are out; those that units
    /// check, but for some ranges, in those ranges.
    private static func pieces(
        _ side: InputSide, _ accesses: [ArrayAccess], but ranges: [Int: [Range<Int>]]
    ) -> [ChecksumPiece] {
        let pieceBytes = 4 << 20
        return accesses.enumerated().flatMap { source, access -> [ChecksumPiece] in
            guard case .mapped(let array) = access, array.checksummedByteCount > 0 else { return [] }
            return (ranges[source] ?? [0..<array.checksummedByteCount]).flatMap { range in
                stride(from: range.lowerBound, to: range.upperBound, by: pieceBytes).map {
                    ChecksumPiece(side: side, source: source, range: $0..<min($0 + pieceBytes, range.upperBound))
                }
            }
        }
    }

    func run() throws(AuditError) -> Result {
        runWorkers(context.threadCount) { _ in self.work() }
        let (failure, checksums, result) = state.withLock { state in
            state.result.bytesRead += state.labels.bytesRead + state.probabilities.bytesRead
            state.result.pipedTrailingByteCount =
                state.labels.pipedTrailingByteCount + state.probabilities.pipedTrailingByteCount
            return (state.failure, state.checksums, state.result)
        }
        // A file that changed explains whatever else was found in it.
        try context.checkUnchanged()
        if let failure { throw failure.error }
        for (side, bySource) in checksums {
            for (source, parts) in bySource {
                if case .mapped(let array) = context.access(side)[source] {
                    try AuditError.wrapping { () throws(ArrayFileError) in try array.verify(parts.parts) }
                }
            }
        }
        return result
    }

    private func work() {
        let scanner = UnitScanner(context: context, checker: UnitChecker(unitChecksums))
        let observer = makeObserver?()
        // Of the unit before, to be filled again.
        var scanned = Scanned()
        while let job = nextJob(after: &scanned) {
            switch job {
            case .unit(let number, let labels, let probabilities):
                scanned.unit = context.units[number]
                scanned.labels = labels
                scanned.probabilities = probabilities
                do throws(AuditError) {
                    try scan(number, &scanned, with: scanner, observer)
                } catch {
                    fail(number, error)
                }
            case .checksum(let piece):
                checksum(piece)
            }
        }
        state.withLock { state in
            state.result.totals.merge(scanner.totals)
            for (bin, count) in scanner.histogram.enumerated() { state.result.histogram[bin] += count }
            for (image, count) in scanner.ignoredByImage { state.result.ignoredByImage[image] += count }
            for (label, count) in scanner.labelCounts.enumerated() { state.result.labelCounts[label] += count }
        }
    }

    private func scan(
        _ number: Int, _ scanned: inout Scanned, with scanner: UnitScanner, _ observer: (any UnitObserver)?
    ) throws(AuditError) {
        let unit = context.units[number]
        let bytesRead =
            try context.openOnDemand(unit, .labels, &scanned.labels, reusing: &scanned.buffers)
            + context.openOnDemand(unit, .predProbs, &scanned.probabilities, reusing: &scanned.buffers)
        let (labels, probabilities) = (scanned.labels, scanned.probabilities)
        let record = try scanner.scan(unit, labels: labels, probabilities: probabilities)
        try observer?.observe(number, labels: labels, probabilities: probabilities)
        let checked = scanner.checker.take()
        try context.checkOnDemand(unit, .labels, labels)
        try context.checkOnDemand(unit, .predProbs, probabilities)
        context.release(unit, .labels, labels)
        context.release(unit, .predProbs, probabilities)
        try store?.store(record, unit: number)
        state.withLock { state in
            state.result.bytesRead += bytesRead
            for (source, part) in checked {
                state.checksums[.predProbs, default: [:]][source, default: JoinedChecksums()].add(part)
            }
        }
        progress.advance(pixels: context.pixelCount(of: unit), images: context.imagesEnded(by: unit))
    }

    private func nextJob(after scanned: inout Scanned) -> Job? {
        state.withLock { state -> Job? in
            // Handed over without a name: a buffer that something else holds would be copied when it is filled.
            state.labels.reuse(scanned.giveBack(.labels, context))
            state.probabilities.reuse(scanned.giveBack(.predProbs, context))
            if state.failure != nil { return nil }
            if state.nextUnit < context.units.count {
                let number = state.nextUnit
                state.nextUnit += 1
                do throws(AuditError) {
                    return .unit(
                        number, labels: try state.labels.read(context.units[number]),
                        probabilities: try state.probabilities.read(context.units[number]))
                } catch {
                    Self.record(number, error, in: &state)
                    return nil
                }
            }
            guard state.nextPiece < pieces.count else { return nil }
            state.nextPiece += 1
            return .checksum(pieces[state.nextPiece - 1])
        }
    }

    private func checksum(_ piece: ChecksumPiece) {
        guard case .mapped(let array) = context.access(piece.side)[piece.source] else { return }
        let part = array.checksum(piece.range)
        array.release(piece.range.clamped(to: 0..<array.header.byteCount))
        state.withLock {
            $0.checksums[piece.side, default: [:]][piece.source, default: JoinedChecksums()].add(part)
        }
    }

    private func fail(_ unit: Int, _ error: AuditError) {
        state.withLock { Self.record(unit, error, in: &$0) }
    }

    /// The fault of the lowest unit is the one that is told, whichever thread came first: all lower units are under
    /// way by the time a unit fails, and are finished.
    private static func record(_ unit: Int, _ error: AuditError, in state: inout State) {
        if let before = state.failure, before.unit <= unit { return }
        state.failure = (unit, error)
    }
}
