/// A region that an earlier review rejected, with the line of the file that says so.
public struct KnownRegion: Sendable {
    public var identifier: String
    public var given: Int
    public var suggested: Int
    public var mask: ColumnRuns
    public var file: String
    public var line: Int

    public init(identifier: String, given: Int, suggested: Int, mask: ColumnRuns, file: String, line: Int) {
        self.identifier = identifier
        self.given = given
        self.suggested = suggested
        self.mask = mask
        self.file = file
        self.line = line
    }

    /// The name of its image, which begins the identifier.
    ///
    /// By scalars: as characters, some marks are one with the sign that follows.
    public var image: String {
        identifier.unicodeScalars.lastIndex(of: "@").map { String(identifier[..<$0]) } ?? identifier
    }
}

/// The regions that earlier reviews rejected, as sets of pixels with which the regions of a run are compared.
struct KnownRegions: Sendable {
    private struct Key: Hashable {
        var image: Int
        var given: Int
        var suggested: Int
    }

    private var runs: [Key: [Range<Int>]] = [:]
    /// How many known regions are in images that the dataset lacks.
    private(set) var strangers = 0

    /// A region is known when at least this share of its pixels was rejected.
    ///
    /// Where intersection over union is 0.5, regions have at least half of the pixels of either in common. A piece of a
    /// rejected region is known too.
    static let leastShare = 0.5

    /// No region is known.
    static let none = KnownRegions()

    private init() {}

    /// **Errors.** A mask whose size is not that of its image.
    init(_ known: [KnownRegion], dataset: Dataset) throws(AuditError) {
        guard !known.isEmpty else { return }
        var images: [String: Int] = [:]
        for index in dataset.images.indices { images[dataset.imageName(index)] = index }
        var shapes: [Key: [[Range<Int>]]] = [:]
        for region in known {
            guard let index = images[region.image] else {
                strangers += 1
                continue
            }
            let image = dataset.images[index]
            guard region.mask.height == image.height && region.mask.width == image.width else {
                throw .input(
                    region.file,
                    "line \(region.line): the mask is \(region.mask.height) x \(region.mask.width) pixels, "
                        + "\(dataset.imageText(index)) is \(image.height) x \(image.width)",
                    remedy: "leave out reviews of images that were resized since")
            }
            shapes[Key(image: index, given: region.given, suggested: region.suggested), default: []]
                .append(region.mask.rowRuns)
        }
        runs = shapes.mapValues(Self.union)
    }

    /// The pixels of several masks as runs in order, which do not touch.
    private static func union(_ shapes: [[Range<Int>]]) -> [Range<Int>] {
        if shapes.count == 1 { return shapes[0] }
        var out: [Range<Int>] = []
        for run in shapes.joined().sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = out.last, run.lowerBound <= last.upperBound {
                out[out.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
            } else {
                out.append(run)
            }
        }
        return out
    }

    /// Whether a region is known: rejected before, in this image, with these classes.
    func contains(_ region: Region) -> Bool {
        let key = Key(image: region.image, given: region.given, suggested: region.suggested)
        guard let rejected = runs[key] else { return false }
        var common = 0
        var at = 0
        for run in region.runs {
            while at < rejected.count && rejected[at].upperBound <= run.lowerBound { at += 1 }
            var other = at
            while other < rejected.count && rejected[other].lowerBound < run.upperBound {
                common += rejected[other].clamped(to: run).count
                other += 1
            }
        }
        return Double(common) >= Self.leastShare * Double(region.area)
    }
}
