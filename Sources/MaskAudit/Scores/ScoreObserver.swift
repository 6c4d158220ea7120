import ConfidentLearning
import Locking

/// The softmin sums of all images, put together in unit order, so that the scores do not depend on threads.
final class ScoreBoard: Sendable {
    private struct State {
        /// One sum per image of each unit.
        var parts: [[SoftminSum]]
        var issues = 0
    }

    private let context: RunContext
    private let temperature: Double
    private let state: Mutex<State>

    init(context: RunContext, temperature: Double) {
        self.context = context
        self.temperature = temperature
        state = Mutex(State(parts: Array(repeating: [], count: context.units.count)))
    }

    func emptySum() -> SoftminSum { SoftminSum(temperature: temperature) }

    func add(_ sums: [SoftminSum], issues: Int, unit: Int) {
        state.withLock {
            $0.parts[unit] = sums
            $0.issues += issues
        }
    }

    var issues: Int { state.withLock { $0.issues } }

    /// The score of each image, once all units were added.
    func scores() -> [Double?] {
        let parts = state.withLock { $0.parts }
        var sums = Array(repeating: emptySum(), count: context.dataset.images.count)
        for (unit, part) in zip(context.units, parts) {
            for (number, image) in unit.images.enumerated() where number < part.count {
                sums[image].merge(part[number])
            }
        }
        return sums.map(\.score)
    }
}

/// Scores pixels and images while pass 1 goes by, and writes what is to be written of the pixels.
final class ScoreObserver: UnitObserver {
    enum Product: Sendable {
        /// `pixel_scores`: self-confidence as float32, NaN where ignored.
        case pixelScores
        /// `label_issues`: true where a counted pixel's score is below the limit.
        case issues(below: Double)
    }

    private let context: RunContext
    private let reader: SelfConfidenceReader
    private let board: ScoreBoard
    private let output: (product: Product, writer: UnitOutputWriter)?

    init(context: RunContext, board: ScoreBoard, output: (product: Product, writer: UnitOutputWriter)?) {
        self.context = context
        reader = SelfConfidenceReader(context: context)
        self.board = board
        self.output = output
    }

    func observe(_ number: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError) {
        let unit = context.units[number]
        var sums = unit.images.map { _ in board.emptySum() }
        var scores: [[Float]] = unit.images.map { _ in [] }
        var masks: [[UInt8]] = unit.images.map { _ in [] }
        var issues = 0
        try reader.forEachRun(of: unit, labels: labels, probabilities: probabilities) { run throws(AuditError) in
            let at = run.image - unit.images.lowerBound
            sums[at].add(run.values.span)
            switch output?.product {
            case .pixelScores: scores[at].append(contentsOf: run.values.lazy.map { Float($0) })
            case .issues(let limit):
                for value in run.values {
                    // NaN, of an ignored pixel, is below nothing.
                    let isIssue = value < limit
                    masks[at].append(isIssue ? 1 : 0)
                    issues += isIssue ? 1 : 0
                }
            case nil: break
            }
        }
        switch output?.product {
        case .pixelScores: try output?.writer.write(scores, unit: number)
        case .issues: try output?.writer.write(masks, unit: number)
        case nil: break
        }
        board.add(sums, issues: issues, unit: number)
    }
}
