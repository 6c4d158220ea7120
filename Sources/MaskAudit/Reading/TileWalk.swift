import ConfidentLearning
import NumPyFiles

/// Walks over the pixels that a rule judges: tiles of class planes as the file holds them, or with downsampling of
/// averaged blocks. Each thread has its own.
///
/// **Cost.** One walk over the probabilities; with downsampling the sums of about one tile of blocks, K doubles each.
final class TileWalk {
    /// Takes a tile, the bytes it lies in, its given classes (-1 where ignored), and where its first pixel stands in the
    /// unit's record: every tile starts at a whole word of bits.
    typealias Visit = (PlaneTile, RawSpan, Span<Int32>, _ position: Int) throws(AuditError) -> Void

    /// Takes a tile of full-size pixels before their blocks are averaged.
    typealias FullSizeVisit = (PlaneTile, RawSpan, Span<Int32>) throws(AuditError) -> Void

    private let context: RunContext
    private let loader = TileLoader()
    private let blocks: BlockAverage
    private var sums: [Double] = []
    private var rowSums: [Double] = []
    private var planes: [Double] = []
    private var labels: [Int32] = []
    private var position = 0

    init(context: RunContext) {
        self.context = context
        blocks = BlockAverage(
            factor: context.plan.rule.downsample, labelMode: context.plan.rule.downsampleLabels,
            ignoredClasses: context.labelMapping.ignoredClasses)
    }

    /// A pixel's place over all units, from its place in its unit's record: rises with image, row and column.
    static func position(unit: Int, pixel: Int) -> UInt64 { UInt64(unit) << 32 | UInt64(pixel) }

    /// Begins a unit: positions count from its first pixel.
    func begin() { position = 0 }

    /// Calls `body` with each tile of some rows of an image.
    ///
    /// - Parameters:
    ///   - isWide: planes are to be double whatever the file holds.
    ///   - fullSize: with downsampling, and where `showsFullSize`, gets the pixels themselves.
    /// **Errors.** Those of `body`, and labels that cannot be used, reported as a file that changed; the first walk over
    /// the data replaces that by what is wrong.
    func forEachTile(
        ofRows rows: Range<Int>, of image: ImageEntry, labels labelBytes: RawSpan, probabilities bytes: RawSpan,
        isWide: Bool = false, showsFullSize: Bool = false, fullSize: FullSizeVisit = { _, _, _ in }, _ body: Visit
    ) throws(AuditError) {
        guard image.width > 0 && !rows.isEmpty else { return }
        if blocks.factor > 1 {
            try walkBlocks(image, rows, labelBytes, bytes, showsFullSize, fullSize, body)
        } else {
            let view = context.probabilityView(image)
            try context.forEachLabelRun(of: image, rows: rows, in: labelBytes) { labels, pixel throws(AuditError) in
                let count = labels.count
                try loader.withTile(of: view, in: bytes, pixel: pixel, count: count, isWide: isWide) {
                    (tile, planes) throws(AuditError) in
                    var judged = labels
                    if context.plan.dataset.ignoresUnpredicted { tile.ignoreUnpredicted(&judged, in: planes) }
                    try body(tile, planes, judged.span, position)
                }
                advance(count)
            }
        }
    }

    private func advance(_ count: Int) { position += (count + 63) / 64 * 64 }

    /// Rows whose blocks are whole words of bits and about one tile are averaged at once: they are still in cache when
    /// their blocks are visited.
    private func walkBlocks(
        _ image: ImageEntry, _ rows: Range<Int>, _ labelBytes: RawSpan, _ bytes: RawSpan, _ showsFullSize: Bool,
        _ fullSize: FullSizeVisit, _ body: Visit
    ) throws(AuditError) {
        // Taken out of self while in use, so that spans of it have one owner.
        var labels = labels
        self.labels = []
        defer { self.labels = labels }
        let blocksPerRow = image.width / blocks.factor
        let rowsPerWord = blocks.factor * (64 >> min(6, blocksPerRow.trailingZeroBitCount))
        let step = rowsPerWord * max(1, PlaneTile.capacity * blocks.factor / (rowsPerWord * blocksPerRow))
        for row in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
            let some = row..<min(row + step, rows.upperBound)
            let first = row * image.width
            let count = some.count * image.width
            try context.load(
                context.labelView(image), of: image, labelBytes, pixel: first, count: count, into: &labels)
            if context.plan.dataset.ignoresUnpredicted { ignoreUnpredicted(image, pixel: first, bytes, &labels) }
            try average(image, some, labels, bytes, showsFullSize, fullSize)
            let sums = sums
            let blockLabels = blocks.labels(labels.span, width: image.width)
            for block in stride(from: 0, to: blockLabels.count, by: PlaneTile.capacity) {
                let count = min(PlaneTile.capacity, blockLabels.count - block)
                let tile = PlaneTile(
                    type: .float64, classCount: context.dataset.classCount, offset: block, stride: blockLabels.count,
                    count: count)
                try unsafe body(
                    tile, sums.span.bytes, blockLabels.span.extracting(block..<block + count), position)
                advance(count)
            }
        }
    }

    /// Ignores pixels without a prediction before their labels are averaged.
    private func ignoreUnpredicted(_ image: ImageEntry, pixel first: Int, _ bytes: RawSpan, _ labels: inout [Int32]) {
        let view = context.probabilityView(image)
        for pixel in stride(from: 0, to: labels.count, by: PlaneTile.capacity) {
            let count = min(PlaneTile.capacity, labels.count - pixel)
            loader.withTile(of: view, in: bytes, pixel: first + pixel, count: count, isWide: false) { tile, planes in
                tile.ignoreUnpredicted(&labels, from: pixel, in: planes)
            }
        }
    }

    /// Fills `sums` with the averages of some rows' blocks, always by the same additions in the same order.
    ///
    /// A few rows at a time, so that they are still in cache when they are added up after `fullSize` saw them; whole words
    /// of bits each, as its records want them.
    private func average(
        _ image: ImageEntry, _ rows: Range<Int>, _ labels: [Int32], _ bytes: RawSpan, _ showsFullSize: Bool,
        _ fullSize: FullSizeVisit
    ) throws(AuditError) {
        let view = context.probabilityView(image)
        let factor = blocks.factor
        let width = image.width
        let classCount = context.dataset.classCount
        let first = rows.lowerBound * width
        let blockCount = rows.count * width / (factor * factor)
        if sums.count < classCount * blockCount { sums = Array(repeating: 0, count: classCount * blockCount) }
        let rowsPerWord = factor * (64 >> min(6, (factor * width).trailingZeroBitCount))
        let step = rowsPerWord * max(1, PlaneTile.capacity / (rowsPerWord * width))
        for row in stride(from: 0, to: rows.count, by: step) {
            let some = min(step, rows.count - row)
            let pixels = row * width..<(row + some) * width
            let at = row / factor * (width / factor)
            if showsFullSize || !view.isPlanar { try visit(view, pixels, first: first, labels, bytes, fullSize) }
            if view.isPlanar {
                blocks.addUp(
                    bytes, type: view.planeType, classCount: classCount, offset: view.base + first + pixels.lowerBound,
                    stride: view.classCount == 1 ? 0 : view.axes.classStride, rows: some, width: width, into: &sums,
                    at: at, sumStride: blockCount, rowSums: &rowSums)
            } else {
                unsafe blocks.addUp(
                    planes.span.bytes, type: .float64, classCount: classCount, offset: 0, stride: pixels.count,
                    rows: some, width: width, into: &sums, at: at, sumStride: blockCount, rowSums: &rowSums)
            }
        }
        blocks.normalize(&sums, classCount: classCount, count: blockCount)
    }

    /// Shows some pixels of a run that starts at pixel `first` of the image to `fullSize`, and copies their planes in double
    /// where they cannot be added up in place.
    private func visit(
        _ view: ProbabilityView, _ pixels: Range<Int>, first: Int, _ labels: [Int32], _ bytes: RawSpan,
        _ fullSize: FullSizeVisit
    ) throws(AuditError) {
        if !view.isPlanar {
            let needed = context.dataset.classCount * pixels.count
            if planes.count < needed { planes = Array(repeating: 0, count: needed) }
        }
        for pixel in stride(from: pixels.lowerBound, to: pixels.upperBound, by: PlaneTile.capacity) {
            let count = min(PlaneTile.capacity, pixels.upperBound - pixel)
            try loader.withTile(of: view, in: bytes, pixel: first + pixel, count: count, isWide: false) {
                (tile, tilePlanes) throws(AuditError) in
                try fullSize(tile, tilePlanes, labels.span.extracting(pixel..<pixel + count))
                if !view.isPlanar {
                    PlaneLoading.copy(
                        tile, in: tilePlanes, into: &planes, at: pixel - pixels.lowerBound, stride: pixels.count)
                }
            }
        }
    }
}
