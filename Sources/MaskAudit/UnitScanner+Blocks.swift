import ConfidentLearning

extension UnitScanner {
    /// Scans averaged blocks, and at full size compares predicted with given labels.
    ///
    /// The full-size labels of contested pixels are kept: a flagged block unflags those of its pixels that agree with
    /// their label, and the summary counts given classes at full size. Returns how many pixels are counted.
    func scanBlocks(
        _ image: ImageEntry, rows: Range<Int>, labelBytes: RawSpan, bytes: RawSpan, into record: inout UnitRecord
    ) throws(ScanFault) -> Int {
        let first = rows.lowerBound * image.width, count = rows.count * image.width
        var labels: [Int32] = []
        try loadLabels(context.labelView(image), labelBytes, pixel: first, count: count, into: &labels)
        let view = context.probabilityView(image)
        // Planes of the whole run, so that blocks are averaged over several rows; in place where they already are.
        if view.isPlanar {
            try compare(view, in: bytes, pixel: first, labels: labels, into: &record.fullSize)
            averagePlanes(
                bytes, type: view.planeType, offset: view.base + first,
                stride: view.classCount == 1 ? 0 : view.axes.classStride, rows: rows.count, width: image.width)
        } else {
            var planes = [Double](repeating: 0, count: view.classCount * count)
            try compare(view, in: bytes, pixel: first, labels: labels, into: &record.fullSize, copyingTo: &planes)
            unsafe averagePlanes(
                planes.span.bytes, type: .float64, offset: 0, stride: count, rows: rows.count, width: image.width)
        }
        try scanAveraged(blocks.labels(labels.span, width: image.width), into: &record.candidates)
        return countLabels(labels)
    }

    private func averagePlanes(
        _ bytes: RawSpan, type: PlaneType, offset: Int, stride: Int, rows: Int, width: Int
    ) {
        blocks.probabilities(
            in: bytes, type: type, classCount: context.dataset.classCount, offset: offset, stride: stride, rows: rows,
            width: width, into: &blockPlanes, rowSums: &rowSums)
    }

    private func scanAveraged(_ labels: [Int32], into record: inout CandidateRecord) throws(ScanFault) {
        let planes = blockPlanes
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

    private func compare(
        _ view: ProbabilityView, in bytes: RawSpan, pixel first: Int, labels: [Int32],
        into record: inout FullSizeRecord
    ) throws(ScanFault) {
        var none: [Double] = []
        try compare(view, in: bytes, pixel: first, labels: labels, into: &record, copyingTo: &none)
    }

    /// - Parameter copy: gets the planes in double, `labels.count` apart, unless it is empty.
    private func compare(
        _ view: ProbabilityView, in bytes: RawSpan, pixel first: Int, labels: [Int32],
        into record: inout FullSizeRecord, copyingTo copy: inout [Double]
    ) throws(ScanFault) {
        var done = 0
        while done < labels.count {
            let count = min(PlaneTile.capacity, labels.count - done)
            try loader.withTile(of: view, in: bytes, pixel: first + done, count: count, isWide: false) {
                (tile, planes) throws(ScanFault) in
                do throws(PixelFault) {
                    try scanner.compare(
                        tile, in: planes, labels: labels.span.extracting(done..<done + count),
                        contested: &record.contested, given: &record.given, predicted: &record.predicted)
                } catch {
                    throw ScanFault()
                }
                if !copy.isEmpty {
                    PlaneLoading.copy(tile, in: planes, into: &copy, at: done, stride: labels.count)
                }
            }
            done += count
        }
    }
}
