import ArgumentParser
import MaskAudit
import Reporting

/// The options that say what a region is and which are listed.
struct RegionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Neighbours of a pixel that belong to its region: 4, or 8 with those at its corners; of a volume 6 or 26. "
                + "(default: 8, of volumes 26)", valueName: "n"))
    var connectivity: Connectivity?

    @Option(
        help: """
            Pixels of a region: those of one given and one suggested class, or of one given class whatever they suggest.
            """)
    var group = RegionGrouping.swap

    @Option(
        help: ArgumentHelp(
            "How far a boundary may move for boundary_share, in pixels. (default: \(RegionPlan.defaultBoundaryRadius))",
            valueName: "r"))
    var boundary: Int?

    @Option(
        help: ArgumentHelp(
            "Leaves out regions that moving a boundary by R pixels would mend; sets --boundary.", valueName: "r"))
    var skipBoundary: Int?

    @Option(help: ArgumentHelp("Leaves out regions of fewer pixels.", valueName: "pixels"))
    var minArea = 1

    @Option(help: ArgumentHelp("Leaves out regions of a lower score.", valueName: "score"))
    var minScore = 0.0

    @Option(
        name: .customLong("classes"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Leaves only regions whose given or suggested class is one of these, names or numbers.", valueName: "class")
    )
    var classArguments: [ArgumentList] = []

    @Option(help: ArgumentHelp("Leaves only the N regions of highest score.", valueName: "n"))
    var top: Int?

    /// Throws where labels come from standard input.
    static func check(_ dataset: DatasetOptions) throws {
        guard !dataset.labels.contains("-") else {
            throw ValidationError(
                "Labels are read twice for regions and standard input (-) can be read once: name a file.")
        }
    }

    /// Beyond it nearly all pixels of most images are near a boundary, and looking for it takes its time.
    private static let largestRadius = 100

    func validate() throws {
        for radius in [boundary, skipBoundary].compactMap({ $0 }) where radius < 0 || radius > Self.largestRadius {
            throw ValidationError("--boundary and --skip-boundary are from 0 to \(Self.largestRadius) pixels.")
        }
        if let boundary, let skipBoundary, boundary != skipBoundary {
            throw ValidationError("--skip-boundary sets --boundary: give one of them, or the same to both.")
        }
        if minArea < 1 { throw ValidationError("--min-area is a number of pixels, 1 or more.") }
        if !(minScore >= 0) { throw ValidationError("--min-score is a score, 0 or more.") }
        if let top, top < 1 { throw ValidationError("--top is a number of regions, 1 or more.") }
    }

    /// Throws where the neighbours are those of images and the dataset has volumes, or the other way round.
    func checkConnectivity(_ dataset: DatasetOptions) throws {
        guard let connectivity, connectivity.isOfVolumes != dataset.volumes else { return }
        throw ValidationError(
            dataset.volumes
                ? "--connectivity is 6 or 26 with --volumes." : "--connectivity is 4 or 8; 6 and 26 go with --volumes.")
    }

    func apply(to plan: inout RegionPlan) {
        plan.audit.rule.grouping = group
        if let connectivity { plan.connectivity = connectivity }
        if let radius = skipBoundary ?? boundary { plan.boundaryRadius = radius }
        plan.skipsBoundary = (skipBoundary ?? 0) > 0
        plan.minimumArea = minArea
        plan.minimumScore = minScore
        plan.classes = classArguments.all
        plan.top = top
    }
}
