/// Reads the worst images again, one at a time, with all that a picture of them shows; of a volume the slice with most
/// issues.
///
/// **Cost.** Those images alone, one in memory; in deflated arrays of several images also what lies before them.
struct PictureReader {
    let context: RunContext
    let photos: PhotoSource?
    let resolver: IssueResolver?
    let finished: FinishedIssues?

    /// Calls `show` for each wanted image in dataset order.
    ///
    /// - Parameter wanted: rank, row and score of each.
    func read(
        _ wanted: [(row: AuditSummary.ImageRow, score: Double?)], _ show: (ImagePicture) throws(AuditError) -> Void
    ) throws(AuditError) {
        var labels = context.labelPicker
        var probabilities = context.probabilityPicker
        var pictures = photos.map {
            ImagePicker(sources: $0.sources, access: $0.access, temporaryFolder: context.temporaryFolder)
        }
        let predictor = LabelPredictor(context: context)
        for rank in wanted.indices.sorted(by: { wanted[$0].row.index < wanted[$1].row.index }) {
            let (row, score) = wanted[rank]
            let image = context.dataset.images[row.index]
            let labelBytes = try labels.bytes(source: image.labelSource, image: image.labelIndex)
            let bytes = try probabilities.bytes(source: image.probabilitySource, image: image.probabilityIndex)
            let slice = try shownSlice(image, row.index, labelBytes)
            let firstRow = (slice ?? 0) * image.sliceHeight
            let rows = firstRow..<firstRow + image.sliceHeight
            var picture = ImagePicture(
                rank: rank, rankCount: wanted.count, image: row, score: score, height: rows.count,
                width: image.width, given: [], predicted: [], issues: [], photo: nil)
            picture.slice = slice
            try readMasks(image, row.index, rows, labelBytes, bytes, predictor, into: &picture)
            picture.issues = try issues(row.index, rows, picture)
            if let photos, let place = photos.places[row.index],
                let raw = try pictures?.bytes(source: place.source, image: place.image)
            {
                picture.photo = photos.pixels(
                    source: place.source, image: place.image, rows: rows, columns: 0..<image.width, raw)
            }
            try show(picture)
        }
    }

    /// The slice of a volume with most issues, the first one of several; nil of an image.
    private func shownSlice(_ image: ImageEntry, _ index: Int, _ labelBytes: ImageBytes) throws(AuditError) -> Int? {
        guard let depth = image.depth, let pixelsPerSlice = image.pixelsPerSlice, pixelsPerSlice > 0 else { return nil }
        var counts = [Int](repeating: 0, count: depth)
        if let finished {
            try labelBytes.withBytes { raw throws(AuditError) in
                try context.forEachLabelRun(of: image, rows: 0..<image.height, in: raw) {
                    labels, pixel throws(AuditError) in
                    let mask = try finished.mask(image: index, pixels: pixel..<pixel + labels.count)
                    for (at, label) in labels.enumerated() where mask[at] && label >= 0 {
                        counts[(pixel + at) / pixelsPerSlice] += 1
                    }
                }
            }
        } else {
            try forEachIssue(index) { issue, pixel in counts[pixel / pixelsPerSlice] += 1 }
        }
        return counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) }
    }

    private func readMasks(
        _ image: ImageEntry, _ index: Int, _ rows: Range<Int>, _ labelBytes: ImageBytes, _ bytes: ImageBytes,
        _ predictor: LabelPredictor, into picture: inout ImagePicture
    ) throws(AuditError) {
        try labelBytes.withBytes { raw throws(AuditError) in
            try context.forEachLabelRun(of: image, rows: rows, in: raw) {
                labels, pixel throws(AuditError) in
                let predicted = try predictor.predicted(
                    image: index, pixel: pixel, labels: labels, probabilities: bytes)
                picture.given.append(contentsOf: labels.lazy.map { $0 < 0 ? ImagePicture.void : UInt16($0) })
                picture.predicted.append(contentsOf: predicted.lazy.map { $0 < 0 ? ImagePicture.void : UInt16($0) })
            }
        }
    }

    private func issues(
        _ index: Int, _ rows: Range<Int>, _ picture: ImagePicture
    ) throws(AuditError) -> [ImagePicture.Issue] {
        let pixels = rows.lowerBound * picture.width..<rows.upperBound * picture.width
        if let finished {
            let mask = try finished.mask(image: index, pixels: pixels)
            return mask.indices.filter { mask[$0] && picture.given[$0] != ImagePicture.void }.map {
                .init(pixel: $0, given: Int(picture.given[$0]), suggested: Int(picture.predicted[$0]))
            }
        }
        var issues: [ImagePicture.Issue] = []
        try forEachIssue(index) { issue, pixel in
            guard pixels.contains(pixel) else { return }
            issues.append(
                .init(pixel: pixel - pixels.lowerBound, given: issue.given, suggested: issue.suggested))
        }
        return issues
    }

    /// Calls `body` with each issue of an image, and its pixel in the image.
    private func forEachIssue(
        _ index: Int, _ body: (IssueResolver.Issue, _ pixel: Int) -> Void
    ) throws(AuditError) {
        for (number, unit) in context.units.enumerated() where unit.images.contains(index) {
            let first = context.rows(of: unit, image: index).lowerBound * context.dataset.images[index].width
            try resolver?.forEachIssue(unit: number) { issue in
                if issue.image == index { body(issue, first + issue.pixel) }
            }
        }
    }
}
