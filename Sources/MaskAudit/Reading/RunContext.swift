import ConfidentLearning
import NumPyFiles

/// Everything that stays the same while a run lasts.
struct RunContext: Sendable {
    let plan: AuditPlan
    let dataset: Dataset
    let units: [WorkUnit]
    let labelAccess: [ArrayAccess]
    let probabilityAccess: [ArrayAccess]
    let decoders: [LabelDecoder]
    /// Whether records keep class vectors, because pass 2 cannot look them up in place.
    let keepsVectors: Bool

    init(plan: AuditPlan, dataset: Dataset, spoolFolder: String) throws(AuditError) {
        self.plan = plan
        self.dataset = dataset
        var labelAccess: [ArrayAccess] = []
        var probabilityAccess: [ArrayAccess] = []
        for source in dataset.labels { labelAccess.append(try source.access(spoolFolder: spoolFolder)) }
        for source in dataset.probabilities { probabilityAccess.append(try source.access(spoolFolder: spoolFolder)) }
        units = WorkUnit.units(of: dataset, downsample: plan.downsample) { image in
            if case .mapped = labelAccess[image.labelSource], case .mapped = probabilityAccess[image.probabilitySource]
            {
                return true
            }
            return false
        }
        self.labelAccess = labelAccess
        self.probabilityAccess = probabilityAccess
        decoders = dataset.labels.map {
            LabelDecoder(
                dtype: $0.header.dtype, classCount: dataset.classCount, ignored: Set(plan.ignoredLabels),
                map: plan.labelMap)
        }
        let isInPlace = probabilityAccess.allSatisfy { if case .mapped = $0 { true } else { false } }
        let isPlain = plan.form == .probabilities || plan.form == .unnormalized
        keepsVectors =
            plan.rule.needsVectors && (plan.keepsRecords || !(isInPlace && isPlain && plan.downsample == 1))
    }

    func labelView(_ image: ImageEntry) -> LabelView {
        let source = dataset.labels[image.labelSource]
        return LabelView(
            axes: source.axes, decoder: decoders[image.labelSource], isOneHot: plan.oneHot,
            base: source.base(image: image.labelIndex))
    }

    func probabilityView(_ image: ImageEntry) -> ProbabilityView {
        let source = dataset.probabilities[image.probabilitySource]
        return ProbabilityView(
            axes: source.axes, dtype: source.header.dtype, form: plan.form,
            base: source.base(image: image.probabilityIndex), classCount: dataset.classCount)
    }

    /// Rows of an image that a unit covers.
    func rows(of unit: WorkUnit, image: Int) -> Range<Int> {
        unit.rows ?? 0..<dataset.images[image].height
    }

    /// Whether the records of a unit hold doubles.
    func isWide(_ unit: WorkUnit) -> Bool {
        plan.downsample > 1
            || unit.images.contains { probabilityView(dataset.images[$0]).tileType == .float64 }
    }

    /// Ignored values that are classes.
    var ignoredClasses: Set<Int32> {
        Set(plan.ignoredLabels.filter { $0 >= 0 && $0 < dataset.classCount }.map { Int32($0) })
    }
}

extension RunContext {
    /// Throws where an input that is held open changed on disk since the run began.
    func checkUnchanged() throws(AuditError) {
        try AuditError.wrapping { () throws(ArrayFileError) in
            for access in labelAccess + probabilityAccess {
                if case .mapped(let array) = access { try array.check() }
            }
            for source in dataset.labels + dataset.probabilities {
                try source.file?.checkUnchanged()
            }
        }
    }

    func pixelCount(of unit: WorkUnit) -> Int {
        unit.images.reduce(0) { $0 + rows(of: unit, image: $1).count * dataset.images[$1].width }
    }

    /// Images whose last rows are in a unit.
    func imagesEnded(by unit: WorkUnit) -> Int {
        guard let rows = unit.rows else { return unit.images.count }
        return rows.upperBound == dataset.images[unit.images.lowerBound].height ? 1 : 0
    }

    /// Bytes of an image, and of each of its planes, that are given back at once: every call stops the other threads for
    /// a moment, and one for every plane of every unit would take a third of a run with many classes.
    private static let releasedByteCount = 32 << 20
    private static let releasedPlaneByteCount = 2 << 20

    /// The rows to give back once `part` is scanned: those since the last whole group of rows; nil within a group.
    private func releasedRows(after part: Range<Int>, planeBytesPerRow: Int, planes: Int) -> Range<Int>? {
        let bytesPerRow = max(1, planeBytesPerRow)
        let group = max(1, Self.releasedByteCount / (bytesPerRow * planes), Self.releasedPlaneByteCount / bytesPerRow)
        guard part.upperBound / group > part.lowerBound / group else { return nil }
        return part.lowerBound / group * group..<part.upperBound
    }

    /// Gives back the memory of labels and probabilities that were read in place: what was scanned is not needed for a
    /// while.
    func release(_ unit: WorkUnit, _ side: InputSide, _ bytes: [ImageBytes]) {
        // Small images that follow one another in one array go together.
        if unit.images.count > 1, case .mapped(let array, let first) = bytes.first,
            case .mapped(let other, let last) = bytes.last, array === other, first.lowerBound < last.lowerBound,
            sources(side)[place(of: unit.images.lowerBound, side).source].axes.isImageContiguous
        {
            array.release(max(0, 2 * first.lowerBound - last.upperBound)..<last.upperBound)
            return
        }
        for (number, index) in unit.images.enumerated() {
            guard case .mapped(let array, let range) = bytes[number] else { continue }
            let source = sources(side)[place(of: index, side).source]
            guard source.axes.isImageContiguous else { continue }
            let axes = source.axes
            let size = source.header.dtype.byteCount
            if let part = unit.rows, part.upperBound < axes.height, axes.runs(ofRows: part) != nil {
                guard
                    let rows = axes.isPlanar
                        ? releasedRows(after: part, planeBytesPerRow: axes.width * size, planes: axes.classCount)
                        : part
                else { continue }
                for run in axes.runs(ofRows: rows) ?? [] {
                    array.release(range.lowerBound + run.lowerBound * size..<range.lowerBound + run.upperBound * size)
                }
            } else {
                // With the last rows of an image all of it, and the image before it, whose rows another thread may have
                // finished late: a kernel maps pages around those that are touched, other planes' among them.
                array.release(max(0, range.lowerBound - range.count)..<range.upperBound)
            }
        }
    }
}
