/// Finds the regions of one image or volume: it takes the flagged pixels in order and joins them to connected components.
///
/// Rows are counted through all slices of a volume, as `ImageEntry` has them, until a region's place is told.
/// **Cost.** 72 bytes per run while one image is worked on; time grows with the flagged pixels, not with the image.
struct RegionFinder {
    /// Neighbouring pixels of a row that belong to one region. Confidences and evidence are sums over them.
    fileprivate struct Run {
        var row: Int
        var columns: Range<Int>
        var given: UInt16
        /// 0 where regions are grouped by their given class alone.
        var suggested: UInt16
        /// Position of an earlier run of the same component; its own position where it is the component's first.
        var parent: Int
        var selfConfidence: Double
        var lowestSelfConfidence: Double
        var suggestedConfidence: Double
        var evidence: Double
    }

    /// How many pixels of a run suggest a class, where those of a region may suggest several.
    private struct Vote {
        var run: Int
        var suggested: UInt16
        var pixels: Int
    }

    private let width: Int
    /// Rows of a slice, or of the image.
    private let sliceHeight: Int
    private let isVolume: Bool
    private let grouping: RegionGrouping
    private var runs: [Run] = []
    /// In order of the runs; none where runs have one suggestion.
    private var votes: [Vote] = []
    /// Whether the rule gives evidence.
    private var hasEvidence = false
    /// The row of the last pixel, and the pixels of that row.
    private var row = 0
    private var rowPixels = 0..<0

    init(_ image: ImageEntry, grouping: RegionGrouping) {
        width = image.width
        sliceHeight = image.sliceHeight
        isVolume = image.depth != nil
        self.grouping = grouping
    }

    /// Adds a flagged pixel; pixels come in order.
    mutating func add(pixel: Int, _ measured: IssueResolver.MeasuredIssue) {
        if !rowPixels.contains(pixel) {
            row = pixel / width
            rowPixels = row * width..<(row + 1) * width
        }
        let column = pixel - rowPixels.lowerBound
        let given = UInt16(measured.issue.given)
        let suggested = grouping == .swap ? UInt16(measured.issue.suggested) : 0
        hasEvidence = measured.evidence != nil
        defer { vote(UInt16(measured.issue.suggested)) }
        if let last = runs.indices.last, runs[last].row == row, runs[last].columns.upperBound == column,
            runs[last].given == given, runs[last].suggested == suggested
        {
            runs[last].columns = runs[last].columns.lowerBound..<column + 1
            runs[last].selfConfidence += measured.selfConfidence
            runs[last].lowestSelfConfidence = min(runs[last].lowestSelfConfidence, measured.selfConfidence)
            runs[last].suggestedConfidence += measured.suggestedConfidence
            runs[last].evidence += measured.evidence ?? 0
            return
        }
        runs.append(
            Run(
                row: row, columns: column..<column + 1, given: given, suggested: suggested, parent: runs.count,
                selfConfidence: measured.selfConfidence, lowestSelfConfidence: measured.selfConfidence,
                suggestedConfidence: measured.suggestedConfidence, evidence: measured.evidence ?? 0))
    }

    /// Counts what the last pixel suggests, where regions may suggest several classes.
    private mutating func vote(_ suggested: UInt16) {
        guard grouping == .given, let run = runs.indices.last else { return }
        if let last = votes.indices.last, votes[last].run == run, votes[last].suggested == suggested {
            votes[last].pixels += 1
        } else {
            votes.append(Vote(run: run, suggested: suggested, pixels: 1))
        }
    }

    /// The regions in the order of their first pixels.
    ///
    /// - Parameter boundaryPixels: how many pixels of a run lie at a boundary; asked for each run in order.
    mutating func regions(
        image: Int, connectivity: Connectivity,
        boundaryPixels: (_ row: Int, _ columns: Range<Int>, _ suggested: Int) throws(AuditError) -> Int
    ) throws(AuditError) -> [Region] {
        let (numbers, firsts) = number(connectivity)
        var regions = firsts.map { Region(image: image, runs[$0], row: runs[$0].row % sliceHeight) }
        suggest(numbers, &regions)
        for (run, number) in zip(runs, numbers) {
            let near = try boundaryPixels(run.row, run.columns, regions[number].suggested)
            add(run, near, to: &regions[number])
        }
        for index in regions.indices {
            let area = Double(regions[index].area)
            regions[index].centerX /= area
            regions[index].centerY /= area
            regions[index].selfConfidence /= area
            regions[index].suggestedConfidence /= area
            regions[index].evidence = hasEvidence ? (regions[index].evidence ?? 0) / area : nil
        }
        return regions
    }

    /// The pixels of regions whose evidence is at least `minimum`, as runs in order.
    ///
    /// **Cost.** Regions themselves are not made, since most have little evidence.
    mutating func surprisingRuns(connectivity: Connectivity, minimum: Double) -> [Range<Int>] {
        let (numbers, firsts) = number(connectivity)
        // The same additions as those of `regions`, in the same order.
        var sums = [(evidence: Double, area: Int)](repeating: (0, 0), count: firsts.count)
        for (run, number) in zip(runs, numbers) {
            sums[number].evidence += run.evidence
            sums[number].area += run.columns.count
        }
        let isSurprising = sums.map { $0.evidence / Double($0.area) >= minimum }
        return zip(runs, numbers).compactMap { run, number in
            guard isSurprising[number] else { return nil }
            return run.row * width + run.columns.lowerBound..<run.row * width + run.columns.upperBound
        }
    }

    /// Joins the runs and numbers their regions in the order of their first runs.
    ///
    /// - Returns: of each run the number of its region, and of each region its first run.
    private mutating func number(_ connectivity: Connectivity) -> (numbers: [Int], firsts: [Int]) {
        join(reach: connectivity.reachesCorners ? 1 : 0)
        var numbers: [Int] = []
        numbers.reserveCapacity(runs.count)
        var firsts: [Int] = []
        for (index, run) in runs.enumerated() {
            if run.parent == index {
                numbers.append(firsts.count)
                firsts.append(index)
            } else {
                // Parents come before their runs, so theirs is known.
                numbers.append(numbers[run.parent])
            }
        }
        return (numbers, firsts)
    }

    /// Gives regions the class that most of their pixels suggest, the lowest of equally common ones.
    ///
    /// - Parameter numbers: of each run, the position of its region.
    private func suggest(_ numbers: [Int], _ regions: inout [Region]) {
        var pixels = [[Int: Int]](repeating: [:], count: votes.isEmpty ? 0 : regions.count)
        for vote in votes { pixels[numbers[vote.run]][Int(vote.suggested), default: 0] += vote.pixels }
        for (number, counts) in pixels.enumerated() {
            guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { continue }
            regions[number].suggested = most.key
        }
    }

    /// Adds a run to its region, whose means are sums until all runs are in.
    private func add(_ run: Run, _ near: Int, to region: inout Region) {
        let right = max(region.left + region.width, run.columns.upperBound)
        region.left = min(region.left, run.columns.lowerBound)
        region.width = right - region.left
        let row = run.row % sliceHeight
        let bottom = max(region.top + region.height, row + 1)
        region.top = min(region.top, row)
        region.height = bottom - region.top
        region.area += run.columns.count
        // Sums of whole numbers and halves are exact in any order.
        let middle = Double(run.columns.lowerBound + run.columns.upperBound - 1) / 2
        region.centerX += middle * Double(run.columns.count)
        region.centerY += Double(row * run.columns.count)
        region.selfConfidence += run.selfConfidence
        region.lowestSelfConfidence = min(region.lowestSelfConfidence, run.lowestSelfConfidence)
        region.suggestedConfidence += run.suggestedConfidence
        region.evidence = (region.evidence ?? 0) + run.evidence
        region.boundaryPixels += near
        region.runs.append(run.row * width + run.columns.lowerBound..<run.row * width + run.columns.upperBound)
    }

    /// Gives runs that touch one root: the earliest run of their component.
    ///
    /// - Parameter reach: 1 where pixels touch by a corner, else 0.
    private mutating func join(reach: Int) {
        join(slicesBefore: 0, rowsBefore: 1, reach: reach)
        guard isVolume else { return }
        for rows in -reach...reach { join(slicesBefore: 1, rowsBefore: rows, reach: reach) }
    }

    /// Joins runs with those of an earlier row, so many slices and rows before their own.
    private mutating func join(slicesBefore slices: Int, rowsBefore rows: Int, reach: Int) {
        // The first run of the earlier row that a run of this row may still touch.
        var above = 0
        for index in runs.indices {
            // In a volume the row before a slice's first one belongs to another slice.
            if isVolume && !(0..<sliceHeight).contains(runs[index].row % sliceHeight - rows) { continue }
            let row = runs[index].row - slices * sliceHeight - rows
            let columns = runs[index].columns
            // Later runs of this row begin further right, so a run that ends before this one touches none of them.
            while above < index,
                runs[above].row < row
                    || runs[above].row == row && runs[above].columns.upperBound + reach <= columns.lowerBound
            {
                above += 1
            }
            var other = above
            while other < index, runs[other].row == row,
                runs[other].columns.lowerBound < columns.upperBound + reach
            {
                if runs[other].given == runs[index].given && runs[other].suggested == runs[index].suggested {
                    let first = root(of: index)
                    let second = root(of: other)
                    runs[max(first, second)].parent = min(first, second)
                }
                other += 1
            }
        }
    }

    private mutating func root(of index: Int) -> Int {
        var at = index
        while runs[at].parent != at {
            // Halving the path keeps the next search short.
            runs[at].parent = runs[runs[at].parent].parent
            at = runs[at].parent
        }
        return at
    }
}

extension Region {
    /// A region without pixels, at the place of its first run, which is in a row of its slice.
    fileprivate init(image: Int, _ first: RegionFinder.Run, row: Int) {
        self.init(
            image: image, row: row, column: first.columns.lowerBound, given: Int(first.given),
            suggested: Int(first.suggested), area: 0, left: first.columns.lowerBound, top: row, width: 0,
            height: 0, centerX: 0, centerY: 0, selfConfidence: 0, lowestSelfConfidence: first.lowestSelfConfidence,
            suggestedConfidence: 0, boundaryPixels: 0, runs: [])
    }
}
