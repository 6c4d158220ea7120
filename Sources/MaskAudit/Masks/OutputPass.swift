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

    /// Counts over the dataset.
    struct Counts: Sendable {
        /// Flagged pixels an image, and a given class.
        var byImage: [Int]
        var byClass: [Int]
        var swaps: SwapCounts

        init(imageCount: Int, classCount: Int) {
            byImage = Array(repeating: 0, count: imageCount)
            byClass = Array(repeating: 0, count: classCount)
            swaps = SwapCounts(classCount: classCount)
        }
    }

    private struct State {
        var nextUnit = 0
        var labels: SideReader
        var counts: Counts
        var failure: AuditError?
    }

    private let context: RunContext
    private let resolver: IssueResolver
    private let product: Product
    private let archive: OutputArchive?
    private let state: Mutex<State>
    private let progress: ProgressMeter

    init(
        context: RunContext, resolver: IssueResolver, product: Product, archive: OutputArchive?, progress: ProgressMeter
    ) {
        self.context = context
        self.resolver = resolver
        self.product = product
        self.archive = archive
        self.progress = progress
        state = Mutex(
            State(
                labels: SideReader(side: .labels, context: context),
                counts: Counts(imageCount: context.dataset.images.count, classCount: context.dataset.classCount)))
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

    func run() throws(AuditError) -> Counts {
        let writer = try archive.map { archive throws(AuditError) in
            try UnitOutputWriter(context: context, archive: archive, key: key, elementType: elementType)
        }
        runWorkers(min(context.plan.threads, max(1, context.units.count))) { _ in self.work(writer) }
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
