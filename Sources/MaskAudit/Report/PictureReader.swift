/// Reads the worst images again, one at a time, with all that a picture of them shows.
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
        var labels = ImagePicker(sources: context.dataset.labels, access: context.labelAccess)
        var probabilities = ImagePicker(sources: context.dataset.probabilities, access: context.probabilityAccess)
        var pictures = photos.map { ImagePicker(sources: $0.sources, access: $0.access) }
        let predictor = LabelPredictor(context: context)
        for rank in wanted.indices.sorted(by: { wanted[$0].row.index < wanted[$1].row.index }) {
            let (row, score) = wanted[rank]
            let image = context.dataset.images[row.index]
            let labelBytes = try labels.bytes(source: image.labelSource, image: image.labelIndex)
            let bytes = try probabilities.bytes(source: image.probabilitySource, image: image.probabilityIndex)
            var picture = ImagePicture(
                rank: rank, rankCount: wanted.count, image: row, score: score, height: image.height,
                width: image.width, given: [], predicted: [], issues: [], photo: nil)
            try readMasks(image, row.index, labelBytes, bytes, predictor, into: &picture)
            picture.issues = try issues(row.index, picture)
            if let photos, let place = photos.places[row.index],
                let raw = try pictures?.bytes(source: place.source, image: place.image)
            {
                picture.photo = photos.pixels(source: place.source, image: place.image, raw)
            }
            try show(picture)
        }
    }

    private func readMasks(
        _ image: ImageEntry, _ index: Int, _ labelBytes: ImageBytes, _ bytes: ImageBytes, _ predictor: LabelPredictor,
        into picture: inout ImagePicture
    ) throws(AuditError) {
        try labelBytes.withBytes { raw throws(AuditError) in
            try context.forEachLabelRun(of: image, rows: 0..<image.height, in: raw) {
                labels, pixel throws(AuditError) in
                let predicted = try predictor.predicted(
                    image: index, pixel: pixel, labels: labels, probabilities: bytes)
                picture.given.append(contentsOf: labels.lazy.map { $0 < 0 ? ImagePicture.void : UInt16($0) })
                picture.predicted.append(contentsOf: predicted.lazy.map { $0 < 0 ? ImagePicture.void : UInt16($0) })
            }
        }
    }

    private func issues(_ index: Int, _ picture: ImagePicture) throws(AuditError) -> [ImagePicture.Issue] {
        if let finished {
            let mask = try finished.mask(image: index, pixels: 0..<picture.given.count)
            return mask.indices.filter { mask[$0] && picture.given[$0] != ImagePicture.void }.map {
                .init(pixel: $0, given: Int(picture.given[$0]), suggested: Int(picture.predicted[$0]))
            }
        }
        var issues: [ImagePicture.Issue] = []
        for (number, unit) in context.units.enumerated() where unit.images.contains(index) {
            let first = context.rows(of: unit, image: index).lowerBound * picture.width
            try resolver?.forEachIssue(unit: number) { issue in
                guard issue.image == index else { return }
                issues.append(.init(pixel: first + issue.pixel, given: issue.given, suggested: issue.suggested))
            }
        }
        return issues
    }
}
