import ConfidentLearning
import NumPyFiles
import Synchronization

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

    private struct UnitOutput: Sendable {
        /// A chunk an image, or one of all images of the unit where the output is one array.
        var chunks: [DeflatedChunk] = []
    }

    private struct State {
        var nextUnit = 0
        var nextWrite = 0
        var waiting: [Int: UnitOutput] = [:]
        var labels: SideReader
        var counts: Counts
        var failure: AuditError?
        /// Whether a member is begun and not ended.
        var isInMember = false
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
        if case .dense(let shape) = context.dataset.form {
            try archive?.begin(key: key, header: ArrayHeader(dtype: elementType, shape: shape))
        }
        runWorkers(min(context.plan.threads, max(1, context.units.count))) { _ in self.work() }
        let (counts, failure) = state.withLock { ($0.counts, $0.failure) }
        if let failure { throw failure }
        if case .dense = context.dataset.form { try archive?.end() }
        return counts
    }

    private func work() {
        let painter = UnitPainter(context: context, resolver: resolver, product: product)
        do throws(AuditError) {
            while let (number, labels) = try nextUnit() {
                let unit = context.units[number]
                let painted = try painter.paint(number, labels: labels)
                try finish(number, UnitOutput(chunks: archive == nil ? [] : chunks(painted)))
                progress.advance(pixels: context.pixelCount(of: unit), images: context.imagesEnded(by: unit))
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
        state.withLock { state in
            for (image, count) in painter.byImage { state.counts.byImage[image] += count }
            for (label, count) in painter.byClass.enumerated() { state.counts.byClass[label] += count }
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

    private func chunks(_ painted: [[UInt8]]) -> [DeflatedChunk] {
        let compression: ArchiveCompression = context.plan.store ? .stored : .deflated
        if case .dense = context.dataset.form, painted.count > 1 {
            let joined = painted.reduce(into: [UInt8]()) { $0 += $1 }
            return [DeflatedChunk(joined.span, compression: compression)]
        }
        return painted.map { DeflatedChunk($0.span, compression: compression) }
    }

    /// Writes a unit if its turn has come, and then those that waited for it.
    private func finish(_ number: Int, _ output: UnitOutput) throws(AuditError) {
        guard let archive else { return }
        let failure = state.withLock { state -> AuditError? in
            state.waiting[number] = output
            while let next = state.waiting.removeValue(forKey: state.nextWrite) {
                do throws(AuditError) {
                    try write(next, unit: context.units[state.nextWrite], to: archive, &state.isInMember)
                } catch {
                    return error
                }
                state.nextWrite += 1
            }
            return nil
        }
        if let failure { throw failure }
    }

    private func write(
        _ output: UnitOutput, unit: WorkUnit, to archive: OutputArchive, _ isInMember: inout Bool
    ) throws(AuditError) {
        guard case .named(let names) = context.dataset.form else {
            for chunk in output.chunks { try archive.append(chunk) }
            return
        }
        for (number, index) in unit.images.enumerated() {
            let image = context.dataset.images[index]
            if !isInMember {
                try archive.begin(
                    key: "\(key)/\(names[index])",
                    header: ArrayHeader(dtype: elementType, shape: [image.height, image.width]))
                isInMember = true
            }
            try archive.append(output.chunks[number])
            if context.rows(of: unit, image: index).upperBound == image.height {
                try archive.end()
                isInMember = false
            }
        }
    }
}
