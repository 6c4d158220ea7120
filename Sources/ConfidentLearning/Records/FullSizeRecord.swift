internal import CPixelKernels

/// The full-size side of downsampling: which pixels are contested at full size, while their blocks are scanned.
///
/// **Cost.** One bit per pixel, and 4 bytes per contested pixel.
public struct FullSizeRecord: Sendable, Equatable {
    /// One bit per pixel, the first pixel in the lowest bit of the first word. Each image starts at a whole word.
    public internal(set) var contested: [UInt64] = []
    /// The labels of each contested pixel, in pixel order.
    public internal(set) var given: [UInt16] = []
    public internal(set) var predicted: [UInt16] = []

    public init() {}

    public init(contested: [UInt64], given: [UInt16], predicted: [UInt16]) {
        self.contested = contested
        self.given = given
        self.predicted = predicted
    }

    public var byteCount: Int { 8 * contested.count + 2 * (given.count + predicted.count) }

    /// Empties the record. Its memory is kept, so that the next record needs no fresh pages.
    public mutating func removeAll() {
        contested.removeAll(keepingCapacity: true)
        given.removeAll(keepingCapacity: true)
        predicted.removeAll(keepingCapacity: true)
    }

    /// The same record in memory of exactly its size.
    public func compacted() -> Self {
        Self(contested: exactCopy(contested), given: exactCopy(given), predicted: exactCopy(predicted))
    }

    /// The contested pixels of the blocks that a rule takes. As in cleanlab a block need not be contested itself:
    /// labels are compared at full size only.
    ///
    /// A pixel suggests what its block suggests. Where that is nothing, or the pixel's given label, the pixel suggests
    /// its own predicted label.
    ///
    /// **Shapes.** `images`: (rows, width) of each image's part, multiples of `factor`. `suggestions`: for each block
    /// the class that it suggests, -2 where it suggests none, or -1 where it is not taken. The blocks of each image
    /// start at a multiple of 64.
    public func flagged(
        images: [(rows: Int, width: Int)], factor: Int, suggestions: [Int32]
    ) -> FlaggedPixels {
        precondition(
            contested.bitCount == given.count && given.count == predicted.count,
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
