import NumPyFiles

/// Counts the pixels of regions that lie near labels of the class suggested for them: pixels that a boundary moved by a
/// little would correct.
///
/// "Near" is at most `radius` rows and columns away, in the same slice of a volume. Labels of any other class do not count: small objects consist of
/// boundaries, and where no label of the suggested class surrounds a swapped object, moving its outline corrects nothing.
///
/// **Cost.** Labels of some rows; about (2 radius + 1) (length + 2 radius) comparisons per run, nearest rows first.
struct BoundaryMeter {
    private let context: RunContext
    private let image: ImageEntry
    private let radius: Int
    /// Given classes of `rows`.
    private var labels: [Int32] = []
    private var rows = 0..<0
    /// Whether a label of the class is near, for each column of a run.
    private var isNear: [Bool] = []

    /// How many rows are read beyond those that a run needs, as the next runs need them.
    private static let rowsAhead = 64

    init(context: RunContext, image: ImageEntry, radius: Int) {
        self.context = context
        self.image = image
        self.radius = radius
    }

    /// How many pixels of a run lie near a label of class `suggested`. Runs come in order of their rows, which are counted
    /// through all slices of a volume.
    mutating func count(
        row: Int, columns: Range<Int>, suggested: Int, in bytes: ImageBytes
    ) throws(AuditError) -> Int {
        guard radius > 0 else { return 0 }
        let firstRow = row / image.sliceHeight * image.sliceHeight
        let near = max(firstRow, row - radius)..<min(firstRow + image.sliceHeight, row + radius + 1)
        try load(near, bytes)
        isNear.removeAll(keepingCapacity: true)
        isNear.append(contentsOf: repeatElement(false, count: columns.count))
        var count = 0
        for distance in 0...radius where count < columns.count {
            if near.contains(row - distance) { mark(row - distance, columns, Int32(suggested), &count) }
            if distance > 0 && near.contains(row + distance) { mark(row + distance, columns, Int32(suggested), &count) }
        }
        return count
    }

    /// Marks the columns of a run that are near labels of the class in one row, and counts those it marks first.
    private mutating func mark(_ row: Int, _ columns: Range<Int>, _ suggested: Int32, _ count: inout Int) {
        let start = (row - rows.lowerBound) * image.width
        // Columns before it are marked already: labels in one row mark columns from left to right.
        var done = columns.lowerBound
        for x in max(0, columns.lowerBound - radius)..<min(image.width, columns.upperBound + radius)
        where labels[start + x] == suggested {
            let end = min(x + radius + 1, columns.upperBound)
            for column in max(x - radius, done)..<max(end, max(x - radius, done))
            where !isNear[column - columns.lowerBound] {
                isNear[column - columns.lowerBound] = true
                count += 1
            }
            done = max(done, end)
        }
    }

    private mutating func load(_ wanted: Range<Int>, _ bytes: ImageBytes) throws(AuditError) {
        guard wanted.lowerBound < rows.lowerBound || wanted.upperBound > rows.upperBound else { return }
        rows = wanted.lowerBound..<min(image.height, wanted.upperBound + Self.rowsAhead)
        let view = context.labelView(image)
        try bytes.withBytes { raw throws(AuditError) in
            try context.load(
                view, of: image, raw, pixel: rows.lowerBound * image.width, count: rows.count * image.width,
                into: &labels)
        }
    }
}
