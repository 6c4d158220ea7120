/// A mask as COCO counts it: down the columns, the lengths of runs of pixels outside and inside in turn, outside first.
public struct ColumnRuns: Sendable, Equatable {
    public var height: Int
    public var width: Int
    public var counts: [Int]

    /// - Parameter runs: of an image's pixels along the rows, in pixel order, none across the end of a row.
    public init(height: Int, width: Int, runs: [Range<Int>]) {
        self.height = height
        self.width = width
        var counts: [Int] = []
        var counter = ColumnRunCounter()
        var turner = RunTurner()
        turner.turn(runs, lineLength: width, lineCount: height) { run in counter.add(run) { counts.append($0) } }
        counter.finish(pixelCount: height * width) { counts.append($0) }
        self.counts = counts
    }

    /// The runs along the rows, in pixel order, none across the end of a row.
    public var rowRuns: [Range<Int>] {
        var runs: [Range<Int>] = []
        var at = 0
        for (number, count) in counts.enumerated() {
            if number % 2 == 1 {
                // Cut at the ends of columns.
                var first = at
                while first < at + count {
                    let end = min(at + count, (first / height + 1) * height)
                    runs.append(first..<end)
                    first = end
                }
            }
            at += count
        }
        var turned: [Range<Int>] = []
        var turner = RunTurner()
        turner.turn(runs, lineLength: height, lineCount: width) { turned.append($0) }
        return turned
    }

    /// Pixels inside.
    public var area: Int { counts.indices.reduce(0) { $1 % 2 == 1 ? $0 + counts[$1] : $0 } }
}

extension ColumnRuns {
    /// The counts as `CountText` has them.
    public var text: String {
        var bytes: [UInt8] = []
        var text = CountText()
        for count in counts { text.append(count, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads such a text; nil where it is none of a mask of that size.
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
