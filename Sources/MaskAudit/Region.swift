/// A connected component of flagged pixels with one given and one suggested class: what an annotator corrects at once.
///
/// **Cost.** Some 200 bytes, and two to five bytes a run of its pixels along a row.
public struct Region: Sendable, Equatable {
    /// Position of the image in the dataset.
    public var image: Int
    /// The first pixel, row by row.
    public var row: Int
    public var column: Int
    public var given: Int
    public var suggested: Int
    /// Pixels.
    public var area: Int
    /// Bounding box.
    public var left: Int
    public var top: Int
    public var width: Int
    public var height: Int
    /// Mean column and row of the pixels; the middle of the image's first pixel is (0, 0).
    public var centerX: Double
    public var centerY: Double
    /// Mean and lowest probability of the given label.
    public var selfConfidence: Double
    public var lowestSelfConfidence: Double
    /// Mean probability of the suggested label.
    public var suggestedConfidence: Double
    /// Pixels near which the suggested class is what is given; see `BoundaryMeter`.
    public var boundaryPixels: Int
    public var decision: RegionDecision?
    public var shape: RegionShape

    /// Share of the pixels that moving a boundary would mend.
    public var boundaryShare: Double { Double(boundaryPixels) / Double(area) }

    /// How sure it is that the region is mislabelled, between 0 and 1: r / (r + 1 + 100 s), r the fourth root of the area
    /// and s the mean self-confidence.
    ///
    /// Low self-confidence tells mislabelled regions best, until it is below some 0.01, where size is worth more. Chosen
    /// among products of powers by the precision of the first 20, 50 and 100 regions on CamVid with planted errors; on
    /// other planted errors it is about as precise as self-confidence, with two to four times the pixels.
    public var score: Double {
        let root = Double(area).squareRoot().squareRoot()
        return root / (root + 1 + 100 * selfConfidence)
    }

    /// The border of the pixels in the box, whose left upper corner is (0, 0).
    ///
    /// - Parameter imageWidth: of the region's image.
    public func outline(imageWidth: Int) -> PixelOutline {
        var isInside = [Bool](repeating: false, count: width * height)
        for run in shape.runs {
            let start = (run.lowerBound / imageWidth - top) * width + run.lowerBound % imageWidth - left
            for pixel in start..<start + run.count { isInside[pixel] = true }
        }
        return PixelOutline(width: width, height: height) { isInside[$1 * width + $0] }
    }

    /// Regions by score, highest first, ties by place.
    ///
    /// **Cost.** Scores and numbers are sorted, each region is moved once.
    static func ranked(_ regions: [Region]) -> [Region] {
        let order = regions.indices.map { (score: regions[$0].score, index: $0) }.sorted { a, b in
            if a.score != b.score { return a.score > b.score }
            return regions[a.index].place < regions[b.index].place
        }
        return order.map { regions[$0.index] }
    }

    /// What orders regions of one score.
    var place: (Int, Int, Int) { (image, row, column) }

    /// The name of a region: its image's and its first pixel's, row before column. No two flagged regions share a pixel,
    /// so it is theirs alone, and stays as long as that pixel does.
    public static func identifier(image: String, row: Int, column: Int) -> String { "\(image)@\(row)x\(column)" }
}

/// What a reviewer made of a region.
public enum RegionDecision: String, Sendable {
    /// The suggested class is right.
    case accept
    /// The given class is right.
    case reject
}

/// The pixels of a region as runs along the rows, in pixel order.
public struct RegionShape: Sendable, Equatable {
    /// Of each run the pixels since the end of the last one and its length, seven bits a byte, lowest first.
    private var bytes: [UInt8] = []
    private var end = 0

    public init() {}

    /// Adds a run of pixels of an image; beyond the last one.
    public mutating func append(_ run: Range<Int>) {
        precondition(run.lowerBound >= end && !run.isEmpty, "runs in order")
        append(run.lowerBound - end)
        append(run.count)
        end = run.upperBound
    }

    private mutating func append(_ number: Int) {
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The runs, as pixels of the image.
    public var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        var last = 0
        var first: Int?
        var number = 0
        var shift = 0
        for byte in bytes {
            number |= Int(byte & 127) << shift
            shift += 7
            guard byte & 128 == 0 else { continue }
            if let start = first {
                last = start + number
                runs.append(start..<last)
                first = nil
            } else {
                first = last + number
            }
            (number, shift) = (0, 0)
        }
        return runs
    }
}
