/// Decides which regions are listed, and names the reason why others are left out.
struct RegionFilter: Sendable {
    private let plan: RegionPlan
    /// The classes to look for; nil for all.
    private let classes: Set<Int>?
    private let known: KnownRegions

    /// **Errors.** A class of the plan that is neither the name nor the number of a class.
    ///
    /// - Parameter names: the names of the classes, where there are any.
    init(plan: RegionPlan, names: [String]?, dataset: Dataset, known: KnownRegions) throws(AuditError) {
        self.plan = plan
        self.known = known
        guard !plan.classes.isEmpty else {
            classes = nil
            return
        }
        var found: Set<Int> = []
        for text in plan.classes {
            guard let index = names?.firstIndex(of: text) ?? Int(text), (0..<dataset.classCount).contains(index) else {
                throw .input(
                    plan.audit.dataset.classNamesFile ?? dataset.probabilities.first?.displayName ?? "?",
                    "--classes \(quoted(text)) is no class of \(dataset.classCount)",
                    remedy: names == nil
                        ? "name one from 0 to \(dataset.classCount - 1), or give names with --class-names"
                        : "name one of the file, or its number")
            }
            found.insert(index)
        }
        classes = found
    }

    /// Why a region is left out; nil for regions that are listed.
    func reason(_ region: Region) -> RegionSummary.LeftOut.Reason? {
        if let classes, !classes.contains(region.given) && !classes.contains(region.suggested) { return .byClass }
        if region.area < plan.minimumArea { return .byArea }
        if plan.skipsBoundary && region.boundaryPixels == region.area { return .atBoundary }
        if plan.minimumScore > 0 && region.score < plan.minimumScore { return .byScore }
        return known.contains(region) ? .known : nil
    }
}
