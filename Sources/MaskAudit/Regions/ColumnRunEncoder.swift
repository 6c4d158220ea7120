/// Turns runs of pixels along lines into runs across them; keeps its arrays from one mask to the next.
struct RunTurner {
    /// Of each place along the lines where its pixels end among `lines`.
    private var ends: [Int] = []
    private var lines: [Int] = []

    /// Calls `body` for each run across, in order.
    ///
    /// - Parameter runs: in order, none across the end of a line.
    ///
    /// **Cost.** Time goes with pixels and the lines across that they span.
    mutating func turn(
        _ runs: [Range<Int>], lineLength: Int, lineCount: Int, _ body: (Range<Int>) -> Void
    ) {
        guard lineLength > 0, let firstRun = runs.first else { return }
        var low = firstRun.lowerBound % lineLength
        var high = low
        for run in runs {
            let first = run.lowerBound % lineLength
            low = min(low, first)
            high = max(high, first + run.count - 1)
        }
        // Pixels sorted by their place along the line; lines come in order already. First how many come before a place,
        // then, as they are put there, where the next one goes: in the end where the place after begins.
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: high - low + 2))
        for run in runs {
            let first = run.lowerBound % lineLength - low
            for place in first..<first + run.count { ends[place + 1] += 1 }
        }
        for place in 1..<ends.count { ends[place] += ends[place - 1] }
        lines.removeAll(keepingCapacity: true)
        lines.append(contentsOf: repeatElement(0, count: ends[ends.count - 1]))
        for run in runs {
            let line = run.lowerBound / lineLength
            let first = run.lowerBound - line * lineLength - low
            for place in first..<first + run.count {
                lines[ends[place]] = line
                ends[place] += 1
            }
        }
        var at = 0
        for place in 0...high - low {
            let base = (low + place) * lineCount
            while at < ends[place] {
                let first = at
                at += 1
                while at < ends[place] && lines[at] == lines[at - 1] + 1 { at += 1 }
                body(base + lines[first]..<base + lines[at - 1] + 1)
            }
        }
    }
}

/// Counts of a mask's runs down the columns, from the runs themselves.
struct ColumnRunCounter {
    private var end = 0
    private var pending = 0..<0

    /// Takes the next run inside; runs that meet at the end of a column are one.
    mutating func add(_ run: Range<Int>, _ put: (Int) -> Void) {
        if run.lowerBound == pending.upperBound && !pending.isEmpty {
            pending = pending.lowerBound..<run.upperBound
            return
        }
        flush(put)
        pending = run
    }

    /// Ends with what is outside after the last run; a mask without pixels has one count, of none.
    mutating func finish(pixelCount: Int, _ put: (Int) -> Void) {
        let isEmpty = end == 0 && pending.isEmpty
        flush(put)
        if end < pixelCount || isEmpty { put(pixelCount - end) }
    }

    private mutating func flush(_ put: (Int) -> Void) {
        guard !pending.isEmpty else { return }
        put(pending.lowerBound - end)
        put(pending.count)
        end = pending.upperBound
    }
}

/// Counts as text, as COCO's tools compress them: from the fourth on the difference to the one before the last, five bits
/// a character, lowest first, the last one's highest bit being the sign.
///
/// **Source.** `rleToString` of cocoapi's `maskApi.c`.
struct CountText {
    private var count = 0
    private var last = 0
    private var beforeLast = 0

    mutating func append(_ value: Int, to bytes: inout [UInt8]) {
        var rest = count > 2 ? value - beforeLast : value
        (count, beforeLast, last) = (count + 1, last, value)
        while true {
            let bits = rest & 0x1f
            rest >>= 5
            let isLast = rest == (bits & 0x10 == 0 ? 0 : -1)
            bytes.append(UInt8(48 + bits + (isLast ? 0 : 0x20)))
            if isLast { return }
        }
    }
}

/// Writes the masks of regions as COCO's compressed counts, one after another without arrays for each.
public struct ColumnRunEncoder {
    private var turner = RunTurner()
    private var runs: [Range<Int>] = []

    public init() {}

    /// Appends what `ColumnRuns.text` of the region's mask is.
    public mutating func append(_ shape: RegionShape, height: Int, width: Int, to bytes: inout [UInt8]) {
        runs.removeAll(keepingCapacity: true)
        shape.forEachRun { runs.append($0) }
        var counter = ColumnRunCounter()
        var text = CountText()
        turner.turn(runs, lineLength: width, lineCount: height) { run in
            counter.add(run) { text.append($0, to: &bytes) }
        }
        counter.finish(pixelCount: height * width) { text.append($0, to: &bytes) }
    }
}
