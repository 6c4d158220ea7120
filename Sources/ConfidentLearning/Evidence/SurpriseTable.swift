/// What a dataset's counts say of the labels of its images, and of which image's own part they are to be freed.
public struct SurpriseSource: Sendable {
    private let counts: CellCounts
    private let sums: BinSums
    private let leavesImageOut: Bool

    /// In datasets of fewer images every image has to be its own witness.
    public static let fewestImages = 4

    /// - Parameter leavesImageOut: whether an image's own counts are taken off before it is judged: where they are part of
    ///   `counts`, and other images are there to judge it by.
    public init(_ counts: CellCounts, leavesImageOut: Bool) {
        self.counts = counts
        sums = counts.sums
        self.leavesImageOut = leavesImageOut
    }

    /// How surprising the labels of an image are.
    public func table(of image: ImageCounts) -> SurpriseTable {
        var pool: [Double] = []
        for bin in 0..<RatioBins.count {
            let given = sums.given[bin] - (leavesImageOut ? image.sums.given[bin] : 0)
            let seen = sums.seen[bin] - (leavesImageOut ? image.sums.seen[bin] : 0)
            pool.append(SurpriseTable.pool(given: given, seen: seen))
        }
        var values: [Double] = []
        values.reserveCapacity(image.cells.count)
        for index in image.cells.indices {
            let cell = Int(image.cells[index])
            let given = counts.given[cell] - (leavesImageOut ? Int(image.given[index]) : 0)
            let seen = counts.seen[cell] - (leavesImageOut ? Int(image.seen[index]) : 0)
            values.append(SurpriseTable.surprise(given: given, seen: seen, pool: pool[cell % RatioBins.count]))
        }
        return SurpriseTable(classCount: counts.classCount, cells: image.cells, values: values)
    }
}

/// How surprising it is that a pixel of an image has its label, by the cell that it is counted in: -ln of the share of
/// pixels in that cell which have that label.
///
/// The share is drawn to that of all pairs of classes together by as much as 100 pixels would: `c = (given + 100 pool) /
/// (seen + 100)`, with `pool = (all given + 0.001) / (all seen + 1)`; its surprise is `-ln max(c, 1e-9)`.
public struct SurpriseTable: Sendable {
    private static let poolWeight = 100.0
    private static let leastShare = 1e-9
    /// A probability below this one counts as it.
    private static let leastProbability = 1e-6
    private static let ratioWeight = 0.3

    private let classCount: Int
    private let cells: [UInt32]
    private let values: [Double]
    /// Neighbouring pixels mostly use one cell.
    private var last = 0

    fileprivate init(classCount: Int, cells: [UInt32], values: [Double]) {
        self.classCount = classCount
        self.cells = cells
        self.values = values
    }

    /// The share of given labels over all pairs of classes, in one bin.
    fileprivate static func pool(given: Int, seen: Int) -> Double {
        (Double(max(0, given)) + 0.001) / (Double(max(0, seen)) + 1)
    }

    fileprivate static func surprise(given: Int, seen: Int, pool: Double) -> Double {
        let share = (Double(max(0, given)) + poolWeight * pool) / (Double(max(0, seen)) + poolWeight)
        return -naturalLogarithm(max(share, leastShare))
    }

    /// The evidence of one contested pixel: its surprise, and 0.3 times the logarithm of how many times as probable as the
    /// given class the predicted one is. The mean over the pixels of a region is the region's evidence.
    ///
    /// **Edge cases.** A pixel whose cell is not in the table, which no scan leaves out, has a surprise of 0.
    public mutating func evidence(predicted: Int, given: Int, top: Double, low: Double) -> Double {
        let cell = CountCell(predicted: predicted, other: given, top: top, low: low, classCount: classCount).number
        let ratio = max(top, Self.leastProbability) / max(low, Self.leastProbability)
        return surprise(cell) + Self.ratioWeight * naturalLogarithm(ratio)
    }

    private mutating func surprise(_ cell: UInt32) -> Double {
        if last < cells.count && cells[last] == cell { return values[last] }
        var low = 0
        var high = cells.count
        while low < high {
            let middle = (low + high) / 2
            if cells[middle] < cell { low = middle + 1 } else { high = middle }
        }
        guard low < cells.count && cells[low] == cell else { return 0 }
        last = low
        return values[low]
    }
}
