import ConfidentLearning
import Locking
import NumPyFiles

/// Pass 2: issues of every unit, found on several threads and written in dataset order.
final class OutputPass: Sendable {
    /// What is written.
    enum Product: Sendable {
        /// `label_issues`: true where a pixel is an issue.
        case masks
        /// `suggested_labels`: the suggested class where flagged, the given label elsewhere.
        case suggestions
    }

    private struct State {
        var nextUnit = 0
        var labels: SideReader
        var counts: IssueCounts
        var failure: AuditError?
    }

    private let context: RunContext
    private let resolver: IssueResolver
    private let product: Product
    private let archive: OutputArchive?
    private let state: Mutex<State>
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
        state = Mutex(
            State(
                labels: SideReader(side: .labels, context: context),
                counts: IssueCounts(context.dataset)))
    }

    /// The smallest unsigned type that holds K and 255.
    static func suggestedType(classCount: Int) -> DType {
        DType(kind: .unsignedInteger, byteCount: classCount <= 255 ? 1 : 2)
    }

    private var elementType: DType {
        product == .masks
            ? DType(kind: .bool, byteCount: 1) : Self.suggestedType(classCount: context.dataset.classCount)
    }

    private var key: String { product == .masks ? "label_issues" : "suggested_labels" }

    func run() throws(AuditError) -> IssueCounts {
        let writer = try archive.map { archive throws(AuditError) in
            try UnitOutputWriter(context: context, archive: archive, key: key, elementType: elementType)
        }
        runWorkers(context.threadCount) { _ in self.work(writer) }
        let (counts, failure) = state.withLock { ($0.counts, $0.failure) }
        if let failure { throw failure }
        try writer?.end()
        return counts
    }

    private func work(_ writer: UnitOutputWriter?) {
        let painter = UnitPainter(context: context, resolver: resolver, product: product)
        do throws(AuditError) {
            while let (number, labels) = try nextUnit() {
                let unit = context.units[number]
                let painted = try painter.paint(number, labels: labels)
                try writer?.write(painted, unit: number)
                progress.advance(pixels: context.pixelCount(of: unit), images: context.imagesEnded(by: unit))
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
        state.withLock { state in
            for (image, count) in painter.byImage { state.counts.byImage[image] += count }
            for (label, count) in painter.swaps.byGiven.enumerated() { state.counts.byClass[label] += count }
            state.counts.swaps.merge(painter.swaps)
        }
    }

    private func nextUnit() throws(AuditError) -> (Int, [ImageBytes])? {
        let taken = state.withLock { state -> Result<(Int, [ImageBytes])?, AuditError> in
            guard state.failure == nil && state.nextUnit < context.units.count else { return .success(nil) }
            let number = state.nextUnit
            state.nextUnit += 1
            guard product == .suggestions else { return .success((number, [])) }
            do throws(AuditError) {
                return .success((number, try state.labels.read(context.units[number])))
            } catch {
                return .failure(error)
            }
        }
        return try taken.get()
    }
}
