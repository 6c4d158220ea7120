import ConfidentLearning
import Locking

/// Counts the records of pass 1 and drops them: each is added to a tally that no other thread uses at the time.
final class RecordTally<Tally: Sendable>: RecordKeeper {
    private let free: Mutex<[Tally]>
    private let makeTally: @Sendable () -> Tally
    private let add: @Sendable (inout Tally, CandidateRecord) -> Void
    /// Keeps the records as well.
    private let next: (any RecordKeeper)?

    init(
        next: (any RecordKeeper)? = nil, make: @escaping @Sendable () -> Tally,
        add: @escaping @Sendable (inout Tally, CandidateRecord) -> Void
    ) {
        self.next = next
        free = Mutex([])
        makeTally = make
        self.add = add
    }

    func store(_ record: UnitRecord, unit: Int) throws(AuditError) {
        var tally = free.withLock { $0.popLast() } ?? makeTally()
        add(&tally, record.candidates)
        let done = tally
        free.withLock { $0.append(done) }
        try next?.store(record, unit: unit)
    }

    /// The tallies of all threads that stored a record, once all is stored.
    var tallies: [Tally] { free.withLock { $0 } }
}

/// What one thread counts in a second round.
struct WindowTally: Sendable {
    var rank = 0
    var below = 0
    var inside: [UInt64] = []

    func joined(with other: WindowTally) -> WindowTally {
        WindowTally(rank: rank + other.rank, below: below + other.below, inside: inside + other.inside)
    }
}
