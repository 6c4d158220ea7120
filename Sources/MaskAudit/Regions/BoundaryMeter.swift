import NumPyFiles

/// Counts pixels near which the class that is suggested for them is what is given: pixels that moving a boundary a little
/// would mend.
///
/// Near is at most `radius` rows and columns away. That any other class is near says less: small objects are nothing
/// but boundary, and a swapped object whose place no such class surrounds is not mended by moving its outline.
/// **Cost.** Labels of some rows; some (2 radius + 1) (length + 2 radius) comparisons a run, the nearest rows first.
struct BoundaryMeter {
    private let context: RunContext
    private let image: ImageEntry
    private let radius: Int
    /// Given classes of some rows.
    private var labels: [Int32] = []
    private var rows = 0..<0
    /// Of the columns of a run, whether the class is near.
    private var near: [Bool] = []

    /// Rows that are read at once beyond those that are asked for.
    private static let rowsAhead = 64

    init(context: RunContext, image: ImageEntry, radius: Int) {
        self.context = context
        self.image = image
        self.radius = radius
    }

    /// How many pixels of a run lie near a pixel that is given the class; rows are asked for in order.
    mutating func count(
        row: Int, columns: Range<Int>, suggested: Int, in bytes: ImageBytes
    ) throws(AuditError) -> Int {
        guard radius > 0 else { return 0 }
        try load(max(0, row - radius)..<min(image.height, row + radius + 1), bytes)
        near.removeAll(keepingCapacity: true)
        near.append(contentsOf: repeatElement(false, count: columns.count))
        var count = 0
        for distance in 0...radius where count < columns.count {
            if rows.contains(row - distance) { mark(row - distance, columns, Int32(suggested), &count) }
            if distance > 0 && rows.contains(row + distance) { mark(row + distance, columns, Int32(suggested), &count) }
        }
        return count
    }

    /// Marks the columns of a run that have the class near them in one row, and counts those that were not marked.
    private mutating func mark(_ row: Int, _ columns: Range<Int>, _ suggested: Int32, _ count: inout Int) {
        let start = (row - rows.lowerBound) * image.width
        var done = columns.lowerBound
        for x in max(0, columns.lowerBound - radius)..<min(image.width, columns.upperBound + radius)
        where labels[start + x] == suggested {
            let end = min(x + radius + 1, columns.upperBound)
            for column in max(x - radius, done)..<max(end, max(x - radius, done))
            where !near[column - columns.lowerBound] {
                near[column - columns.lowerBound] = true
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
