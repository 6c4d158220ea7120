import ConfidentLearning
import Locking

/// What pass 1 counts for `calibrated`, image by image, on several threads.
///
/// An image that is cut into bands of rows is counted by several of them; its own counts go to the record of its last unit,
/// which is held back until all bands are counted, so that records do not depend on threads.
/// **Threads.** Each thread counts in an `ImageCounter` of its own and hands it in, under the board's lock.
/// **Cost.** The counts of the dataset, 128 K^2 bytes, and 64 K^2 for each thread and each image that is under way; units are
/// handed out in order, so these are no more than threads.
final class ImageCountBoard: Sendable {
    /// An image whose bands are not all counted.
    private struct OpenImage {
        var counter: ImageCounter
        var rowsLeft: Int
        /// The record of its last unit.
        var held: (unit: Int, record: UnitRecord)?
    }

    private struct State {
        var totals: CellCounts
        var open: [Int: OpenImage] = [:]
        /// Counters of images that are done, for those to come.
        var free: [ImageCounter] = []
    }

    private let context: RunContext
    private let state: Mutex<State>

    init(_ context: RunContext) {
        self.context = context
        state = Mutex(State(totals: CellCounts(classCount: context.dataset.classCount)))
    }

    /// The counts of the dataset, once all units are handed in.
    var totals: CellCounts { state.withLock { $0.totals } }

    /// Takes what a thread counted in a whole image, and gives the image's own counts.
    func finish(_ counter: inout ImageCounter) -> ImageCounts {
        state.withLock { counter.finish(into: &$0.totals) }
    }

    /// Takes what a thread counted in a band of rows, with the record of its unit, and gives the records that are whole now.
    func finish(
        _ counter: inout ImageCounter, _ record: UnitRecord, unit number: Int
    ) -> [(unit: Int, record: UnitRecord)] {
        let index = context.units[number].images.lowerBound
        let rows = context.rows(of: context.units[number], image: index)
        let height = context.dataset.images[index].height
        return state.withLock { state in
            // Taken out while it is changed: what two hold is copied.
            var image =
                state.open.removeValue(forKey: index)
                ?? OpenImage(
                    counter: state.free.popLast() ?? ImageCounter(classCount: context.dataset.classCount),
                    rowsLeft: height)
            image.counter.take(&counter)
            image.rowsLeft -= rows.count
            var whole: [(unit: Int, record: UnitRecord)] = []
            if rows.upperBound == height { image.held = (number, record) } else { whole.append((number, record)) }
            if image.rowsLeft == 0, var last = image.held {
                last.record.counts = [image.counter.finish(into: &state.totals)]
                whole.append(last)
                state.free.append(image.counter)
            } else {
                state.open[index] = image
            }
            return whole
        }
    }
}
