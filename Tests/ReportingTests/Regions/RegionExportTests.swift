import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct RegionExportTests {
    static func region(_ image: Int, _ runs: [Range<Int>], width: Int, given: Int = 0, suggested: Int = 1) -> Region {
        let pixels = runs.joined()
        let columns = pixels.map { $0 % width }
        let rows = pixels.map { $0 / width }
        return Region(
            image: image, row: rows[0], column: columns[0], given: given, suggested: suggested, area: rows.count,
            left: columns.min() ?? 0, top: rows[0], width: (columns.max() ?? 0) - (columns.min() ?? 0) + 1,
            height: (rows.last ?? 0) - rows[0] + 1, centerX: 1.5, centerY: 0.25, selfConfidence: 0.125,
            lowestSelfConfidence: 0.0625, suggestedConfidence: 0.75, boundaryPixels: 1, runs: runs)
    }

    /// Two images of 2 x 3, regions of three pixels in the second and one in the first.
    static let summary: RegionSummary = {
        var summary = RegionSummary(
            images: ["a,b", "c"].map { .init(name: $0, isNamed: true, height: 2, width: 3) },
            classNames: ["road", "sky \"blue\""], classes: 2, pixels: 12, ignoredPixels: 1, issues: 5, found: 3,
            warnings: ["careful"])
        summary.leftOut.byArea = 1
        summary.regions = [region(1, [1..<3, 4..<5], width: 3), region(0, [5..<6], width: 3)]
        return summary
    }()

    @Test("a line of the table has every column, with a mask that no spreadsheet takes for a number")
    func csv() throws {
        let lines = try lines { try RegionTable(Self.summary).write(to: $0, threads: 2) }
        // Down the columns: 2 outside, 3 inside, 1 outside; 5 outside, 1 inside. Scores: the fourth root of 3 is
        // 1.316074, so 1.316074 / 14.816074; 1 / 14.5.
        #expect(
            lines == [
                RegionTable.head(areVolumes: false),
                "c@0x1,,c,0,road,1,\"sky \"\"blue\"\"\",3,1,0,2,2,1.50,0.25,0.125000,0.062500,0.750000,0.333333,,0.088827,"
                    + "low_self_confidence,2x3:231\n",
                "\"a,b@1x2\",,\"a,b\",0,road,1,\"sky \"\"blue\"\"\",1,2,1,1,1,1.50,0.25,0.125000,0.062500,0.750000,"
                    + "1.000000,,0.068966,low_self_confidence,2x3:51\n",
            ])
        #expect(RegionTable.columns(areVolumes: false).count == 22)
        #expect(RegionTable.head(areVolumes: false).hasPrefix("id,decision,"))
    }

    @Test("of volumes the tables have slices too")
    func volumes() throws {
        // One volume of 2 slices of 2 x 3: the last pixel of the first slice, the first two rows' last pixels of the second.
        var summary = Self.summary
        summary.images = [.init(name: "a,b", isNamed: true, height: 4, width: 3, depth: 2)]
        summary.areVolumes = true
        summary.regions = [Self.region(0, [5..<6, 8..<9, 11..<12], width: 3)]
        summary.regions[0].row = 1
        let table = try lines { try RegionTable(summary).write(to: $0, threads: 1) }.joined()
        #expect(
            table.hasPrefix("id,decision,image,") && table.contains(",center_y,slice,depth,center_z,self_confidence,"))
        // Slices 0, 1 and 1.
        #expect(table.contains("\n\"a,b@0x1x2\",,\"a,b\",") && table.contains(",1.50,0.25,0,2,0.67,0.125000,"))
        #expect(table.contains(",4x3:"))
        let json = try lines { try summary.writeJSON(to: $0, threads: 1) }.joined()
        #expect(json.contains("{\"id\":\"a,b@0x1x2\","))
        #expect(json.contains("\"centroid\":[1.5,0.25],\"slice\":0,\"depth\":2,\"center_z\":0.6666666666666666,\"self"))
        #expect(json.contains("\"size\":[4,3]"))
    }

    @Test("the table is read back as a review and as known regions")
    func readBack() throws {
        let folder = try TemporaryFolder()
        let text = try lines { try RegionTable(Self.summary).write(to: $0, threads: 1) }.joined()
            .replacing("c@0x1,,", with: "c@0x1,reject,")
        try folder.write(Array(text.utf8), to: "t.csv")
        let table = try ReviewTable(path: folder("t.csv"))
        #expect(try table.review().entries.mapValues(\.decision) == ["c@0x1": .reject])
        #expect(try table.known().map(\.mask.rowRuns) == [[1..<3, 4..<5]])
    }

    /// What is written to a file, with their ends.
    private func lines(_ write: (AtomicTextFile) throws -> Void) throws -> [String] {
        let folder = try TemporaryFolder()
        let file = try AtomicTextFile(path: folder("file"))
        try write(file)
        try file.commit()
        let text = String(decoding: try folder.read("file"), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0 + "\n" }
    }

    private func written(_ write: (AtomicTextFile) throws -> Void) throws -> JSONValue {
        try JSONValue(parsing: lines(write).joined())
    }

    @Test("the JSON file holds the totals and a region a line")
    func json() throws {
        let json = try written { try Self.summary.writeJSON(to: $0, threads: 2) }
        #expect(json["regions_found"] == .number(3))
        #expect(json["left_out"]?["by_area"] == .number(1))
        let region = try #require(json["regions"]?.elements.first)
        #expect(region["id"] == .string("c@0x1"))
        #expect(region["bbox"] == .array([1, 0, 2, 2].map { .number($0) }))
        #expect(region["segmentation"]?["counts"] == .string("231"))
        #expect(region["decision"] == .null)
        let summary = try JSONValue(parsing: Self.summary.json.text)
        #expect(summary["worst_regions"]?.elements.count == 2)
        #expect(summary["warnings"] == .array([.string("careful")]))
    }

    @Test("a COCO file has ids from 1 that fit together, boxes, areas and masks")
    func coco() throws {
        let exports = RegionExports(summary: Self.summary, fileNames: ["x.png", "y.png"])
        let json = try written { try exports.writeCOCO(to: $0, threads: 2) }
        #expect(json["images"]?.elements.map { $0["id"] } == [.number(1), .number(2)])
        #expect(json["images"]?.elements.map { $0["file_name"] } == [.string("x.png"), .string("y.png")])
        #expect(json["categories"]?.elements.map { $0["name"] } == [.string("road"), .string("sky \"blue\"")])
        let annotations = try #require(json["annotations"]?.elements)
        #expect(annotations.map { $0["id"] } == [.number(1), .number(2)])
        #expect(annotations.map { $0["image_id"] } == [.number(2), .number(1)])
        #expect(annotations[0]["category_id"] == .number(2) && annotations[0]["given_category_id"] == .number(1))
        #expect(annotations[0]["segmentation"]?["size"] == .array([.number(2), .number(3)]))
        #expect(annotations[0]["segmentation"]?["counts"] == .string("231"))
        #expect(annotations[0]["bbox"] == .array([1, 0, 2, 2].map { .number($0) }))
        #expect(annotations[0]["area"] == .number(3) && annotations[0]["iscrowd"] == .number(0))
    }

    @Test("a backslash in a mask's counts is one in JSON")
    func backslash() throws {
        var summary = Self.summary
        summary.images = [.init(name: "a", isNamed: true, height: 50, width: 1)]
        // 44 = 32 + 12: five bits 12 and one more to come make character 48 + 12 + 32 = 92.
        summary.regions = [Self.region(0, [44..<45], width: 1)]
        let regions = try written { try summary.writeJSON(to: $0, threads: 1) }["regions"]
        #expect(regions?.elements[0]["segmentation"]?["counts"]?.string == "\\115")
        #expect(summary.mask(summary.regions[0]).text == "\\115")
    }

    @Test("polygons go along pixel edges; a region with a hole stays a mask")
    func polygons() throws {
        var summary = Self.summary
        summary.images = [.init(name: "a", isNamed: true, height: 3, width: 5)]
        summary.regions = [
            Self.region(0, [1..<3, 7..<8], width: 5),
            Self.region(0, [1..<4, 6..<7, 8..<9, 11..<14], width: 5),
            // Two pixels that touch by a corner.
            Self.region(0, [3..<4, 9..<10], width: 5),
        ]
        let exports = RegionExports(summary: summary, fileNames: nil, usesPolygons: true)
        let masks = try written { try exports.writeCOCO(to: $0, threads: 2) }["annotations"]?.elements.map {
            $0["segmentation"]
        }
        #expect(masks?[0]?.elements == [.array([1, 0, 3, 0, 3, 2, 2, 2, 2, 1, 1, 1].map { .number($0) })])
        #expect(masks?[1]?["counts"]?.string == summary.mask(summary.regions[1]).text)
        let corners = masks?[2]?.elements.map { $0.elements.compactMap(\.number) }
        #expect(corners == [[3, 0, 4, 0, 4, 1, 5, 1, 5, 2, 4, 2, 4, 1, 3, 1]])
    }

    @Test("after a review exports hold what was accepted")
    func reviewed() throws {
        var summary = Self.summary
        summary.isReviewed = true
        var regions = Array(summary.regions)
        regions[0].decision = .accept
        summary.regions = regions
        let exports = RegionExports(summary: summary, fileNames: nil)
        #expect(try written { try exports.writeCOCO(to: $0, threads: 2) }["annotations"]?.elements.count == 1)
        let tasks = try written { try exports.writeLabelStudio(to: $0, threads: 2) }.elements
        #expect(tasks.map { $0["data"]?["image"] } == [.string("c")])
    }

    @Test("Label Studio gets a task an image, with brush masks of the suggested class")
    func labelStudio() throws {
        let exports = RegionExports(summary: Self.summary, fileNames: nil)
        let tasks = try written { try exports.writeLabelStudio(to: $0, threads: 2) }.elements
        #expect(tasks.map { $0["data"]?["image"] } == [.string("a,b"), .string("c")])
        let result = try #require(tasks[1]["predictions"]?.elements[0]["result"]?.elements[0])
        #expect(result["original_width"] == .number(3) && result["original_height"] == .number(2))
        #expect(result["value"]?["brushlabels"] == .array([.string("sky \"blue\"")]))
        let bytes = result["value"]?["rle"]?.elements.compactMap { $0.number.map { UInt8($0) } } ?? []
        #expect(Self.decoded(bytes) == [0, 255, 255, 0, 255, 0].flatMap { [UInt8](repeating: $0, count: 4) })
    }

    /// What Label Studio makes of a brush mask: written from the description of the format, not from the encoder.
    static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
        var at = 0
        func read(_ count: Int) -> Int {
            defer { at += count }
            return bits[at..<at + count].reduce(0) { $0 * 2 + Int($1) }
        }
        let total = read(32)
        let valueBits = read(5) + 1
        let lengthBits = (0..<4).map { _ in read(4) + 1 }
        var out: [UInt8] = []
        while out.count < total {
            let isRun = read(1) == 1
            let length = read(lengthBits[read(2)]) + 1
            if isRun {
                out += [UInt8](repeating: UInt8(read(valueBits)), count: length)
            } else {
                for _ in 0..<length { out.append(UInt8(read(valueBits))) }
            }
        }
        return out
    }

    @Test(
        "brush masks decode to their pixels, whatever the lengths of runs",
        arguments: [
            ([], 1), ([0..<1], 1), ([3..<7, 7..<9], 12), ([0..<40_000], 100_000), ([16_384..<32_768], 32_768),
            ([5..<70, 71..<72, 80..<16_500], 16_501),
        ] as [([Range<Int>], Int)])
    func brush(runs: [Range<Int>], pixels: Int) {
        let inside = Set(runs.joined())
        let wanted = (0..<pixels).flatMap { [UInt8](repeating: inside.contains($0) ? 255 : 0, count: 4) }
        #expect(Self.decoded(BrushRuns.bytes(runs: runs, pixelCount: pixels)) == wanted)
    }

    @Test("a brush mask is byte for byte what label-studio-converter 0.0.59 encodes, save a last byte of zeros")
    func brushBytes() {
        // encode_rle of 0 255 255 0 0 0, each four times.
        #expect(BrushRuns.bytes(runs: [1..<3], pixelCount: 6) == [0, 0, 0, 24, 57, 27, 252, 96, 19, 255, 219, 0])
    }

    @Test("the summary for people counts what was left out and lists swaps")
    func text() {
        let text = Self.summary.text
        #expect(text.contains("issues    5 in 3 regions\nlisted    2 regions; left out: 1 too small\n"))
        #expect(text.contains("0 road -> 1 sky \"blue\""))
        var reviewed = Self.summary
        reviewed.isReviewed = true
        #expect(reviewed.text.contains("review    0 accepted, 0 rejected\n"))
    }

    @Test("the summary for people adds up the swaps of listed regions, most pixels first, then by class")
    func swaps() {
        var summary = Self.summary
        (summary.classNames, summary.classes) = (nil, 4)
        summary.regions = [(2, 1), (0, 3), (2, 1), (0, 1)].enumerated().map { column, swap in
            Self.region(0, [column..<column + 1], width: 4, given: swap.0, suggested: swap.1)
        }
        let rows = summary.text.split(separator: "\n").suffix(3).map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rows == ["2 -> 1 2 2", "0 -> 1 1 1", "0 -> 3 1 1"])
    }
}
