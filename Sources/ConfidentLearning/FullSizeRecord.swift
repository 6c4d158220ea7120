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
        var suggested = [UInt16](repeating: 0, count: given.count)
        var firstWord = 0
        var firstBlock = 0
        var number = 0
        let words = unsafe [UInt64](capacity: contested.count) { target in
            for (rows, width) in images where rows > 0 && width > 0 {
                let wordCount = (rows * width + 63) / 64
                let blockCount = rows * width / (factor * factor)
                precondition(
                    rows % factor == 0 && width % factor == 0 && firstWord + wordCount <= contested.count
                        && firstBlock + blockCount <= suggestions.count, "images of another record")
                unsafe suggestions.withUnsafeBufferPointer { suggestions in
                    unsafe suggested.withUnsafeMutableBufferPointer { suggested in
                        unsafe contested.withUnsafeBufferPointer { contested in
                            unsafe given.withUnsafeBufferPointer { given in
                                unsafe predicted.withUnsafeBufferPointer { predicted in
                                    guard let blocks = suggestions.baseAddress, let bits = contested.baseAddress
                                    else { return }
                                    guard let given = given.baseAddress, let own = predicted.baseAddress,
                                        let result = suggested.baseAddress
                                    else {
                                        // Nothing is contested.
                                        unsafe (target + firstWord).initialize(repeating: 0, count: wordCount)
                                        return
                                    }
                                    number += unsafe mlk_flag_blocks(
                                        bits + firstWord, UInt32(rows), UInt32(width), UInt32(factor),
                                        blocks + firstBlock, given + number, own + number, target + firstWord,
                                        result + number)
                                }
                            }
                        }
                    }
                }
                firstWord += wordCount
                firstBlock += (blockCount + 63) / 64 * 64
            }
            precondition(firstWord == contested.count, "images of another record")
            return firstWord
        }
        return FlaggedPixels(words: words, contested: contested, given: given, suggested: suggested)
    }
}
