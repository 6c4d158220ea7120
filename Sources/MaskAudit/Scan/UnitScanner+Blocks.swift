import ConfidentLearning

extension UnitScanner {
    /// Scans averaged blocks, and at full size compares predicted with given labels.
    ///
    /// The full-size labels of contested pixels are kept: a flagged block unflags those of its pixels that agree with
    /// their label, and the summary counts given classes at full size. Returns how many pixels are counted.
    func scanBlocks(
        _ image: ImageEntry, rows: Range<Int>, labelBytes: RawSpan, bytes: RawSpan, into record: inout UnitRecord
    ) throws(ScanFault) -> Int {
        // Rows whose blocks are whole words of bits and about a tile: they are still in cache when they are scanned.
        let blocksPerRow = image.width / blocks.factor
        let rowsPerWord = blocks.factor * (64 >> min(6, blocksPerRow.trailingZeroBitCount))
        let step = rowsPerWord * max(1, PlaneTile.capacity * blocks.factor / (rowsPerWord * blocksPerRow))
        var counted = 0
        for row in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
            counted += try scanSomeBlocks(
                image, rows: row..<min(row + step, rows.upperBound), labelBytes: labelBytes, bytes: bytes, into: &record
            )
        }
        return counted
    }

    private func scanSomeBlocks(
        _ image: ImageEntry, rows: Range<Int>, labelBytes: RawSpan, bytes: RawSpan, into record: inout UnitRecord
    ) throws(ScanFault) -> Int {
        let first = rows.lowerBound * image.width
        let count = rows.count * image.width
        var labels = blockLabels
        blockLabels = []
        defer { blockLabels = labels }
        try loadLabels(context.labelView(image), labelBytes, pixel: first, count: count, into: &labels)
        let view = context.probabilityView(image)
        let factor = blocks.factor
        let classCount = context.dataset.classCount
        let blocksPerRow = image.width / factor
        let blockCount = count / (factor * factor)
        var sums = blockSums
        blockSums = []
        defer { blockSums = sums }
        if sums.count < classCount * blockCount { sums = Array(repeating: 0, count: classCount * blockCount) }
        // A few rows at a time, so that they are still in cache when they are added up; whole words of bits each.
        let rowsPerWord = factor * (64 >> min(6, (factor * image.width).trailingZeroBitCount))
        let step = rowsPerWord * max(1, PlaneTile.capacity / (rowsPerWord * image.width))
        var planes: [Double] = []
        for row in stride(from: 0, to: rows.count, by: step) {
            let some = min(step, rows.count - row)
            let pixels = row * image.width..<(row + some) * image.width
            let at = row / factor * blocksPerRow
            if view.isPlanar {
                try compare(view, in: bytes, pixel: first, labels, pixels, into: &record.fullSize, copyingTo: &planes)
                blocks.addUp(
                    bytes, type: view.planeType, classCount: classCount, offset: view.base + first + pixels.lowerBound,
                    stride: view.classCount == 1 ? 0 : view.axes.classStride, rows: some, width: image.width,
                    into: &sums, at: at, sumStride: blockCount, rowSums: &rowSums)
            } else {
                planes = Array(repeating: 0, count: classCount * pixels.count)
                try compare(view, in: bytes, pixel: first, labels, pixels, into: &record.fullSize, copyingTo: &planes)
                unsafe blocks.addUp(
                    planes.span.bytes, type: .float64, classCount: classCount, offset: 0, stride: pixels.count,
                    rows: some, width: image.width, into: &sums, at: at, sumStride: blockCount, rowSums: &rowSums)
            }
        }
        blocks.normalize(&sums, classCount: classCount, count: blockCount)
        try scanAveraged(sums, blocks.labels(labels.span, width: image.width), into: &record.candidates)
        return countLabels(labels.span, into: &fullSizeCounts)
    }

    private func scanAveraged(
        _ planes: [Double], _ labels: [Int32], into record: inout CandidateRecord
    ) throws(ScanFault) {
        var pixel = 0
        while pixel < labels.count {
            let count = min(PlaneTile.capacity, labels.count - pixel)
            let tile = PlaneTile(
                type: .float64, classCount: context.dataset.classCount, offset: pixel, stride: labels.count,
                count: count)
            do throws(PixelFault) {
                _ = try unsafe blockScanner.scan(
                    tile, in: planes.span.bytes, labels: labels.span.extracting(pixel..<pixel + count),
                    into: &record)
            } catch {
                throw ScanFault()
            }
            pixel += count
        }
    }

    /// Compares some pixels of a run that starts at pixel `first` of the image; whole words of bits but for the last.
    ///
    /// - Parameter copy: gets the planes in double, `pixels.count` apart, unless it is empty.
    private func compare(
        _ view: ProbabilityView, in bytes: RawSpan, pixel first: Int, _ labels: [Int32], _ pixels: Range<Int>,
        into record: inout FullSizeRecord, copyingTo copy: inout [Double]
    ) throws(ScanFault) {
        var pixel = pixels.lowerBound
        while pixel < pixels.upperBound {
            let count = min(PlaneTile.capacity, pixels.upperBound - pixel)
            try loader.withTile(of: view, in: bytes, pixel: first + pixel, count: count, isWide: false) {
                (tile, planes) throws(ScanFault) in
                do throws(PixelFault) {
                    try scanner.compare(
                        tile, in: planes, labels: labels.span.extracting(pixel..<pixel + count), into: &record)
                } catch {
                    throw ScanFault()
                }
                if !copy.isEmpty {
                    PlaneLoading.copy(
                        tile, in: planes, into: &copy, at: pixel - pixels.lowerBound, stride: pixels.count)
                }
            }
            pixel += count
        }
    }
}
