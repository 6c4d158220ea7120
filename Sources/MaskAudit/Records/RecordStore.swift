import Locking
import NumPyFiles

/// The records of all units: in memory up to a limit, in an unlinked temporary file beyond it.
final class RecordStore: RecordKeeper, RecordSource {
    private enum Slot {
        case empty
        case memory(UnitRecord)
        case spooled(offset: Int, count: Int)
    }

    private struct State {
        var slots: [Slot]
        var heldBytes = 0
        var spool: SpoolFile?
    }

    private let state: Mutex<State>
    private let limitBytes: Int
    private let folder: String

    /// A store for the units of a run.
    convenience init(_ context: RunContext) {
        self.init(
            unitCount: context.units.count, limitBytes: context.plan.run.memoryLimitBytes,
            folder: context.temporaryFolder)
    }

    /// - Parameter folder: where the temporary file goes if one is needed.
    init(unitCount: Int, limitBytes: Int, folder: String) {
        state = Mutex(State(slots: Array(repeating: .empty, count: unitCount)))
        self.limitBytes = limitBytes
        self.folder = folder
    }

    func store(_ record: UnitRecord, unit: Int) throws(AuditError) {
        let isHeld = state.withLock { state in
            guard state.heldBytes + record.byteCount <= limitBytes else { return false }
            state.heldBytes += record.byteCount
            state.slots[unit] = .memory(record)
            return true
        }
        guard !isHeld else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(record.byteCount + 128)
        record.encode(into: &bytes)
        let spool = try spoolFile()
        let offset = try AuditError.wrapping(unsafe try spool.append(bytes.span.bytes))
        state.withLock { $0.slots[unit] = .spooled(offset: offset, count: bytes.count) }
    }

    private func spoolFile() throws(AuditError) -> SpoolFile {
        let made: Result<SpoolFile, ArrayFileError> = state.withLock { state in
            if let spool = state.spool { return .success(spool) }
            do throws(ArrayFileError) {
                let spool = try SpoolFile(folder: folder)
                state.spool = spool
                return .success(spool)
            } catch {
                return .failure(error)
            }
        }
        return try AuditError.wrapping(try made.get())
    }

    func record(unit: Int) throws(AuditError) -> UnitRecord {
        let (slot, spool) = state.withLock { ($0.slots[unit], $0.spool) }
        switch slot {
        case .memory(let record):
            return record
        case .spooled(let offset, let count):
            guard let spool else { preconditionFailure("spooled without a file") }
            var bytes: [UInt8] = []
            try AuditError.wrapping(try spool.read(at: offset, count: count, into: &bytes))
            guard let record = unsafe UnitRecord(decoding: bytes.span.bytes) else {
                throw .input(
                    folder, "a temporary file no longer holds what was written to it",
                    remedy: "check that disk, or write to another one")
            }
            return record
        case .empty:
            preconditionFailure("unit \(unit) was not scanned")
        }
    }
}
