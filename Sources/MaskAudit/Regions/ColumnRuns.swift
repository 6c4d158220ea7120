/// A mask as COCO stores it: the lengths of runs of pixels outside and inside the mask in turn, column by column.
///
/// **Source.** `rleEncode` of cocoapi's `maskApi.c`.
public struct ColumnRuns: Sendable, Equatable {
    public var height: Int
    public var width: Int
    /// The first run is outside; its length is 0 where the mask holds the first pixel.
    public var counts: [Int]

    /// - Parameter runs: pixels of an image along its rows, in order; no run crosses the end of a row.
    public init(height: Int, width: Int, runs: [Range<Int>]) {
        self.height = height
        self.width = width
        counts = alternatingLengths(
            turnedRuns(runs, lineLength: width, lineCount: height), pixelCount: height * width)
    }

    /// The mask's pixels along the rows of its image, in order; no run crosses the end of a row.
    public var rowRuns: [Range<Int>] {
        var runs: [Range<Int>] = []
        var end = 0
        for (number, count) in counts.enumerated() {
            var start = end
            end += count
            guard number % 2 == 1 else { continue }
            while start < end {
                let columnEnd = min(end, (start / height + 1) * height)
                runs.append(start..<columnEnd)
                start = columnEnd
            }
        }
        return turnedRuns(runs, lineLength: height, lineCount: width)
    }

    /// How many pixels the mask holds.
    public var area: Int { counts.indices.reduce(0) { $1 % 2 == 1 ? $0 + counts[$1] : $0 } }
}

/// The lengths of runs of pixels outside and inside in turn, the first outside, of a line of `pixelCount` pixels.
///
/// **Edge cases.** Runs that meet are one. Nothing inside is one length, which is 0 where there are no pixels either.
///
/// - Parameter runs: the pixels inside, in order.
package func alternatingLengths(_ runs: [Range<Int>], pixelCount: Int) -> [Int] {
    var lengths: [Int] = []
    var end = 0
    for run in runs {
        if run.lowerBound == end && !lengths.isEmpty {
            lengths[lengths.count - 1] += run.count
        } else {
            lengths.append(run.lowerBound - end)
            lengths.append(run.count)
        }
        end = run.upperBound
    }
    if end < pixelCount || lengths.isEmpty { lengths.append(pixelCount - end) }
    return lengths
}

/// Turns runs along the lines of a grid into runs across them: from rows to columns, or back.
///
/// **Cost.** Time and memory grow with the pixels, not with the grid.
///
/// - Parameter runs: in order; no run crosses the end of a line. The same holds for the result.
private func turnedRuns(_ runs: [Range<Int>], lineLength: Int, lineCount: Int) -> [Range<Int>] {
    guard let first = runs.first else { return [] }
    // A region is small beside its image, so only the places that it spans get a list.
    var low = first.lowerBound % lineLength
    var high = low
    for run in runs {
        let start = run.lowerBound % lineLength
        low = min(low, start)
        high = max(high, start + run.count - 1)
    }
    var across = [[Range<Int>]](repeating: [], count: high - low + 1)
    for run in runs {
        let line = run.lowerBound / lineLength
        let start = run.lowerBound - line * lineLength
        for place in start..<start + run.count {
            let pixel = place * lineCount + line
            if let last = across[place - low].last, last.upperBound == pixel {
                across[place - low][across[place - low].count - 1] = last.lowerBound..<pixel + 1
            } else {
                across[place - low].append(pixel..<pixel + 1)
            }
        }
    }
    return across.count == 1 ? across[0] : Array(across.joined())
}

extension ColumnRuns {
    /// The counts as COCO's tools compress them.
    ///
    /// From the fourth count on the text holds the difference to the count before the last one. A number takes five bits
    /// per character, the lowest first; the highest bit of its last character is the sign.
    /// **Source.** `rleToString` of cocoapi's `maskApi.c`.
    public var text: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the counts as `text` has them.
    public func appendText(to bytes: inout [UInt8]) {
        for (number, count) in counts.enumerated() {
            var rest = number > 2 ? count - counts[number - 2] : count
            var isLast = false
            while !isLast {
                let bits = rest & 0x1f
                rest >>= 5
                isLast = rest == (bits & 0x10 == 0 ? 0 : -1)
                bytes.append(UInt8(48 + bits + (isLast ? 0 : 0x20)))
            }
        }
    }

    /// Reads what `text` gives; nil where the text is not a mask of that size.
    public init?(height: Int, width: Int, text: some StringProtocol) {
        let (pixelCount, isTooLarge) = height.multipliedReportingOverflow(by: width)
        guard height >= 0 && width >= 0 && !isTooLarge else { return nil }
        self.height = height
        self.width = width
        counts = []
        var total = 0
        var number = 0
        var shift = 0
        for byte in text.utf8 {
            // No count has more than twelve characters, so neither the shift nor a sum overflows.
            guard byte >= 48 && byte < 112 && shift < 60 else { return nil }
            number |= Int((byte - 48) & 0x1f) << shift
            shift += 5
            guard (byte - 48) & 0x20 == 0 else { continue }
            if (byte - 48) & 0x10 != 0 { number |= -1 << shift }
            let count = counts.count > 2 ? number + counts[counts.count - 2] : number
            guard count >= 0 && count <= pixelCount - total else { return nil }
            counts.append(count)
            total += count
            (number, shift) = (0, 0)
        }
        guard shift == 0 && total == pixelCount else { return nil }
    }
}
