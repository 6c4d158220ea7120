import ConfidentLearning
import NumPyFiles

/// Walks over the pixels that a rule judges, of units that pass 1 found good: tiles of class planes as the file holds
/// them, with downsampling of averaged blocks. One a thread.
///
/// **Cost.** One walk over the probabilities; with downsampling the sums of a unit's blocks, K doubles each.
final class TileWalk {
    /// Takes a tile, the bytes it lies in, its given classes (-1 where ignored) and the position of its first pixel.
    typealias Visit = (PlaneTile, RawSpan, Span<Int32>, _ position: UInt64) -> Void

    private let context: RunContext
    private let loader = TileLoader()
    private let blocks: BlockAverage
    private var sums: [Double] = []
    private var rowSums: [Double] = []
    private var planes: [Double] = []
    /// Of the next tile; each tile starts at a whole word, as in the unit's record.
    private var position: UInt64 = 0

    init(context: RunContext) {
        self.context = context
        blocks = BlockAverage(
            factor: context.plan.rule.downsample, labelMode: context.plan.rule.downsampleLabels,
            ignoredClasses: context.ignoredClasses)
    }

    /// The position of a pixel of a unit's record, over all units: rises with image, row and column.
    static func position(unit: Int, pixel: Int) -> UInt64 { UInt64(unit) << 32 | UInt64(pixel) }

    /// Calls `body` with each tile of a unit.
    func forEachTile(
        of number: Int, labels: [ImageBytes], probabilities: [ImageBytes], _ body: Visit
    ) throws(AuditError) {
        let unit = context.units[number]
        position = Self.position(unit: number, pixel: 0)
        for (at, index) in unit.images.enumerated() {
            let image = context.dataset.images[index]
            let rows = context.rows(of: unit, image: index)
            guard image.width > 0 && !rows.isEmpty else { continue }
            try labels[at].withBytes { labelBytes throws(AuditError) in
                try probabilities[at].withBytes { bytes throws(AuditError) in
                    if context.plan.rule.downsample > 1 {
                        try walkBlocks(image, rows, labelBytes, bytes, body)
                    } else {
                        try walkPixels(image, rows, labelBytes, bytes, body)
                    }
                }
            }
        }
    }

    private func advance(_ count: Int) { position += UInt64((count + 63) / 64 * 64) }

    private func walkPixels(
        _ image: ImageEntry, _ rows: Range<Int>, _ labelBytes: RawSpan, _ bytes: RawSpan, _ body: Visit
    ) throws(AuditError) {
        let labelView = context.labelView(image)
        let view = context.probabilityView(image)
        let end = rows.upperBound * image.width
        var pixel = rows.lowerBound * image.width
        var labels: [Int32] = []
        while pixel < end {
            let count = min(PlaneTile.capacity, end - pixel)
            try context.load(labelView, of: image, labelBytes, pixel: pixel, count: count, into: &labels)
            loader.withTile(of: view, in: bytes, pixel: pixel, count: count, isWide: false) { tile, planes in
                body(tile, planes, labels.span, position)
            }
            advance(count)
            pixel += count
        }
    }

    private func walkBlocks(
        _ image: ImageEntry, _ rows: Range<Int>, _ labelBytes: RawSpan, _ bytes: RawSpan, _ body: Visit
    ) throws(AuditError) {
        let factor = blocks.factor
        let classCount = context.dataset.classCount
        let first = rows.lowerBound * image.width
        let count = rows.count * image.width
        let blockCount = count / (factor * factor)
        var labels: [Int32] = []
        try context.load(
            context.labelView(image), of: image, labelBytes, pixel: first, count: count, into: &labels)
        let small = blocks.labels(labels.span, width: image.width)
        average(image, rows, bytes)
        for block in stride(from: 0, to: blockCount, by: PlaneTile.capacity) {
            let some = min(PlaneTile.capacity, blockCount - block)
            let tile = PlaneTile(
                type: .float64, classCount: classCount, offset: block, stride: blockCount, count: some)
            unsafe body(tile, sums.span.bytes, small.span.extracting(block..<block + some), position)
            advance(some)
        }
    }

    /// Fills `sums` with the averages of some rows' blocks: the same additions in the same order as in pass 1.
    private func average(_ image: ImageEntry, _ rows: Range<Int>, _ bytes: RawSpan) {
        let view = context.probabilityView(image)
        let factor = blocks.factor
        let classCount = context.dataset.classCount
        let width = image.width
        let blockCount = rows.count * width / (factor * factor)
        if sums.count < classCount * blockCount { sums = Array(repeating: 0, count: classCount * blockCount) }
        if view.isPlanar {
            blocks.addUp(
                bytes, type: view.planeType, classCount: classCount, offset: view.base + rows.lowerBound * width,
                stride: view.classCount == 1 ? 0 : view.axes.classStride, rows: rows.count, width: width, into: &sums,
                at: 0, sumStride: blockCount, rowSums: &rowSums)
        } else {
            let pixels = factor * width
            if planes.count < classCount * pixels { planes = Array(repeating: 0, count: classCount * pixels) }
            for row in stride(from: rows.lowerBound, to: rows.upperBound, by: factor) {
                var done = 0
                while done < pixels {
                    let count = min(PlaneTile.capacity, pixels - done)
                    loader.withTile(of: view, in: bytes, pixel: row * width + done, count: count, isWide: false) {
                        PlaneLoading.copy($0, in: $1, into: &planes, at: done, stride: pixels)
                    }
                    done += count
                }
                unsafe blocks.addUp(
                    planes.span.bytes, type: .float64, classCount: classCount, offset: 0, stride: pixels, rows: factor,
                    width: width, into: &sums, at: (row - rows.lowerBound) / factor * (width / factor),
                    sumStride: blockCount, rowSums: &rowSums)
            }
        }
        blocks.normalize(&sums, classCount: classCount, count: blockCount)
    }
}
