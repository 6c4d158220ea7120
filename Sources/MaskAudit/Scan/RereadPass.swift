import Locking
import NumPyFiles

/// Looks at units of a dataset that pass 1 found good. One a thread.
protocol UnitReader: AnyObject, SendableMetatype {
    associatedtype Found: Sendable

    func read(_ unit: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError)

    /// What was found in all units that were read.
    var found: Found { get }
}

/// A further pass over labels and probabilities, on several threads. What is deflated is inflated again.
///
/// **Errors.** Those of files that changed since pass 1.
final class RereadPass: Sendable {
    private struct State {
        var nextUnit = 0
        var labels: SideReader
        var probabilities: SideReader
        var bytesRead = 0
        var failure: AuditError?
    }

    private let context: RunContext
    private let progress: ProgressMeter
    private let state: Mutex<State>

    init(context: RunContext, progress: ProgressMeter) {
        self.context = context
        self.progress = progress
        state = Mutex(
            State(
                labels: SideReader(side: .labels, context: context),
                probabilities: SideReader(side: .predProbs, context: context)))
    }

    /// Reads every unit once and joins what the threads found, in any order.
    func run<Reader: UnitReader>(
        _ makeReader: @escaping @Sendable () -> Reader,
        join: @escaping @Sendable (inout Reader.Found, Reader.Found) -> Void
    ) throws(AuditError) -> (found: Reader.Found, bytesRead: Int) {
        let joined = Mutex<Reader.Found?>(nil)
        runWorkers(context.threadCount) { _ in
            let reader = makeReader()
            do throws(AuditError) {
                while let job = try self.nextUnit() { try self.read(job, with: reader) }
            } catch {
                self.state.withLock { $0.failure = $0.failure ?? error }
            }
            let found = reader.found
            joined.withLock { joined in
                if joined == nil { joined = found } else { join(&joined!, found) }
            }
        }
        let (failure, bytesRead) = state.withLock {
            ($0.failure, $0.bytesRead + $0.labels.bytesRead + $0.probabilities.bytesRead)
        }
        try context.checkUnchanged()
        if let failure { throw failure }
        guard let found = joined.withLock({ $0 }) else { preconditionFailure("no thread ran") }
        return (found, bytesRead)
    }

    private typealias Job = (unit: Int, labels: [ImageBytes], probabilities: [ImageBytes])

    private func nextUnit() throws(AuditError) -> Job? {
        let job = state.withLock { state -> Result<Job?, AuditError> in
            guard state.failure == nil && state.nextUnit < context.units.count else { return .success(nil) }
            let number = state.nextUnit
            state.nextUnit += 1
            do throws(AuditError) {
                let labels = try state.labels.read(context.units[number])
                return .success((number, labels, try state.probabilities.read(context.units[number])))
            } catch {
                return .failure(error)
            }
        }
        return try job.get()
    }

    private func read<Reader: UnitReader>(_ job: Job, with reader: Reader) throws(AuditError) {
        let unit = context.units[job.unit]
        var (_, labels, probabilities) = job
        let bytesRead =
            try context.openOnDemand(unit, .labels, &labels)
            + context.openOnDemand(unit, .predProbs, &probabilities)
        try reader.read(job.unit, labels: labels, probabilities: probabilities)
        try context.checkOnDemand(unit, .labels, labels)
        try context.checkOnDemand(unit, .predProbs, probabilities)
        context.release(unit, .labels, labels)
        context.release(unit, .predProbs, probabilities)
        state.withLock { $0.bytesRead += bytesRead }
        progress.advance(pixels: context.pixelCount(of: unit), images: context.imagesEnded(by: unit))
    }
}
