import Locking
import MaskAudit
import NumPyFiles

/// What a thread makes rows in.
struct RowBuffer {
    var text = ByteText()
    private var regions: [Region] = []
    private var encoder = ColumnRunEncoder()

    /// Appends a region's mask as COCO's compressed counts.
    mutating func append(mask region: Region, of image: RegionSummary.Image) {
        encoder.append(region.shape, height: image.height, width: image.width, to: &text.bytes)
    }
}

extension RowBuffer {
    /// Calls `body` for some regions of a list and their positions.
    mutating func forEach(_ positions: Range<Int>, of list: RegionList, _ body: (Int, Region, inout RowBuffer) -> Void)
    {
        // Away while `body` has the rest.
        var copied: [Region] = []
        swap(&copied, &regions)
        list.copy(positions, into: &copied)
        for (number, position) in positions.enumerated() { body(position, copied[number], &self) }
        swap(&copied, &regions)
    }
}

/// Writes rows that several threads make, in their order.
final class RowWriter: Sendable {
    private struct State {
        var nextChunk = 0
        var nextWrite = 0
        /// Chunks whose turn has not come.
        var waiting: [Int: [UInt8]] = [:]
        /// Room of chunks that were written.
        var free: [[UInt8]] = []
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

    /// Writes rows 0 to `count` - 1 as `append` makes them, some at once.
    ///
    /// **Cost.** A few chunks of `rowsAtOnce` rows a thread.
    func write(
        count: Int, rowsAtOnce: Int = RowWriter.rowsAtOnce,
        _ append: @escaping @Sendable (_ rows: Range<Int>, inout RowBuffer) -> Void
    ) throws(ArrayFileError) {
        let chunks = (count + rowsAtOnce - 1) / rowsAtOnce
        state.withLock { $0 = State() }
        runWorkers(min(threads, max(1, chunks))) { _ in
            var buffer = RowBuffer()
            while let chunk = self.take(of: chunks, &buffer.text.bytes) {
                append(chunk * rowsAtOnce..<min(count, (chunk + 1) * rowsAtOnce), &buffer)
                self.handIn(&buffer.text.bytes, chunk)
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Writes a row a region.
    func write(
        _ regions: RegionList, _ append: @escaping @Sendable (_ number: Int, Region, inout RowBuffer) -> Void
    ) throws(ArrayFileError) {
        try write(count: regions.count) { $1.forEach($0, of: regions, append) }
    }

    /// The next chunk to make; nil where there is none.
    private func take(of chunks: Int, _ bytes: inout [UInt8]) -> Int? {
        let (chunk, room) = state.withLock { state -> (Int?, [UInt8]?) in
            guard state.failure == nil && state.nextChunk < chunks else { return (nil, nil) }
            defer { state.nextChunk += 1 }
            return (state.nextChunk, state.free.popLast())
        }
        bytes = room ?? []
        bytes.removeAll(keepingCapacity: true)
        return chunk
    }

    private func handIn(_ bytes: inout [UInt8], _ chunk: Int) {
        let made = bytes
        bytes = []
        state.withLock { state in
            state.waiting[chunk] = made
            while state.failure == nil, let next = state.waiting.removeValue(forKey: state.nextWrite) {
                do throws(ArrayFileError) {
                    try file.write(next)
                } catch {
                    state.failure = error
                }
                state.nextWrite += 1
                state.free.append(next)
            }
        }
    }
}
