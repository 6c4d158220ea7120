import Locking
import MaskAudit
import NumPyFiles

/// Writes rows that several threads make, in their order.
final class RowWriter: Sendable {
    private struct State {
        var nextChunk = 0
        var nextWrite = 0
        /// Chunks whose turn has not come.
        var waiting: [Int: [UInt8]] = [:]
        var failure: ArrayFileError?
    }

    private let file: AtomicTextFile
    private let threads: Int
    private let state = Mutex(State())

    /// Rows of regions that a thread makes at once: some 50 kB of text.
    static let rowsAtOnce = 256

    init(_ file: AtomicTextFile, threads: Int) {
        self.file = file
        self.threads = threads
    }

    /// Writes a row for each of `items`, as `append` makes it from the item's position and the item.
    ///
    /// **Cost.** A few chunks of `rowsAtOnce` rows a thread.
    func write<Item: Sendable>(
        _ items: [Item], rowsAtOnce: Int = RowWriter.rowsAtOnce,
        _ append: @escaping @Sendable (_ number: Int, Item, inout ByteText) -> Void
    ) throws(ArrayFileError) {
        let chunks = (items.count + rowsAtOnce - 1) / rowsAtOnce
        state.withLock { $0 = State() }
        runWorkers(min(threads, max(1, chunks))) { _ in
            var size = 0
            while let chunk = self.next(of: chunks) {
                var text = ByteText()
                // A chunk takes about as much as the last one.
                text.bytes.reserveCapacity(size)
                for number in chunk * rowsAtOnce..<min(items.count, (chunk + 1) * rowsAtOnce) {
                    append(number, items.span[number], &text)
                }
                size = text.bytes.count
                self.handIn(text.bytes, chunk)
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// The next chunk to make; nil where there is none.
    private func next(of chunks: Int) -> Int? {
        state.withLock { state in
            guard state.failure == nil && state.nextChunk < chunks else { return nil }
            defer { state.nextChunk += 1 }
            return state.nextChunk
        }
    }

    private func handIn(_ bytes: [UInt8], _ chunk: Int) {
        state.withLock { state in
            state.waiting[chunk] = bytes
            while state.failure == nil, let next = state.waiting.removeValue(forKey: state.nextWrite) {
                do throws(ArrayFileError) {
                    try file.write(next)
                } catch {
                    state.failure = error
                }
                state.nextWrite += 1
            }
        }
    }
}
