import ConfidentLearning
import NumPyFiles

/// Everything that stays the same while a run lasts.
struct RunContext: Sendable {
    let plan: AuditPlan
    let dataset: Dataset
    /// Where temporary files of this run go.
    let temporaryFolder: String
    let units: [WorkUnit]
    let labelAccess: [ArrayAccess]
    let probabilityAccess: [ArrayAccess]
    let labelMapping: LabelMapping
    let decoders: [LabelDecoder]
    /// Whether records keep class vectors, because pass 2 cannot look them up in place.
    let keepsVectors: Bool

    init(plan: AuditPlan, dataset: Dataset, temporaryFolder: String) throws(AuditError) {
        self.plan = plan
        self.dataset = dataset
        self.temporaryFolder = temporaryFolder
        var labelAccess: [ArrayAccess] = []
        var probabilityAccess: [ArrayAccess] = []
        for source in dataset.labels { labelAccess.append(try source.access(temporaryFolder: temporaryFolder)) }
        for source in dataset.probabilities {
            probabilityAccess.append(try source.access(temporaryFolder: temporaryFolder))
        }
        units = WorkUnit.units(of: dataset, downsample: plan.rule.downsample) { image in
            if case .mapped = labelAccess[image.labelSource], case .mapped = probabilityAccess[image.probabilitySource]
            {
                return true
            }
            return false
        }
        self.labelAccess = labelAccess
        self.probabilityAccess = probabilityAccess
        let mapping = LabelMapping(
            plan.dataset, classCount: dataset.classCount,
            fileClassCount: dataset.probabilities.first?.axes.classCount ?? dataset.classCount)
        labelMapping = mapping
        decoders = dataset.labels.map { LabelDecoder(dtype: $0.header.dtype, mapping: mapping) }
        let isInPlace = probabilityAccess.allSatisfy { if case .mapped = $0 { true } else { false } }
        keepsVectors =
            plan.rule.filter.needsVectors
            && (plan.run.keepsRecords || !(isInPlace && plan.dataset.usesStoredValues && plan.rule.downsample == 1))
    }

    /// The context of a run over kept records: no array can be read again.
    init(plan: AuditPlan, dataset: Dataset, temporaryFolder: String, units: [WorkUnit], keepsVectors: Bool) {
        self.plan = plan
        self.dataset = dataset
        self.temporaryFolder = temporaryFolder
        self.units = units
        labelAccess = []
        probabilityAccess = []
        labelMapping = LabelMapping(
            plan.dataset, classCount: dataset.classCount, fileClassCount: dataset.classCount)
        decoders = []
        self.keepsVectors = keepsVectors
    }

    /// How many threads share the units.
    var threadCount: Int { min(plan.run.threads, max(1, units.count)) }

    func labelView(_ image: ImageEntry) -> LabelView {
        let source = dataset.labels[image.labelSource]
        let view = LabelView(
            axes: source.axes, decoder: decoders[image.labelSource], isOneHot: plan.dataset.oneHot,
            base: source.base(image: image.labelIndex))
        guard let channel = plan.dataset.channel, plan.dataset.oneHot else { return view }
        return view.plane(channel)
    }

    func probabilityView(_ image: ImageEntry) -> ProbabilityView {
        let source = dataset.probabilities[image.probabilitySource]
        let view = ProbabilityView(
            axes: source.axes, dtype: source.header.dtype, isBFloat16: plan.dataset.isBFloat16, form: plan.dataset.form,
            base: source.base(image: image.probabilityIndex), classCount: dataset.classCount,
            place: .init(source: image.probabilitySource, image: image.probabilityIndex),
            enlarged: plan.dataset.upsampling.map {
                .init(width: image.width, height: image.height, alignsCorners: $0 == .corners)
            })
        return plan.dataset.channel.map { view.plane($0) } ?? view
    }

    /// Units that have whole images between them: one unit of whole images, or all with rows of one image.
    var imageGroups: [Range<Int>] {
        var groups: [Range<Int>] = []
        for (number, unit) in units.enumerated() {
            if let rows = unit.rows, rows.lowerBound > 0, let last = groups.last {
                groups[groups.count - 1] = last.lowerBound..<number + 1
            } else {
                groups.append(number..<number + 1)
            }
        }
        return groups
    }

    /// The first pixel of a unit's part of an image.
    func firstPixel(of unit: WorkUnit) -> Int {
        (unit.rows?.lowerBound ?? 0) * dataset.images[unit.images.lowerBound].width
    }

    /// Rows of an image that a unit covers.
    func rows(of unit: WorkUnit, image: Int) -> Range<Int> {
        unit.rows ?? 0..<dataset.images[image].height
    }

    /// Whether the records of a unit hold doubles.
    func isWide(_ unit: WorkUnit) -> Bool {
        plan.rule.downsample > 1
            || unit.images.contains { probabilityView(dataset.images[$0]).tileType == .float64 }
    }

    func pixelCount(of unit: WorkUnit) -> Int {
        unit.images.reduce(0) { $0 + rows(of: unit, image: $1).count * dataset.images[$1].width }
    }

    /// How many images have their last rows in a unit.
    func imagesEnded(by unit: WorkUnit) -> Int {
        guard let rows = unit.rows else { return unit.images.count }
        return rows.upperBound == dataset.images[unit.images.lowerBound].height ? 1 : 0
    }

    /// Calls `body` with the given classes of some rows of an image, at most a tile of pixels at a time, in pixel order.
    ///
    /// **Errors.** Those of `body`, and labels that cannot be used, reported as a file that changed.
    func forEachLabelRun(
        of image: ImageEntry, rows: Range<Int>, in bytes: RawSpan,
        _ body: (_ labels: [Int32], _ pixel: Int) throws(AuditError) -> Void
    ) throws(AuditError) {
        let view = labelView(image)
        let end = rows.upperBound * image.width
        var labels: [Int32] = []
        for pixel in stride(from: rows.lowerBound * image.width, to: end, by: PlaneTile.capacity) {
            try load(
                view, of: image, bytes, pixel: pixel, count: min(PlaneTile.capacity, end - pixel), into: &labels)
            try body(labels, pixel)
        }
    }

    /// Replaces `labels` by given classes that an earlier pass found good.
    func load(
        _ view: LabelView, of image: ImageEntry, _ bytes: RawSpan, pixel: Int, count: Int, into labels: inout [Int32]
    ) throws(AuditError) {
        do throws(LabelFault) {
            try view.load(bytes, pixel: pixel, count: count, into: &labels)
        } catch {
            throw .changedWhileRead(dataset.labels[image.labelSource].displayName)
        }
    }
}
