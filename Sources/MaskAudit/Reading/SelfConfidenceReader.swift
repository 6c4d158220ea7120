import ConfidentLearning

/// Reads the self-confidence of pixels out of a unit's bytes. Each thread has its own.
final class SelfConfidenceReader {
    /// A run of pixels of one image.
    struct Run {
        var image: Int
        /// First pixel of the run, from the image's first.
        var pixel: Int
        /// Given classes, -1 where ignored.
        var labels: [Int32] = []
        /// Self-confidence, NaN where ignored.
        var values: [Double] = []
    }

    private let context: RunContext
    private let loader = TileLoader()

    init(context: RunContext) {
        self.context = context
    }

    /// Calls `body` with runs of at most a tile, in pixel order.
    func forEachRun(
        of unit: WorkUnit, labels: [ImageBytes], probabilities: [ImageBytes], _ body: (Run) throws(AuditError) -> Void
    ) throws(AuditError) {
        for (number, index) in unit.images.enumerated() {
            try labels[number].withBytes { labelBytes throws(AuditError) in
                try probabilities[number].withBytes { bytes throws(AuditError) in
                    try readImage(
                        index, rows: context.rows(of: unit, image: index), labelBytes: labelBytes, bytes: bytes, body)
                }
            }
        }
    }

    private func readImage(
        _ index: Int, rows: Range<Int>, labelBytes: RawSpan, bytes: RawSpan, _ body: (Run) throws(AuditError) -> Void
    ) throws(AuditError) {
        let image = context.dataset.images[index]
        guard image.width > 0 && !rows.isEmpty else { return }
        let view = context.probabilityView(image)
        var run = Run(image: index, pixel: 0)
        try context.forEachLabelRun(of: image, rows: rows, in: labelBytes) { labels, pixel throws(AuditError) in
            run.pixel = pixel
            run.labels = labels
            if view.isPlanar || view.isTransformed || context.plan.dataset.ignoresUnpredicted {
                loader.withTile(of: view, in: bytes, pixel: pixel, count: labels.count, isWide: false) { tile, planes in
                    var judged = labels
                    if context.plan.dataset.ignoresUnpredicted { tile.ignoreUnpredicted(&judged, in: planes) }
                    tile.selfConfidence(of: judged.span, in: planes, into: &run.values)
                    run.labels = judged
                }
            } else {
                // One value per pixel where it lies: gathering all planes of the tile would read K times as much.
                run.values = labels.enumerated().map { offset, label in
                    label < 0 ? .nan : view.value(classIndex: Int(label), pixel: pixel + offset, in: bytes)
                }
            }
            try body(run)
        }
    }
}
