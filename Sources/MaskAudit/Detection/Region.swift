import ConfidentLearning

/// A connected component of flagged pixels with one given and one suggested class: what an annotator corrects at once.
///
/// **Units.** Pixels; centers are those of pixels, so the middle of the image's first pixel is (0, 0).
/// **Cost.** 160 bytes, and an array of its runs: 32 bytes, and 16 per run.
public struct Region: Sendable, Equatable {
    /// Position of the image in the dataset.
    public var image: Int
    /// The first pixel in the order of slices, rows and columns. Rows of a volume are counted from the first of their slice.
    public var row: Int
    public var column: Int
    /// The class that the labels give, and the one that the rule suggests.
    public var given: Int
    public var suggested: Int
    /// How many pixels the region has.
    public var area: Int
    /// The bounding box; of a volume over all slices of the region.
    public var left: Int
    public var top: Int
    public var width: Int
    public var height: Int
    /// Mean column and row of the pixels.
    public var centerX: Double
    public var centerY: Double
    /// Mean and lowest probability of the given class over the pixels.
    public var selfConfidence: Double
    public var lowestSelfConfidence: Double
    /// Mean probability of the suggested class over the pixels.
    public var suggestedConfidence: Double
    /// Mean evidence of the pixels under `calibrated`; nil under other rules.
    public var evidence: Double?
    /// How many pixels lie near labels of the suggested class; `BoundaryMeter` says what near is.
    public var boundaryPixels: Int
    /// What a reviewer decided; nil without a review.
    public var decision: RegionDecision?
    /// The pixels, as runs of the image's pixels in order; no run crosses the end of a row.
    public var runs: [Range<Int>]

    /// Share of the pixels that a boundary moved by a little would correct.
    public var boundaryShare: Double { Double(boundaryPixels) / Double(area) }

    /// How likely the region is mislabelled. Under `calibrated` its evidence and the logarithm of its area, without a bound;
    /// else r / (r + 1 + 100 s), between 0 and 1, where r is the fourth root of the area and s the mean self-confidence.
    ///
    /// Low self-confidence tells mislabelled regions best, until it is below about 0.01, where size is worth more. The
    /// second formula was chosen among products of powers by the precision of the first 20, 50 and 100 regions on CamVid
    /// with planted errors. On other planted errors it is about as precise as self-confidence, with two to four times the
    /// pixels.
    public var score: Double {
        if let evidence { return evidence + naturalLogarithm(Double(area)) }
        let root = Double(area).squareRoot().squareRoot()
        return root / (root + 1 + 100 * selfConfidence)
    }

    /// The border of the region; (0, 0) is the left upper corner of its bounding box.
    ///
    /// - Parameter imageWidth: the width of the region's image.
    public func outline(imageWidth: Int) -> PixelOutline {
        var isInside = [Bool](repeating: false, count: width * height)
        for run in runs {
            let start = (run.lowerBound / imageWidth - top) * width + run.lowerBound % imageWidth - left
            for pixel in start..<start + run.count { isInside[pixel] = true }
        }
        return PixelOutline(width: width, height: height) { isInside[$1 * width + $0] }
    }

    /// What orders regions of equal score: the image and the first pixel.
    var place: (Int, Int) { (image, runs[0].lowerBound) }

    /// The name of a region: the name of its image, then row and column of its first pixel, after the slice of a volume.
    ///
    /// It is unique, as regions share no pixel, and it stays the same in later runs while that pixel is the first one.
    ///
    /// - Parameter pixelsPerSlice: of a volume; nil of an image.
    public func identifier(image: String, pixelsPerSlice: Int?) -> String {
        let slice = pixelsPerSlice.map { "\(slices(pixelsPerSlice: $0).first)x" } ?? ""
        return "\(image)@\(slice)\(row)x\(column)"
    }

    /// Where the region lies among the slices of its volume.
    public func slices(pixelsPerSlice: Int) -> Slices {
        let first = runs[0].lowerBound / pixelsPerSlice
        var slices = Slices(first: first, count: 0, center: 0, fullest: first)
        var pixels = 0
        var most = 0
        var pixelsBySlices = 0
        // Runs come in the order of their slices.
        for run in runs {
            let slice = run.lowerBound / pixelsPerSlice
            if slice != first + slices.count - 1 { pixels = 0 }
            slices.count = slice - first + 1
            pixels += run.count
            pixelsBySlices += slice * run.count
            if pixels > most { (most, slices.fullest) = (pixels, slice) }
        }
        slices.center = Double(pixelsBySlices) / Double(area)
        return slices
    }

    public struct Slices: Sendable, Equatable {
        public var first: Int
        /// From the first to the last.
        public var count: Int
        /// The mean slice of the pixels.
        public var center: Double
        /// The slice with most of the pixels, the first one of several.
        public var fullest: Int
    }
}

/// What a reviewer decided about a region.
public enum RegionDecision: String, Sendable {
    /// The suggested class is right.
    case accept
    /// The given class is right.
    case reject
}
