import Locking

/// Shares the units of a run among threads, with the bytes of their images.
///
/// **Threads.** One lock hands units out in dataset order. Arrays that can only be read from front to back are read under
/// that lock, so that they are read in this order and one thread inflates while the others work. Everything else happens
/// outside the lock, and each thread keeps what it finds until all have ended, so no thread waits for another's results.
///
/// **Errors.** The error of the lowest unit is the one that is thrown, whichever thread came first: all lower units are
/// under way by the time a unit fails, and are finished. So the message does not depend on the number of threads.
///
/// **Buffers.** Bytes that a stream filled go back to its reader with the thread's next unit, and are filled again; those
/// of a file that a thread opened itself stay with that thread.
final class UnitQueue: Sendable {
    /// Units that one thread works on at once, and the bytes of their images.
    struct Item {
        /// Consecutive units: one, or all with rows of one image.
        var units: Range<Int>
        /// Bytes of each image of the first unit, empty where the side is not read.
        fileprivate(set) var labels: [ImageBytes] = []
        fileprivate(set) var probabilities: [ImageBytes] = []
    }

    /// What one thread holds between two items.
    private struct Hands {
        var item: Item?
        var buffers = BufferPool()
    }

    private struct State {
        var nextGroup = 0
        var labels: SideReader?
        var probabilities: SideReader?
        /// Bytes read from files that threads opened themselves.
        var bytesRead = 0
        var failure: (group: Int, error: AuditError)?
    }

    private let context: RunContext
    private let groups: [Range<Int>]
    private let sides: [InputSide]
    private let progress: ProgressMeter?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - groups: units that belong together, in order; nil hands out each by itself.
    ///   - sides: the inputs whose bytes are wanted.
    ///   - progress: told of each finished unit.
    init(_ context: RunContext, groups: [Range<Int>]? = nil, reading sides: [InputSide], _ progress: ProgressMeter?) {
        self.context = context
        self.groups = groups ?? context.units.indices.map { $0..<$0 + 1 }
        self.sides = sides
        self.progress = progress
        state = Mutex(
            State(
                labels: sides.contains(.labels) ? SideReader(side: .labels, context: context) : nil,
                probabilities: sides.contains(.predProbs) ? SideReader(side: .predProbs, context: context) : nil))
    }

    /// Bytes of inputs that were read, compressed where they are.
    var bytesRead: Int {
        state.withLock { $0.bytesRead + ($0.labels?.bytesRead ?? 0) + ($0.probabilities?.bytesRead ?? 0) }
    }

    /// Bytes that followed the arrays of standard input.
    var pipedTrailingByteCount: Int {
        state.withLock { ($0.labels?.pipedTrailingByteCount ?? 0) + ($0.probabilities?.pipedTrailingByteCount ?? 0) }
    }

    /// Works on every item once, on as many threads as the plan allows.
    ///
    /// - Parameters:
    ///   - makeWorker: makes what a thread works with.
    ///   - work: gets each item on the thread that took it.
    ///   - found: what a worker has found in the end.
    /// - Returns: what each thread found; which items were whose is chance.
    func run<Worker, Found: Sendable>(
        _ makeWorker: @escaping @Sendable () -> Worker,
        _ work: @escaping @Sendable (inout Worker, Item) throws(AuditError) -> Void,
        found: @escaping @Sendable (Worker) -> Found
    ) throws(AuditError) -> [Found] {
        let results = Mutex<[Found]>([])
        runWorkers(min(context.plan.run.threads, max(1, groups.count))) { _ in
            var worker = makeWorker()
            var hands = Hands()
            while let group = self.take(&hands) {
                do throws(AuditError) {
                    try self.work(&hands) { item throws(AuditError) in try work(&worker, item) }
                } catch {
                    self.state.withLock { Self.note(error, group, &$0) }
                }
            }
            let own = found(worker)
            results.withLock { $0.append(own) }
        }
        // A file that changed explains whatever else was found in it.
        if !sides.isEmpty { try context.checkUnchanged() }
        if let failure = state.withLock({ $0.failure }) { throw failure.error }
        return results.withLock { $0 }
    }

    /// The next group; nil where there is none, or one has failed.
    private func take(_ hands: inout Hands) -> Int? {
        state.withLock { state in
            // Handed over without a name: a buffer that something else holds would be copied when it is filled.
            if let unit = hands.item?.units.lowerBound {
                state.labels?.reuse(giveBack(&hands, \.labels, .labels, context.units[unit]))
                state.probabilities?.reuse(giveBack(&hands, \.probabilities, .predProbs, context.units[unit]))
            }
            guard state.failure == nil && state.nextGroup < groups.count else { return nil }
            let group = state.nextGroup
            state.nextGroup += 1
            var item = Item(units: groups[group])
            let unit = context.units[item.units.lowerBound]
            do throws(AuditError) {
                if let labels = try state.labels?.read(unit) { item.labels = labels }
                if let probabilities = try state.probabilities?.read(unit) { item.probabilities = probabilities }
            } catch {
                Self.note(error, group, &state)
                return nil
            }
            hands.item = item
            return group
        }
    }

    /// The images of a side that a stream filled; those of files that the thread opened stay with it.
    private func giveBack(
        _ hands: inout Hands, _ path: WritableKeyPath<Item, [ImageBytes]>, _ side: InputSide, _ unit: WorkUnit
    ) -> [ImageBytes] {
        var images: [ImageBytes] = []
        if hands.item != nil { swap(&images, &hands.item![keyPath: path]) }
        guard let first = images.first, case .buffer = first else { return [] }
        guard case .stream = context.access(side)[context.place(of: unit.images.lowerBound, side).source] else {
            hands.buffers.reuse(images)
            return []
        }
        return images
    }

    private func work(_ hands: inout Hands, _ body: (Item) throws(AuditError) -> Void) throws(AuditError) {
        guard var item = hands.item else { preconditionFailure("nothing was taken") }
        hands.item = nil
        defer { hands.item = item }
        let unit = context.units[item.units.lowerBound]
        var bytesRead = 0
        for side in sides {
            let path = side == .labels ? \Item.labels : \Item.probabilities
            bytesRead += try context.openOnDemand(unit, side, &item[keyPath: path], reusing: &hands.buffers)
        }
        try body(item)
        for side in sides { try context.checkOnDemand(unit, side, side == .labels ? item.labels : item.probabilities) }
        if bytesRead > 0 {
            let read = bytesRead
            state.withLock { $0.bytesRead += read }
        }
        for number in item.units {
            let unit = context.units[number]
            for side in sides { context.release(unit, side, side == .labels ? item.labels : item.probabilities) }
            progress?.advance(pixels: context.pixelCount(of: unit), images: context.imagesEnded(by: unit))
        }
    }

    private static func note(_ error: AuditError, _ group: Int, _ state: inout State) {
        if let before = state.failure, before.group <= group { return }
        state.failure = (group, error)
    }
}
