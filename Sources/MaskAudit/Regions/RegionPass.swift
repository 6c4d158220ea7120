import NumPyFiles

/// The last pass of `masklint regions`: finds the regions of every image, filters and ranks them, and paints the corrected
/// labels.
///
/// **Threads.** A thread works on the images of one unit at a time, or on all units of an image that is cut to bands of
/// rows, as regions cross bands. What it finds is its own until all threads have ended.
struct RegionPass: Sendable {
    struct Result: Sendable {
        /// The listed regions in order of rank.
        var regions: [Region] = []
        /// The regions that the review rejects, in dataset order.
        var rejected: [Region] = []
        var found = 0
        var issues = 0
        var leftOut = RegionSummary.LeftOut()
        /// The identifiers of the review that belong to a region of this run.
        var reviewed: Set<String> = []
    }

    /// What one thread has found.
    private struct Part: Sendable {
        var ranking: RegionRanking
        var result = Result()
    }

    let context: RunContext
    let resolver: IssueResolver
    let plan: RegionPlan
    let filter: RegionFilter
    /// Where the corrected labels go; nil writes none.
    let archive: OutputArchive?
    let progress: ProgressMeter

    func run() throws(AuditError) -> Result {
        let corrected = try archive.map { archive throws(AuditError) in
            try CorrectedLabels(context: context, archive: archive)
        }
        let queue = UnitQueue(context, groups: context.imageGroups, reading: [.labels], progress)
        let parts = try queue.run(
            { Part(ranking: RegionRanking(keeping: plan.top)) },
            { part, item throws(AuditError) in try work(item, corrected, &part) },
            found: { $0 })
        try corrected?.end()
        var ranking = RegionRanking(keeping: plan.top)
        var result = Result()
        for part in parts {
            ranking.add(part.ranking)
            result.add(part.result)
        }
        result.regions = ranking.rank()
        result.leftOut.byRank = ranking.droppedCount
        result.rejected.sort { $0.place < $1.place }
        return result
    }

    private func work(
        _ item: UnitQueue.Item, _ corrected: CorrectedLabels?, _ part: inout Part
    ) throws(AuditError) {
        let images = context.units[item.units.lowerBound].images
        var finders = images.map { RegionFinder(context.dataset.images[$0], grouping: context.plan.rule.grouping) }
        try resolver.forEachMeasuredIssue(units: item.units) { firstPixel, measured in
            part.result.issues += 1
            finders[measured.issue.image - images.lowerBound].add(
                pixel: firstPixel + measured.issue.pixel, measured)
        }
        var listed: [Region] = []
        for (at, index) in images.enumerated() {
            var meter = BoundaryMeter(
                context: context, image: context.dataset.images[index], radius: plan.boundaryRadius)
            let regions = try finders[at].regions(image: index, connectivity: plan.connectivity) {
                (row, columns, suggested) throws(AuditError) in
                try meter.count(row: row, columns: columns, suggested: suggested, in: item.labels[at])
            }
            part.result.found += regions.count
            for var region in regions where isListed(&region, &part.result) { listed.append(region) }
        }
        if let corrected {
            let chosen = plan.review == nil ? listed : listed.filter { $0.decision == .accept }
            for number in item.units { try corrected.write(number, labels: item.labels, regions: chosen) }
        }
        part.ranking.add(listed)
    }

    /// Whether a region is listed. Enters what a review decided about it, and counts the reason where it is left out.
    private func isListed(_ region: inout Region, _ result: inout Result) -> Bool {
        if let review = plan.review {
            let name = region.identifier(
                image: context.dataset.imageName(region.image),
                pixelsPerSlice: context.dataset.images[region.image].pixelsPerSlice)
            if let entry = review.entries[name] {
                region.decision = entry.decision
                result.reviewed.insert(name)
                if entry.decision == .reject { result.rejected.append(region) }
                // What was decided is listed whatever the options say now.
                return true
            }
        }
        guard let reason = filter.reason(region) else { return true }
        result.leftOut.count(reason)
        return false
    }
}

extension RegionPass.Result {
    /// Adds the counts and rejected regions that another thread found.
    fileprivate mutating func add(_ other: Self) {
        rejected += other.rejected
        found += other.found
        issues += other.issues
        reviewed.formUnion(other.reviewed)
        leftOut.add(other.leftOut)
    }
}
