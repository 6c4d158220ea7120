/// A mask as COCO counts it: down the columns, the lengths of runs of pixels outside and inside in turn, outside first.
public struct ColumnRuns: Sendable, Equatable {
    public var height: Int
    public var width: Int
    public var counts: [Int]

    /// - Parameter runs: of an image's pixels along the rows, in pixel order, none across the end of a row.
    public init(height: Int, width: Int, runs: [Range<Int>]) {
        self.height = height
        self.width = width
        counts = []
        var end = 0
        for run in Self.turned(runs, lineLength: width, lineCount: height) {
            // Runs that meet at the end of a column are one.
            if run.lowerBound == end && !counts.isEmpty {
                counts[counts.count - 1] += run.count
            } else {
                counts += [run.lowerBound - end, run.count]
            }
            end = run.upperBound
        }
        if end < height * width || counts.isEmpty { counts.append(height * width - end) }
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
        return Self.turned(runs, lineLength: height, lineCount: width)
    }

    /// Runs along lines as runs across them.
    ///
    /// **Cost.** Time goes with pixels and the lines across that they span.
    private static func turned(_ runs: [Range<Int>], lineLength: Int, lineCount: Int) -> [Range<Int>] {
        guard lineLength > 0, let firstRun = runs.first else { return [] }
        var low = firstRun.lowerBound % lineLength
        var high = low
        for run in runs {
            low = min(low, run.lowerBound % lineLength)
            high = max(high, (run.upperBound - 1) % lineLength)
        }
        // Pixels sorted by their place along the line; lines come in order already. First how many come before a place,
        // then, as they are put there, where the next one goes: in the end where the place after begins.
        var ends = [Int](repeating: 0, count: high - low + 2)
        for run in runs {
            let first = run.lowerBound % lineLength - low
            for place in first..<first + run.count { ends[place + 1] += 1 }
        }
        for place in 1..<ends.count { ends[place] += ends[place - 1] }
        var lines = [Int](repeating: 0, count: ends[ends.count - 1])
        for run in runs {
            let line = run.lowerBound / lineLength
            let first = run.lowerBound % lineLength - low
            for place in first..<first + run.count {
                lines[ends[place]] = line
                ends[place] += 1
            }
        }
        var out: [Range<Int>] = []
        var at = 0
        for place in 0...high - low {
            while at < ends[place] {
                let first = at
                at += 1
                while at < ends[place] && lines[at] == lines[at - 1] + 1 { at += 1 }
                let base = (low + place) * lineCount
                out.append(base + lines[first]..<base + lines[at - 1] + 1)
            }
        }
        return out
    }

    /// Pixels inside.
    public var area: Int { counts.indices.reduce(0) { $1 % 2 == 1 ? $0 + counts[$1] : $0 } }
}

extension ColumnRuns {
    /// The counts as text, as COCO's tools compress them: from the fourth on the difference to the one before the last,
    /// five bits a character, lowest first, the last one's highest bit being the sign.
    ///
    /// **Source.** `rleToString` of cocoapi's `maskApi.c`.
    public var text: String {
        var out: [UInt8] = []
        for (number, count) in counts.enumerated() {
            var rest = number > 2 ? count - counts[number - 2] : count
            while true {
                let bits = rest & 0x1f
                rest >>= 5
                let isLast = rest == (bits & 0x10 == 0 ? 0 : -1)
                out.append(UInt8(48 + bits + (isLast ? 0 : 0x20)))
                if isLast { break }
            }
        }
        return String(decoding: out, as: UTF8.self)
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
