import ConfidentLearning
import NumPyFiles

/// Pass 2: issues of every unit, found on several threads and written in dataset order.
struct OutputPass {
    /// What is written.
    enum Product: Sendable {
        /// `label_issues`: true where a pixel is an issue.
        case masks
        /// `suggested_labels`: the suggested class where flagged, the given label elsewhere, as values of the files.
        case suggestions
    }

    private let context: RunContext
    private let resolver: IssueResolver
    private let product: Product
    private let archive: OutputArchive?
    private let progress: ProgressMeter

    /// - Parameter archive: where the array goes; nil only counts.
    init(
        _ context: RunContext, _ resolver: IssueResolver, _ product: Product, into archive: OutputArchive?,
        _ progress: ProgressMeter
    ) {
        self.context = context
        self.resolver = resolver
        self.product = product
        self.archive = archive
        self.progress = progress
    }

    private var elementType: DType {
        product == .masks ? DType(kind: .bool, byteCount: 1) : context.labelMapping.writtenType
    }

    private var key: String { product == .masks ? "label_issues" : "suggested_labels" }

    func run() throws(AuditError) -> IssueCounts {
        let context = context
        let writer = try archive.map { archive throws(AuditError) in
            try UnitOutputWriter(context: context, archive: archive, key: key, elementType: elementType)
        }
        let (resolver, product) = (resolver, product)
        // Masks are painted from records alone; suggestions fill in the given labels.
        let queue = UnitQueue(context, reading: product == .suggestions ? [.labels] : [], progress)
        let found = try queue.run(
            { UnitPainter(context: context, resolver: resolver, product: product) },
            { painter, item throws(AuditError) in
                let unit = item.units.lowerBound
                // Painted even where nothing is written: painting counts.
                let painted = try painter.paint(unit, labels: item.labels)
                try writer?.write(painted, unit: unit)
            }, found: { (byImage: $0.byImage, swaps: $0.swaps) })
        try writer?.end()
        var counts = IssueCounts(context.dataset)
        for (byImage, swaps) in found {
            for (image, count) in byImage { counts.byImage[image] += count }
            for (label, count) in swaps.byGiven.enumerated() { counts.byClass[label] += count }
            counts.swaps.merge(swaps)
        }
        return counts
    }
}
