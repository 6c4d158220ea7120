import ConfidentLearning
import Locking

/// What threads found for a report while pass 1 went by.
final class ReportTally: Sendable {
    struct Totals: Sendable {
        var histogram = ConfidenceHistogram()
        /// What was flagged in finished masks, by image, given class and swap.
        var counts: IssueCounts
        /// The highest self-confidence of a flagged pixel.
        var highestFlagged: Double?
        /// Flagged pixels that are ignored ones: no issues of this dataset.
        var flaggedIgnored = 0
    }

    private let totals: Mutex<Totals>

    init(dataset: Dataset) {
        totals = Mutex(
            Totals(counts: IssueCounts(dataset)))
    }

    func add(_ body: (inout Totals) -> Void) { totals.withLock { body(&$0) } }

    var result: Totals { totals.withLock { $0 } }
}

/// Scores images, counts pixels by self-confidence, and with finished masks counts their issues.
final class ReportObserver: UnitObserver {
    private let context: RunContext
    private let reader: SelfConfidenceReader
    private let predictor: LabelPredictor
    private let board: ScoreBoard
    private let tally: ReportTally
    private let finished: FinishedIssues?

    init(context: RunContext, board: ScoreBoard, tally: ReportTally, finished: FinishedIssues?) {
        self.context = context
        reader = SelfConfidenceReader(context: context)
        predictor = LabelPredictor(context: context)
        self.board = board
        self.tally = tally
        self.finished = finished
    }

    func observe(_ number: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) {
        let unit = context.units[number]
        var sums = unit.images.map { _ in board.emptySum() }
        var histogram = ConfidenceHistogram()
        try reader.forEachRun(of: unit, labels: labels, probabilities: probabilities) { run throws(AuditError) in
            let at = run.image - unit.images.lowerBound
            sums[at].add(run.values.span)
            histogram.add(run.values)
            try count(run, probabilities[at])
        }
        board.add(sums, issues: 0, unit: number)
        tally.add { $0.histogram.merge(histogram) }
    }

    private func count(_ run: SelfConfidenceReader.Run, _ probabilities: ImageBytes) throws(AuditError) {
        guard let finished else { return }
        let mask = try finished.mask(image: run.image, pixels: run.pixel..<run.pixel + run.labels.count)
        guard mask.contains(true) else { return }
        let predicted = try predictor.predicted(
            image: run.image, pixel: run.pixel, labels: run.labels, probabilities: probabilities)
        tally.add { totals in
            for (offset, isFlagged) in mask.enumerated() where isFlagged {
                guard run.labels[offset] >= 0 else {
                    totals.flaggedIgnored += 1
                    continue
                }
                let given = Int(run.labels[offset])
                totals.counts.byImage[run.image] += 1
                totals.counts.byClass[given] += 1
                if predicted[offset] != run.labels[offset] {
                    totals.counts.swaps.add(given: given, suggested: Int(predicted[offset]))
                }
                totals.highestFlagged = max(totals.highestFlagged ?? run.values[offset], run.values[offset])
            }
        }
    }
}
