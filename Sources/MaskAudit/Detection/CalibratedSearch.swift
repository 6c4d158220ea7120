import ConfidentLearning

/// Finds the issues of `calibrated` in records: contested pixels form regions, image by image, and regions of enough evidence
/// are flagged as a whole.
///
/// **Cost.** One walk over the records; the runs and regions of one image for each thread.
struct CalibratedSearch {
    let context: RunContext
    let resolver: IssueResolver
    let source: SurpriseSource

    /// Fills `taken` with the issues of each unit, one bit per pixel of its record.
    func findIssues(into taken: RecordStore) throws(AuditError) {
        _ = try UnitQueue(context, groups: context.imageGroups, reading: [], nil).run(
            {},
            { _, item throws(AuditError) in
                for (number, words) in zip(item.units, try flags(item.units)) {
                    var record = UnitRecord(candidates: CandidateRecord(isWide: false))
                    record.taken = words
                    try taken.store(record, unit: number)
                }
            }, found: { _ in })
    }

    /// The issues of units that have whole images between them.
    private func flags(_ units: Range<Int>) throws(AuditError) -> [[UInt64]] {
        let images = context.units[units.lowerBound].images
        let rule = context.plan.rule
        var finders = images.map { RegionFinder(context.dataset.images[$0], grouping: rule.grouping) }
        let connectivity: Connectivity = context.plan.dataset.volumes ? .twentySix : .eight
        try resolver.forEachContested(units: units, by: source) { number, _, measured in
            finders[measured.issue.image - images.lowerBound].add(
                pixel: context.firstPixel(of: context.units[number]) + measured.issue.pixel, measured)
        }
        var places = units.map { UnitBits(context, context.units[$0]) }
        for (at, image) in images.enumerated() {
            for run in finders[at].surprisingRuns(connectivity: connectivity, minimum: rule.minimumEvidence) {
                // Bands have one height but for the last, so the unit of a pixel is found by dividing.
                let unit = min(run.lowerBound / max(1, places[0].pixelsPerBand), units.count - 1)
                places[unit].set(run, image: image)
            }
        }
        return places.map(\.words)
    }
}

/// One bit for each pixel of a unit's record.
private struct UnitBits {
    private(set) var words: [UInt64]
    /// Pixels of the unit's rows of its one image; of whole images more than there are.
    let pixelsPerBand: Int
    private let firstImage: Int
    private let ends: [Int]
    private let firstPixel: Int

    init(_ context: RunContext, _ unit: WorkUnit) {
        ends = SegmentCursor(context: context, unit: unit, factor: 1).ends
        words = Array(repeating: 0, count: (ends.last ?? 0) / 64)
        firstImage = unit.images.lowerBound
        firstPixel = context.firstPixel(of: unit)
        pixelsPerBand = unit.rows.map { $0.count * context.dataset.images[unit.images.lowerBound].width } ?? .max
    }

    /// Sets the bits of a run of an image's pixels, all of them in this unit.
    mutating func set(_ run: Range<Int>, image: Int) {
        let number = image - firstImage
        let start = (number == 0 ? 0 : ends[number - 1]) - firstPixel
        for pixel in run { words[(start + pixel) / 64] |= 1 << UInt64((start + pixel) % 64) }
    }
}
