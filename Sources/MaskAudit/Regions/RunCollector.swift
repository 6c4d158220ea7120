/// The flagged pixels of an image as runs along rows, and the connected components of them.
///
/// **Cost.** 72 bytes a run while one image is worked on; time goes with the flagged pixels, not with the image.
struct RunCollector {
    /// Neighbours with one given and one suggested class along a row.
    private struct Run {
        var row: Int
        var columns: Range<Int>
        var given: UInt16
        var suggested: UInt16
        /// The run that it hangs from; itself where it is the first of its component. In the end the component's number.
        var parent: Int
        var selfConfidence: Double
        var lowestSelfConfidence: Double
        var suggestedConfidence: Double
    }

    private let width: Int
    private var runs: [Run] = []
    /// The row of the last pixel.
    private var row = 0
    private var rowPixels = 0..<0

    init(width: Int) {
        self.width = width
    }

    /// Adds a pixel; in pixel order.
    mutating func add(pixel: Int, _ measured: IssueResolver.MeasuredIssue) {
        if !rowPixels.contains(pixel) {
            row = pixel / width
            rowPixels = row * width..<(row + 1) * width
        }
        let column = pixel - rowPixels.lowerBound
        let given = UInt16(measured.issue.given)
        let suggested = UInt16(measured.issue.suggested)
        if let last = runs.indices.last, runs[last].row == row, runs[last].columns.upperBound == column,
            runs[last].given == given, runs[last].suggested == suggested
        {
            runs[last].columns = runs[last].columns.lowerBound..<column + 1
            runs[last].selfConfidence += measured.selfConfidence
            runs[last].lowestSelfConfidence = min(runs[last].lowestSelfConfidence, measured.selfConfidence)
            runs[last].suggestedConfidence += measured.suggestedConfidence
            return
        }
        runs.append(
            Run(
                row: row, columns: column..<column + 1, given: given, suggested: suggested, parent: runs.count,
                selfConfidence: measured.selfConfidence, lowestSelfConfidence: measured.selfConfidence,
                suggestedConfidence: measured.suggestedConfidence))
    }

    /// Appends the components, by their first pixels, and forgets them.
    ///
    /// - Parameter boundaryPixels: how many pixels of a run lie at a boundary.
    mutating func takeRegions(
        image: Int, connectivity: Connectivity, into regions: inout [Region],
        boundaryPixels: (_ row: Int, _ columns: Range<Int>, _ suggested: Int) throws(AuditError) -> Int
    ) throws(AuditError) {
        join(reach: connectivity == .eight ? 1 : 0)
        let start = regions.count
        if start == 0 { regions.reserveCapacity(componentCount) }
        for index in runs.indices {
            let parent = runs[index].parent
            if parent == index {
                runs[index].parent = regions.count
                regions.append(emptyRegion(image: image, from: index))
            } else {
                // Parents lie before those that hang from them: theirs is a component's number already.
                runs[index].parent = runs[parent].parent
            }
            let near = try boundaryPixels(runs[index].row, runs[index].columns, Int(runs[index].suggested))
            add(index, near, to: &regions[runs[index].parent])
        }
        for index in start..<regions.count {
            let area = Double(regions[index].area)
            regions[index].centerX /= area
            regions[index].centerY /= area
            regions[index].selfConfidence /= area
            regions[index].suggestedConfidence /= area
        }
        runs = []
    }

    private var componentCount: Int {
        var count = 0
        for index in runs.indices where runs[index].parent == index { count += 1 }
        return count
    }

    private func emptyRegion(image: Int, from index: Int) -> Region {
        let column = runs[index].columns.lowerBound
        return Region(
            image: image, row: runs[index].row, column: column, given: Int(runs[index].given),
            suggested: Int(runs[index].suggested), area: 0, left: column, top: runs[index].row, width: 0, height: 0,
            centerX: 0, centerY: 0, selfConfidence: 0, lowestSelfConfidence: runs[index].lowestSelfConfidence,
            suggestedConfidence: 0, boundaryPixels: 0, shape: RegionShape())
    }

    private func add(_ index: Int, _ near: Int, to region: inout Region) {
        let run = runs[index]
        let right = max(region.left + region.width, run.columns.upperBound)
        region.left = min(region.left, run.columns.lowerBound)
        region.width = right - region.left
        region.height = run.row + 1 - region.top
        region.area += run.columns.count
        // Sums of whole numbers and halves: exact, whatever the order.
        let middle = Double(run.columns.lowerBound + run.columns.upperBound - 1) / 2
        region.centerX += middle * Double(run.columns.count)
        region.centerY += Double(run.row * run.columns.count)
        region.selfConfidence += run.selfConfidence
        region.lowestSelfConfidence = min(region.lowestSelfConfidence, run.lowestSelfConfidence)
        region.suggestedConfidence += run.suggestedConfidence
        region.boundaryPixels += near
        region.shape.append(run.row * width + run.columns.lowerBound..<run.row * width + run.columns.upperBound)
    }

    /// Hangs runs that touch in neighbouring rows together, later from earlier ones.
    private mutating func join(reach: Int) {
        var above = 0
        for index in runs.indices {
            let row = runs[index].row
            let columns = runs[index].columns
            // Past what ends before this run begins; a later run of the row begins later still.
            while above < index,
                runs[above].row < row - 1
                    || runs[above].row == row - 1 && runs[above].columns.upperBound + reach <= columns.lowerBound
            {
                above += 1
            }
            var other = above
            while other < index, runs[other].row == row - 1,
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
            // Halves the path for the next one who comes along.
            runs[at].parent = runs[runs[at].parent].parent
            at = runs[at].parent
        }
        return at
    }
}

/// Which neighbours of a pixel touch it.
public enum Connectivity: Int, CaseIterable, Sendable {
    /// Those that share a side.
    case four = 4
    /// Those that share a side or a corner.
    case eight = 8
}
