import ConfidentLearning
import NumPyFiles

extension FindRun {
    /// Finds and checks everything that headers tell, and says what `run()` would do. Reads no data, writes nothing.
    ///
    /// **Errors.** Those of `run()` that do not depend on data.
    public func outline() throws(AuditError) -> RunOutline {
        let audit = plan.audit
        let dataset = try Dataset(audit.dataset, for: audit.rule)
        try check(dataset, try dataset.classNames(audit.dataset))
        let units = WorkUnit.units(of: dataset, downsample: audit.rule.downsample) { image in
            dataset.labels[image.labelSource].isReadInPlace
                && dataset.probabilities[image.probabilitySource].isReadInPlace
        }
        let threads = min(audit.run.threads, max(1, units.count))
        let bySize = dataset.images.sorted { ($0.pixelCount, $0.height) < ($1.pixelCount, $1.height) }.map(\.shape)
        let emptyShape = audit.dataset.volumes ? [0, 0, 0] : [0, 0]
        let maskShape: [Int]? = if case .dense(let shape) = dataset.form { shape } else { nil }
        return RunOutline(
            labels: Self.side(dataset.labels, audit.dataset.labels),
            predProbs: Self.side(dataset.probabilities, audit.dataset.predProbs),
            images: dataset.images.count, pixels: dataset.pixelCount, classes: dataset.classCount,
            smallest: bySize.first ?? emptyShape, largest: bySize.last ?? emptyShape,
            isPairedByName: dataset.isPairedByName, maskShape: maskShape, rule: audit.rule.filter,
            downsample: audit.rule.downsample,
            units: units.count, threads: threads,
            output: plan.output, warnings: dataset.warnings)
    }

    private static func side(_ sources: [ArraySource], _ selection: InputSelection) -> RunOutline.Side {
        var form = "an array an image"
        if let first = sources.first, sources.count == 1 {
            form = first.axes.hasImageAxis ? "one array" : "one image"
        } else if sources.contains(where: { $0.axes.hasImageAxis && $0.axes.imageCount != 1 }) {
            form = "arrays in a row"
        }
        let stored = sources.reduce(0) { $0 + ($1.entry?.storedByteCount ?? 0) }
        return RunOutline.Side(
            arrays: sources.count, paths: selection.paths, dtypes: distinct(sources.map(\.header.dtype.name)),
            form: form,
            storedBytes: stored, access: distinct(sources.map(\.accessText)))
    }

    private static func distinct(_ texts: [String]) -> [String] {
        Set(texts).sorted()
    }
}

extension ArraySource {
    fileprivate var accessText: String {
        if pipe != nil { return "piped" }
        guard entry?.isDeflated == true else { return "in place" }
        return axes.isImageContiguous ? "inflated image by image" : "inflated into a temporary file"
    }
}
