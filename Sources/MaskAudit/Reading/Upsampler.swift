import ConfidentLearning
import NumPyFiles

/// Enlarges the class planes of images to the size of their labels, one run of pixels at a time. Each thread has its own.
///
/// Bilinear, in double: of the two nearest rows each is first enlarged along its columns, then both are joined.
/// **Edge cases.** A place that falls on a stored value takes that value alone, so that an infinite neighbour does no harm.
/// **Cost.** Two enlarged rows of K planes are kept, never a plane: consecutive rows of labels mostly share them.
/// **Source.** PyTorch's `torch.nn.functional.interpolate(mode="bilinear")`, with and without `align_corners`.
final class Upsampler {
    /// An enlarged row of all planes, `width` apart.
    private struct Row {
        var number = -1
        var values: [Double] = []
    }

    private let loader = TileLoader()
    /// What the rows below belong to: another image, or another size, begins anew.
    private var place: ProbabilityView.Place?
    private var columns = Interpolation(from: 0, to: 0, alignsCorners: false)
    private var rows = Interpolation(from: 0, to: 0, alignsCorners: false)
    private var above = Row()
    private var below = Row()
    private var stored: [Double] = []

    /// Fills `planes`, `PlaneTile.capacity` apart, with `count` pixels of the labels' size from `pixel` on.
    func fill(_ planes: inout [Double], of view: ProbabilityView, in bytes: RawSpan, pixel: Int, count: Int) {
        guard let size = view.enlarged else { preconditionFailure("nothing to enlarge") }
        if place != view.place {
            place = view.place
            columns = Interpolation(from: view.axes.width, to: size.width, alignsCorners: size.alignsCorners)
            rows = Interpolation(from: view.axes.height, to: size.height, alignsCorners: size.alignsCorners)
            (above.number, below.number) = (-1, -1)
        }
        let classCount = view.axes.classCount
        let needed = classCount * PlaneTile.capacity
        if planes.count < needed { planes = Array(repeating: 0, count: needed) }
        var done = 0
        while done < count {
            let (row, column) = ((pixel + done) / size.width, (pixel + done) % size.width)
            let run = min(count - done, size.width - column)
            load(rows.low[row], rows.high[row], view, bytes)
            for plane in 0..<classCount {
                PlaneLoading.join(
                    above.values, rows.low[row] == rows.high[row] ? above.values : below.values,
                    at: plane * size.width + column, share: rows.share[row], count: run, into: &planes,
                    at: plane * PlaneTile.capacity + done)
            }
            done += run
        }
    }

    /// Has the two stored rows enlarged; rising rows find their upper one as the lower one of before.
    private func load(_ low: Int, _ high: Int, _ view: ProbabilityView, _ bytes: RawSpan) {
        if above.number != low {
            if below.number == low { swap(&above, &below) } else { enlarge(low, view, bytes, into: &above) }
        }
        if high != low && below.number != high { enlarge(high, view, bytes, into: &below) }
    }

    private func enlarge(_ number: Int, _ view: ProbabilityView, _ bytes: RawSpan, into row: inout Row) {
        let width = view.axes.width
        let classCount = view.axes.classCount
        if stored.count < classCount * width { stored = Array(repeating: 0, count: classCount * width) }
        for column in stride(from: 0, to: width, by: PlaneTile.capacity) {
            let count = min(PlaneTile.capacity, width - column)
            loader.withTile(
                of: view.stored, in: bytes, pixel: number * width + column, count: count, isWide: true
            ) { tile, planes in
                PlaneLoading.copy(tile, in: planes, into: &stored, at: column, stride: width)
            }
        }
        row.number = number
        let enlargedWidth = columns.low.count
        if row.values.count < classCount * enlargedWidth {
            row.values = Array(repeating: 0, count: classCount * enlargedWidth)
        }
        for plane in 0..<classCount {
            PlaneLoading.enlarge(
                stored, at: plane * width, low: columns.low, high: columns.high, shares: columns.share,
                into: &row.values, at: plane * enlargedWidth)
        }
    }
}

/// Between which stored places each place of an enlarged axis lies.
private struct Interpolation {
    /// The stored places before and after, the same where there is none after.
    var low: [Int]
    var high: [Int]
    /// What the place after counts for.
    var share: [Double]

    init(from size: Int, to enlarged: Int, alignsCorners: Bool) {
        let places = (0..<enlarged).map { place in
            if alignsCorners {
                return enlarged > 1 ? Double(place) * (Double(size - 1) / Double(enlarged - 1)) : 0
            }
            return max((Double(place) + 0.5) * (Double(size) / Double(enlarged)) - 0.5, 0)
        }
        low = places.map { min(Int($0), size - 1) }
        high = low.map { min($0 + 1, size - 1) }
        share = zip(places, low).map { $0 - Double($1) }
    }
}
