/// The border of a set of pixels, as closed lines along pixel edges.
///
/// Following a line, the pixels are on its right: outer lines go clockwise, lines around holes the other way. One line
/// surrounds pixels that touch by a corner.
public struct PixelOutline: Sendable, Equatable {
    public struct Point: Sendable, Hashable {
        public var x: Int
        public var y: Int
    }

    /// The corners of each line; the first one is not repeated at the end.
    public private(set) var lines: [[Point]] = []

    /// **Cost.** `contains` is called once for each pixel of the grid and up to four times more for each pixel of the set;
    /// about 100 bytes per edge.
    ///
    /// - Parameter contains: whether a pixel belongs to the set; it is called for pixels of the grid only.
    public init(width: Int, height: Int, contains: (_ x: Int, _ y: Int) -> Bool) {
        func isInside(_ x: Int, _ y: Int) -> Bool {
            x >= 0 && y >= 0 && x < width && y < height && contains(x, y)
        }
        // Where the edges that begin at a corner end: two edges begin where pixels touch by that corner.
        var ends: [Point: [Point]] = [:]
        var starts: [Point] = []
        func add(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int) {
            let start = Point(x: x0, y: y0)
            ends[start, default: []].append(Point(x: x1, y: y1))
            starts.append(start)
        }
        for y in 0..<height {
            for x in 0..<width where contains(x, y) {
                if !isInside(x, y - 1) { add(x, y, x + 1, y) }
                if !isInside(x + 1, y) { add(x + 1, y, x + 1, y + 1) }
                if !isInside(x, y + 1) { add(x + 1, y + 1, x, y + 1) }
                if !isInside(x - 1, y) { add(x, y + 1, x, y) }
            }
        }
        for start in starts {
            guard let first = Self.takeEdge(from: start, cameFrom: nil, &ends) else { continue }
            var line = [start]
            var last = start
            var at = first
            while at != start {
                guard let next = Self.takeEdge(from: at, cameFrom: last, &ends) else { break }
                // The line has corners only where it turns.
                if (next.x == at.x) != (at.x == last.x) { line.append(at) }
                (last, at) = (at, next)
            }
            // A line starts where some edge starts, which need not be a corner of the line.
            if line.count > 2, let tail = line.last, (tail.x == start.x) == (line[1].x == start.x) {
                line.removeFirst()
            }
            lines.append(line)
        }
    }

    /// Whether the set has holes.
    public var hasHoles: Bool {
        lines.contains { line in
            // Twice the area on the line's right, which is negative around holes.
            zip(line, line.dropFirst() + line.prefix(1)).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y } < 0
        }
    }

    private static func takeEdge(
        from start: Point, cameFrom last: Point?, _ ends: inout [Point: [Point]]
    ) -> Point? {
        guard let open = ends[start], !open.isEmpty else { return nil }
        var choice = 0
        if open.count > 1, let last {
            // Turning left leads on to the pixel that touches by the corner.
            let dx = start.x - last.x
            let dy = start.y - last.y
            choice = open.firstIndex { $0.x - start.x == dy && $0.y - start.y == -dx } ?? 0
        }
        return ends[start]?.remove(at: choice)
    }
}
