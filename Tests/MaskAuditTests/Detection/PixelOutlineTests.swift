import TestSupport
import Testing

@testable import MaskAudit

@Suite struct PixelOutlineTests {
    private func outline(_ rows: [String]) -> PixelOutline {
        let letters = rows.map { Array($0) }
        return PixelOutline(width: letters[0].count, height: rows.count) { letters[$1][$0] == "#" }
    }

    private func corners(_ line: [PixelOutline.Point]) -> [[Int]] { line.map { [$0.x, $0.y] } }

    @Test("a pixel has four corners, clockwise from the left upper one")
    func pixel() {
        #expect(outline(["...", ".#."]).lines.map(corners) == [[[1, 1], [2, 1], [2, 2], [1, 2]]])
    }

    @Test("straight sides have no corners within, whatever the shape")
    func straight() {
        #expect(outline(["####", "####"]).lines.map(corners) == [[[0, 0], [4, 0], [4, 2], [0, 2]]])
        #expect(
            outline(["##", "#."]).lines.map(corners) == [[[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]]])
    }

    @Test("a hole is a line of its own, the other way round")
    func hole() {
        let lines = outline(["####", "#..#", "####"]).lines
        #expect(lines.count == 2)
        #expect(corners(lines[0]) == [[0, 0], [4, 0], [4, 3], [0, 3]])
        #expect(Set(corners(lines[1])) == [[1, 1], [1, 2], [3, 2], [3, 1]])
        #expect(area(lines[0]) == 12 && area(lines[1]) == -2)
    }

    @Test("nothing has no line")
    func nothing() {
        #expect(outline(["..", ".."]).lines == [])
        #expect(PixelOutline(width: 0, height: 0) { _, _ in true }.lines == [])
    }

    /// Twice the sum of trapezoids, halved: positive with the inside on the right of the way, as y points down.
    private func area(_ line: [PixelOutline.Point]) -> Int {
        zip(line, line.dropFirst() + line.prefix(1)).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y } / 2
    }

    @Test("lines enclose as many pixels as there are, and turn at every corner", arguments: 1...8)
    func areas(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let rows = (0..<23).map { _ in
            String((0..<31).map { _ in random.below(9) < seed ? Character("#") : "." })
        }
        let lines = outline(rows).lines
        #expect(lines.reduce(0) { $0 + area($1) } == rows.joined().filter { $0 == "#" }.count)
        for line in lines {
            #expect(line.count >= 4 && line.count % 2 == 0)
            for index in line.indices {
                let (a, b, c) = (line[index], line[(index + 1) % line.count], line[(index + 2) % line.count])
                #expect((a.x == b.x) != (b.x == c.x))
            }
        }
    }
}
