internal import CPixelKernels

/// The full-size side of downsampling: of pixels whose blocks are scanned, those whose predicted and given label differ.
///
/// **Cost.** A bit a pixel, and 4 bytes a contested one.
public struct FullSizeRecord: Sendable, Equatable {
    /// One bit a pixel, first pixel in the lowest bit of the first word; each image starts at a whole word.
    public internal(set) var contested: [UInt64] = []
    /// Of each contested pixel, in pixel order.
    public internal(set) var given: [UInt16] = []
    public internal(set) var predicted: [UInt16] = []

    public init() {}

    public init(contested: [UInt64], given: [UInt16], predicted: [UInt16]) {
        self.contested = contested
        self.given = given
        self.predicted = predicted
    }

    public var byteCount: Int { 8 * contested.count + 2 * (given.count + predicted.count) }

    /// Empties the record and keeps its memory, to be filled again.
    public mutating func removeAll() {
        contested.removeAll(keepingCapacity: true)
        given.removeAll(keepingCapacity: true)
        predicted.removeAll(keepingCapacity: true)
    }

    /// The same record in memory of its own size.
    public func compacted() -> Self {
        Self(contested: exactCopy(contested), given: exactCopy(given), predicted: exactCopy(predicted))
    }

    /// The contested pixels of taken blocks: as in cleanlab a block need not be contested itself, the comparison is made at
    /// full size only.
    ///
    /// **Shapes.** `images`: (rows, width) of each image's part, multiples of `factor`. `suggestions`: of each block the
    /// class that it suggests, -2 where it suggests none, -1 where it is not taken; each image starts at a whole 64.
    /// A pixel whose block suggests nothing, or the pixel's given label, suggests its own predicted label.
    public func flagged(
        images: [(rows: Int, width: Int)], factor: Int, suggestions: [Int32]
    ) -> FlaggedPixels {
        precondition(
            contested.reduce(0) { $0 + $1.nonzeroBitCount } == given.count && given.count == predicted.count,
            "labels of another record")
        var wordCount = 0
        var blockCount = 0
        for (rows, width) in images {
            precondition(rows % factor == 0 && width % factor == 0, "a block that is cut")
            wordCount += (rows * width + 63) / 64
            blockCount += (rows * width / (factor * factor) + 63) / 64 * 64
        }
        precondition(
            wordCount == contested.count && blockCount <= suggestions.count, "images of another record")
        let rows = images.map { UInt32($0.rows) }
        let widths = images.map { UInt32($0.width) }
        var suggested = [UInt16](repeating: 0, count: given.count)
        let words = unsafe [UInt64](capacity: wordCount) { target in
            unsafe mlk_flag_blocks(
                contested, rows, widths, images.count, UInt32(factor), suggestions, given, predicted, target,
                &suggested)
            return wordCount
        }
        return FlaggedPixels(words: words, contested: contested, given: given, suggested: suggested)
    }
}
