import ConfidentLearning
public import MaskAudit
import NumPyFiles

extension RegionSummary {
    /// How many regions and swaps a summary lists.
    static let listedCount = 10

    /// The object that `--json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        let fields = RegionFields(self)
        return .result(
            head + [
                ("worst_regions", .array(regions.prefix(Self.listedCount).map { fields.json($0) })),
                ("warnings", .strings(warnings)),
                ("seconds", .number(seconds)),
            ])
    }

    private var head: [(String, JSONText)] {
        [
            ("images", .integer(images.count)),
            ("pixels", .integer(pixels)),
            ("ignored_pixels", .integer(ignoredPixels)),
            ("issues", .integer(issues)),
            ("filter_by", .string(rule.rawValue)),
            ("group", .string(grouping.rawValue)),
            ("score_formula", .string(scoreFormula)),
            ("regions_found", .integer(found)),
            ("regions_listed", .integer(regions.count)),
            (
                "left_out",
                .object([
                    ("known", .integer(leftOut.known)), ("by_class", .integer(leftOut.byClass)),
                    ("by_area", .integer(leftOut.byArea)), ("at_boundary", .integer(leftOut.atBoundary)),
                    ("by_score", .integer(leftOut.byScore)), ("by_rank", .integer(leftOut.byRank)),
                ])
            ),
        ]
    }

    /// Writes the table as JSON, for `-o NAME.json`: totals, then one line per region.
    func writeJSON(to file: AtomicTextFile, threads: Int) throws(ArrayFileError) {
        try file.write(JSONText.result(head).text.dropLast() + ",\"regions\":[")
        let fields = RegionFields(self)
        try file.writeRows(regions, threads: threads) { number, region, text in
            text.append(number > 0 ? ",\n{" : "\n{")
            fields.append(region, to: &text)
            text.append(",\"segmentation\":")
            text.append(segmentation: region, of: self.images[region.image])
            text.append(ascii: "}")
        }
        try file.write("\n]}\n")
    }
}

/// The members of a region that the JSON table and the summary have in common.
private struct RegionFields: Sendable {
    private let summary: RegionSummary
    private let names: JSONNames
    private let images: [RegionSummary.Image]
    private let hasClassNames: Bool

    init(_ summary: RegionSummary) {
        self.summary = summary
        names = JSONNames(summary)
        images = summary.images
        hasClassNames = summary.classNames != nil
    }

    func json(_ region: Region) -> JSONText {
        var text = ByteText()
        text.append(ascii: "{")
        append(region, to: &text)
        text.append(ascii: "}")
        return .encoded(String(decoding: text.bytes, as: UTF8.self))
    }

    func append(_ region: Region, to text: inout ByteText) {
        text.append("\"id\":")
        let slices = summary.slices(region)
        names.append(identifierOf: region, slice: slices?.first, to: &text)
        text.append(",\"decision\":")
        text.append(region.decision.map { "\"\($0.rawValue)\"" } ?? "null")
        text.append(",\"image\":")
        if images[region.image].isNamed {
            text.append(names.images[region.image])
            text.append(ascii: "\"")
        } else {
            text.append(region.image)
        }
        text.append(",\"given\":", region.given)
        text.append(",\"given_name\":")
        appendName(region.given, to: &text)
        text.append(",\"suggested\":", region.suggested)
        text.append(",\"suggested_name\":")
        appendName(region.suggested, to: &text)
        text.append(",\"area\":", region.area)
        text.append(",\"bbox\":")
        text.append(boxOf: region)
        text.append(",\"centroid\":[", json: region.centerX)
        text.append(",", json: region.centerY)
        text.append(ascii: "]")
        if let slices {
            text.append(",\"slice\":", slices.first)
            text.append(",\"depth\":", slices.count)
            text.append(",\"center_z\":", json: slices.center)
        }
        text.append(",\"self_confidence\":", json: region.selfConfidence)
        text.append(",\"lowest_self_confidence\":", json: region.lowestSelfConfidence)
        text.append(",\"suggested_confidence\":", json: region.suggestedConfidence)
        text.append(",\"boundary_share\":", json: region.boundaryShare)
        text.append(",\"evidence\":")
        if let evidence = region.evidence { text.append("", json: evidence) } else { text.append("null") }
        text.append(",\"score\":", json: region.score)
    }

    private func appendName(_ index: Int, to text: inout ByteText) {
        if hasClassNames { text.append(names.classes[index]) } else { text.append("null") }
    }
}

/// The names of images and classes as JSON strings, made once instead of for each region.
struct JSONNames: Sendable {
    /// Without the quote at their ends, so that an identifier can follow.
    let images: [[UInt8]]
    let classes: [[UInt8]]

    init(_ summary: RegionSummary) {
        images = summary.images.map { JSONText.string($0.name).text.utf8.dropLast() }
        classes = (0..<summary.classes).map { Array(JSONText.string(summary.className($0)).text.utf8) }
    }

    /// Appends `Region.identifier` as a string; `slice` is the first one in a volume.
    func append(identifierOf region: Region, slice: Int?, to text: inout ByteText) {
        text.append(images[region.image])
        text.append(ascii: "@")
        if let slice {
            text.append(slice)
            text.append(ascii: "x")
        }
        text.append(region.row)
        text.append("x", region.column)
        text.append(ascii: "\"")
    }
}

extension ByteText {
    /// Appends left, top, width, height.
    mutating func append(boxOf region: Region) {
        append("[", region.left)
        append(",", region.top)
        append(",", region.width)
        append(",", region.height)
        append(ascii: "]")
    }

    /// Appends a mask as COCO's tools have it: size and compressed counts.
    mutating func append(segmentation region: Region, of image: RegionSummary.Image) {
        append("{\"size\":[", image.height)
        append(",", image.width)
        append("],\"counts\":\"")
        let start = bytes.count
        append(mask: region, of: image)
        escapeBackslashes(from: start)
        append("\"}")
    }

    /// Doubles the backslashes from a position on. No other character of a mask's counts is escaped in JSON.
    private mutating func escapeBackslashes(from start: Int) {
        guard bytes[start...].contains(UInt8(ascii: "\\")) else { return }
        let plain = Array(bytes[start...])
        bytes.removeLast(plain.count)
        for byte in plain {
            if byte == UInt8(ascii: "\\") { bytes.append(byte) }
            bytes.append(byte)
        }
    }
}
