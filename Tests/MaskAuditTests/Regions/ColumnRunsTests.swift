import TestSupport
import Testing

@testable import MaskAudit

@Suite struct ColumnRunsTests {
    /// Rows of a mask, and what pycocotools 2.0 encodes it to.
    static let masks: [(rows: [String], text: String)] = [
        (["#"], "01"), (["...", "..."], "6"), (["#.", ".."], "013"), ([".#.", "###", ".#."], "11120N0"),
        (["####", "#..#", "#..#", "####"], "052M03"),
        (
            [
                String(repeating: ".", count: 40) + String(repeating: "#", count: 33) + "..#"
                    + String(repeating: ".", count: 1024)
            ],
            "X1Q12POno0"
        ),
    ]

    static func runs(_ rows: [String]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        let width = rows[0].count
        for (pixel, letter) in rows.joined().enumerated() where letter == "#" {
            if let last = runs.last, last.upperBound == pixel, pixel % width > 0 {
                runs[runs.count - 1] = last.lowerBound..<pixel + 1
            } else {
                runs.append(pixel..<pixel + 1)
            }
        }
        return runs
    }

    @Test("text is pycocotools'", arguments: masks)
    func text(rows: [String], text: String) throws {
        let mask = ColumnRuns(height: rows.count, width: rows[0].count, runs: Self.runs(rows))
        #expect(mask.text == text)
        #expect(ColumnRuns(height: rows.count, width: rows[0].count, text: text) == mask)
        #expect(mask.area == rows.joined().filter { $0 == "#" }.count)
    }

    @Test("a column is encoded as a row of the same pixels is")
    func column() throws {
        let row = Self.masks[5].rows[0]
        let mask = ColumnRuns(height: row.count, width: 1, runs: Self.runs(row.map { String($0) }))
        #expect(mask.text == Self.masks[5].text)
    }

    @Test("runs come back from columns and from text", arguments: [(1, 1), (1, 70), (70, 1), (13, 17), (40, 25)])
    func roundTrip(height: Int, width: Int) throws {
        var random = SplitMix(seed: UInt64(height * 100 + width))
        for share in [1, 5, 9, 10] {
            let rows = (0..<height).map { _ in
                String((0..<width).map { _ in random.below(10) < share ? Character("#") : "." })
            }
            let runs = Self.runs(rows)
            let mask = ColumnRuns(height: height, width: width, runs: runs)
            #expect(mask.rowRuns == runs)
            #expect(mask.counts.reduce(0, +) == height * width)
            #expect(ColumnRuns(height: height, width: width, text: mask.text) == mask)
        }
    }

    @Test(
        "lengths of runs outside and inside alternate, and runs that meet are one",
        arguments: [
            ([], 0, [0]), ([], 7, [7]), ([0..<7], 7, [0, 7]), ([0..<2, 2..<5], 7, [0, 5, 2]),
            ([1..<2, 4..<6, 6..<7], 7, [1, 1, 2, 3]), ([0..<1, 3..<4], 5, [0, 1, 2, 1, 1]),
        ] as [([Range<Int>], Int, [Int])])
    func lengths(runs: [Range<Int>], pixelCount: Int, wanted: [Int]) {
        #expect(alternatingLengths(runs, pixelCount: pixelCount) == wanted)
    }

    @Test(
        "text that is no mask of the size is refused",
        arguments: [
            "", "0", "02", "5", "70", "6!", "6o", "0o", "Z", "0N7", "P", "\u{e9}", "6 ",
            String(repeating: "P", count: 20) + "0",
        ])
    func damaged(text: String) {
        #expect(ColumnRuns(height: 2, width: 3, text: text) == nil)
    }

    @Test("sizes that overflow are refused")
    func overflow() {
        #expect(ColumnRuns(height: Int.max, width: 2, text: "0") == nil)
        #expect(ColumnRuns(height: -1, width: -6, text: "6") == nil)
    }
}
