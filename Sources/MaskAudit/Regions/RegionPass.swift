import ConfidentLearning
import Locking
import NumPyFiles

/// Pass 2 for regions: the components of every image, on several threads, an image at a time on each.
final class RegionPass: Sendable {
    struct Result: Sendable {
        /// Listed regions, and rejected ones that are not listed.
        var regions: [Region] = []
        var rejected: [Region] = []
        var found = 0
        var issues = 0
        var leftOut = RegionSummary.LeftOut()
        /// Identifiers of the review that some region has.
        var reviewed: Set<String> = []
    }

    private struct State {
        var nextItem = 0
        var labels: SideReader
        var result = Result()
        /// The listed regions of items that are done, or of several items the highest ranked ones.
        var listed: [[Region]] = []
        var listedCount = 0
        var failure: AuditError?
    }

    private let context: RunContext
    private let resolver: IssueResolver
    private let plan: RegionPlan
    private let filter: RegionFilter
    private let archive: OutputArchive?
    private let progress: ProgressMeter
    /// Units that are worked on together: one of whole images, or all with rows of one image.
    private let items: [Range<Int>]
    private let state: Mutex<State>

    init(
        context: RunContext, resolver: IssueResolver, plan: RegionPlan, filter: RegionFilter, archive: OutputArchive?,
        progress: ProgressMeter
    ) {
        self.context = context
        self.resolver = resolver
        self.plan = plan
        self.filter = filter
        self.archive = archive
        self.progress = progress
        var items: [Range<Int>] = []
        for (number, unit) in context.units.enumerated() {
            if let rows = unit.rows, rows.lowerBound > 0, let last = items.last {
                items[items.count - 1] = last.lowerBound..<number + 1
            } else {
                items.append(number..<number + 1)
            }
        }
        self.items = items
        state = Mutex(State(labels: SideReader(side: .labels, context: context)))
    }

    func run() throws(AuditError) -> Result {
        let corrected = archive.map { _ in CorrectedLabels(context: context) }
        let writer = try archive.map { archive throws(AuditError) in
            try UnitOutputWriter(
                context: context, archive: archive, key: corrected?.key ?? "labels",
                elementType: corrected?.elementType ?? DType(kind: .unsignedInteger, byteCount: 1), isPlain: true)
        }
        runWorkers(min(context.plan.run.threads, max(1, items.count))) { _ in
            do throws(AuditError) {
                while let (item, labels) = try self.nextItem() {
                    try self.work(item, labels, corrected, writer)
                }
            } catch {
                self.state.withLock { $0.failure = $0.failure ?? error }
            }
        }
        var (result, failure) = state.withLock { state in
            rank(&state)
            state.result.regions = state.listed[0]
            return (state.result, state.failure)
        }
        if let failure { throw failure }
        try writer?.end()
        result.rejected.sort { $0.place < $1.place }
        return result
    }

    /// The next images and their label bytes, which arrays in archives have in this order alone.
    private func nextItem() throws(AuditError) -> (Range<Int>, [ImageBytes])? {
        let taken = state.withLock { state -> Swift.Result<(Range<Int>, [ImageBytes])?, AuditError> in
            guard state.failure == nil && state.nextItem < items.count else { return .success(nil) }
            let item = items[state.nextItem]
            state.nextItem += 1
            do throws(AuditError) {
                return .success((item, try state.labels.read(context.units[item.lowerBound])))
            } catch {
                return .failure(error)
            }
        }
        return try taken.get()
    }

    private func work(
        _ item: Range<Int>, _ labels: [ImageBytes], _ corrected: CorrectedLabels?, _ writer: UnitOutputWriter?
    ) throws(AuditError) {
        let first = context.units[item.lowerBound]
        var labels = labels
        _ = try context.openOnDemand(first, .labels, &labels)
        var finders = first.images.map { RegionFinder(width: context.dataset.images[$0].width) }
        var part = Result()
        var listed: [Region] = []
        for number in item {
            let unit = context.units[number]
            let offset = (unit.rows?.lowerBound ?? 0) * context.dataset.images[unit.images.lowerBound].width
            try resolver.forEachMeasuredIssue(unit: number) { measured in
                part.issues += 1
                finders[measured.issue.image - unit.images.lowerBound].add(
                    pixel: offset + measured.issue.pixel, measured)
            }
        }
        for (at, index) in first.images.enumerated() {
            var meter = BoundaryMeter(
                context: context, image: context.dataset.images[index], radius: plan.boundaryRadius)
            let regions = try finders[at].regions(image: index, connectivity: plan.connectivity) {
                (row, columns, suggested) throws(AuditError) in
                try meter.count(row: row, columns: columns, suggested: suggested, in: labels[at])
            }
            part.found += regions.count
            for var region in regions where isListed(&region, &part) { listed.append(region) }
        }
        if let corrected, let writer {
            for number in item {
                let painted = try corrected.paint(context.units[number], labels: labels, regions: listed) {
                    plan.review == nil || $0.decision == .accept
                }
                try writer.write(painted, unit: number)
            }
        }
        if let top = plan.top, listed.count > top {
            part.leftOut.byRank += listed.count - top
            listed = rankedRegions([listed], keeping: top)
        }
        try context.checkOnDemand(first, .labels, labels)
        for number in item {
            let unit = context.units[number]
            context.release(unit, .labels, labels)
            progress.advance(pixels: context.pixelCount(of: unit), images: context.imagesEnded(by: unit))
        }
        let (done, regions) = (part, listed)
        state.withLock { state in
            state.result.add(done)
            state.listed.append(regions)
            state.listedCount += regions.count
            if let top = plan.top, state.listedCount >= 2 * top + Self.slack { rank(&state) }
        }
    }

    /// Joins the listed regions to one list in order of rank, which ends with `--top`.
    private func rank(_ state: inout State) {
        let ranked = rankedRegions(state.listed, keeping: plan.top ?? .max)
        state.result.leftOut.byRank += state.listedCount - ranked.count
        state.listed = [ranked]
        state.listedCount = ranked.count
    }

    /// Regions that are held beyond twice those to be kept, so that they are not sorted for every image.
    private static let slack = 4096

    /// Whether a region is listed. Enters what a review decided about it, and counts the reason where it is left out.
    private func isListed(_ region: inout Region, _ part: inout Result) -> Bool {
        if let review = plan.review {
            let name = Region.identifier(
                image: context.dataset.imageName(region.image), row: region.row, column: region.column)
            if let entry = review.entries[name] {
                region.decision = entry.decision
                part.reviewed.insert(name)
                if entry.decision == .reject { part.rejected.append(region) }
                // What was decided is listed whatever the options say now.
                return true
            }
        }
        guard let reason = filter.reason(region) else { return true }
        part.leftOut.count(reason)
        return false
    }
}

extension RegionPass.Result {
    fileprivate mutating func add(_ other: Self) {
        rejected += other.rejected
        found += other.found
        issues += other.issues
        reviewed.formUnion(other.reviewed)
        leftOut.add(other.leftOut)
    }
}
