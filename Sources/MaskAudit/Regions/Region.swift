/// A connected component of flagged pixels with one given and one suggested class: what an annotator corrects at once.
///
/// **Cost.** 144 bytes, and an array of its runs: 32 bytes, and 16 per run.
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
    /// The pixels, as runs of the image's pixels in order; no run crosses the end of a row.
    public var runs: [Range<Int>]

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
        for run in runs {
            let start = (run.lowerBound / imageWidth - top) * width + run.lowerBound % imageWidth - left
            for pixel in start..<start + run.count { isInside[pixel] = true }
        }
        return PixelOutline(width: width, height: height) { isInside[$1 * width + $0] }
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
