internal import CPixelKernels

/// Counts the confident joint over tiles of pixels, once the thresholds are known. Each thread has a counter of its
/// own, and their counts add up.
///
/// A pixel counts under its given class and the class that it is confident in. Where it is confident in several
/// classes, it counts under its predicted class.
///
/// **Cost.** One walk over the probabilities, K x K counts, and one tile in double.
/// **Source.** cleanlab `count.py`, `compute_confident_joint`.
public final class JointCounter {
    public private(set) var counts: [Int]
    private let classCount: Int
    private let confidentFrom: [Double]
    private let tile: WidenedTile

    public init(thresholds: ConfidentThresholds) {
        classCount = thresholds.values.count
        counts = Array(repeating: 0, count: classCount * classCount)
        confidentFrom = thresholds.confidentFrom(.pruneByNoiseRate)
        tile = WidenedTile(classCount: classCount)
    }

    /// Adds a tile.
    ///
    /// **Shapes.** `labels` (count,): below K, or negative for an ignored pixel.
    public func add(_ source: PlaneTile, in bytes: RawSpan, labels: Span<Int32>) {
        precondition(labels.count == source.count && source.classCount == classCount, "tile and labels disagree")
        tile.load(source, in: bytes, confidentFrom: confidentFrom)
        for pixel in labels.indices {
            let given = Int(labels[pixel])
            let guess = Int(tile.guess[pixel])
            if given >= 0 && guess >= 0 { counts[given * classCount + guess] += 1 }
        }
    }
}

/// A tile of probabilities as doubles, with the predicted class of each pixel and the class that it is confidently of.
final class WidenedTile {
    /// K planes, `PlaneTile.capacity` apart.
    private(set) var planes: [Double]
    private(set) var argmax = [Int32](repeating: 0, count: PlaneTile.capacity)
    /// The class that each pixel is confidently of, -1 where there is none.
    private(set) var guess = [Int32](repeating: -1, count: PlaneTile.capacity)
    private let classCount: Int

    init(classCount: Int) {
        self.classCount = classCount
        planes = Array(repeating: 0, count: classCount * PlaneTile.capacity)
    }

    /// Fills the planes, and no more than those.
    func widen(_ tile: PlaneTile, in bytes: RawSpan) {
        precondition(tile.classCount == classCount, "a tile of other classes")
        PlaneLoading.widen(tile, in: bytes, into: &planes)
    }

    /// Fills the planes, `argmax` and `guess`.
    func load(_ tile: PlaneTile, in bytes: RawSpan, confidentFrom: [Double]) {
        precondition(confidentFrom.count == classCount, "thresholds of other classes")
        widen(tile, in: bytes)
        unsafe mlk_confident_guess(
            planes, PlaneTile.capacity, UInt32(classCount), UInt32(tile.count), confidentFrom, &argmax, &guess)
    }

    @inline(__always)
    func value(_ classIndex: Int, _ pixel: Int) -> Double { planes[classIndex * PlaneTile.capacity + pixel] }
}
