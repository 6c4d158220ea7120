internal import CPixelKernels

/// Counts the pixels of one image, or of some rows of it, while they are scanned. What it has counted goes to the counts of
/// the dataset, and what the image needs of it to its `ImageCounts`; then it counts the next image.
///
/// **Cost.** 64 K^2 bytes; what is emptied after an image are the cells of its predicted classes alone.
public struct ImageCounter: Sendable {
    let classCount: Int
    /// (K,K,8), as of `CellCounts`.
    private var seen: [UInt32]
    /// Of cells that contested pixels of the image use, one more than the counted pixels given the cell's other class; else 0.
    private var uses: [UInt32]
    private var usedCells: [UInt32] = []
    private var isPredicted: [Bool]
    /// Pixels of a tile that are counted; scratch.
    private var chosen: [UInt16] = []

    public init(classCount: Int) {
        precondition(classCount <= CellCounts.maximumClassCount, "too many classes to count pairs of")
        self.classCount = classCount
        seen = Array(repeating: 0, count: classCount * classCount * RatioBins.count)
        uses = seen
        isPredicted = Array(repeating: false, count: classCount)
    }

    /// Counts the pixels of a tile that lie on the lattice and are not ignored.
    ///
    /// **Shapes.** `labels` (count,), the first one that of pixel `first` of the image; `maximum` and `predicted` likewise.
    mutating func countRatios(
        _ tile: mlk_tile, path: KernelPath, labels: Span<Int32>, first: Int, lattice: CountLattice,
        maximum: UnsafeRawPointer, predicted: UnsafePointer<Int32>
    ) {
        precondition(
            unsafe Int(tile.classes) == classCount && labels.count == Int(tile.count), "tile and labels disagree")
        lattice.choose(labels, first: first, into: &chosen)
        for pixel in chosen { isPredicted[Int(unsafe predicted[Int(pixel)])] = true }
        unsafe mlk_count_ratios(
            path.kernelPath, tile, maximum, predicted, chosen, UInt32(chosen.count), RatioBins.limits, &seen)
    }

    /// Notes that a contested pixel uses a cell.
    ///
    /// - Parameter isCounted: whether the pixel lies on the lattice.
    mutating func use(_ cell: CountCell, isCounted: Bool) {
        let at = Int(cell.number)
        if uses[at] == 0 {
            uses[at] = 1
            usedCells.append(cell.number)
        }
        if isCounted { uses[at] &+= 1 }
    }

    /// Adds what was counted in other rows of the image, and empties that.
    public mutating func take(_ other: inout ImageCounter) {
        precondition(classCount == other.classCount, "counts of other classes")
        for cell in other.usedCells {
            let at = Int(cell)
            if uses[at] == 0 {
                uses[at] = 1
                usedCells.append(cell)
            }
            uses[at] &+= other.uses[at] - 1
            other.uses[at] = 0
        }
        other.usedCells.removeAll(keepingCapacity: true)
        for predicted in 0..<classCount where other.isPredicted[predicted] {
            isPredicted[predicted] = true
            other.isPredicted[predicted] = false
            for at in cells(of: predicted) {
                seen[at] &+= other.seen[at]
                other.seen[at] = 0
            }
        }
    }

    /// Adds the image to the counts of the dataset, gives what leaving it out will need, and is empty again.
    public mutating func finish(into totals: inout CellCounts) -> ImageCounts {
        precondition(classCount == totals.classCount, "counts of other classes")
        usedCells.sort()
        var own = ImageCounts()
        own.cells = exactCopy(usedCells)
        own.seen = usedCells.map { seen[Int($0)] }
        own.given = usedCells.map { uses[Int($0)] - 1 }
        for (cell, count) in zip(own.cells, own.given) {
            totals.given[Int(cell)] &+= Int(count)
            own.sums.given[Int(cell) % RatioBins.count] &+= Int(count)
            uses[Int(cell)] = 0
        }
        usedCells.removeAll(keepingCapacity: true)
        for predicted in 0..<classCount where isPredicted[predicted] {
            isPredicted[predicted] = false
            for at in cells(of: predicted) where seen[at] > 0 {
                totals.seen[at] &+= Int(seen[at])
                own.sums.seen[at % RatioBins.count] &+= Int(seen[at])
                seen[at] = 0
            }
        }
        return own
    }

    private func cells(of predicted: Int) -> Range<Int> {
        let width = classCount * RatioBins.count
        return predicted * width..<(predicted + 1) * width
    }
}
