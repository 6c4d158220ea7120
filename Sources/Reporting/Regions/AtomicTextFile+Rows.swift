import Locking
import MaskAudit
import NumPyFiles

extension AtomicTextFile {
    /// Writes a row for each item, in order, while several threads make them.
    ///
    /// **Cost.** The text of a few chunks of rows for each thread; a chunk of regions takes about 50 kB.
    ///
    /// - Parameters:
    ///   - rowsPerChunk: how many rows a thread makes at a time.
    ///   - append: appends the row of an item, given its position and the item.
    func writeRows<Item: Sendable>(
        _ items: [Item], threads: Int, rowsPerChunk: Int = 256,
        _ append: @escaping @Sendable (_ number: Int, Item, inout ByteText) -> Void
    ) throws(ArrayFileError) {
        let sink = OrderedSink { (_, text: [UInt8]) throws(ArrayFileError) in try self.write(text) }
        let failure = Mutex<ArrayFileError?>(nil)
        runNumbered((items.count + rowsPerChunk - 1) / rowsPerChunk, threads: threads) { chunk in
            // After a failure nothing more is written, so further chunks would only wait in memory.
            guard failure.withLock({ $0 == nil }) else { return }
            var text = ByteText()
            for number in chunk * rowsPerChunk..<min(items.count, (chunk + 1) * rowsPerChunk) {
                append(number, items[number], &text)
            }
            do throws(ArrayFileError) {
                try sink.put(text.bytes, chunk)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
