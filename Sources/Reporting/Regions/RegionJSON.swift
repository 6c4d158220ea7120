public import MaskAudit
import NumPyFiles

extension RegionSummary {
    /// Regions that a summary lists.
    static let listedCount = 10

    /// The object that `--json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        .object(
            head + [
                ("worst_regions", .array(regions.prefix(Self.listedCount).map { json($0) })),
                ("warnings", .array(warnings.map { .string($0) })),
                ("seconds", .number(seconds)),
            ])
    }

    private var head: [(String, JSONText)] {
        [
            ("tool", .string("masklint")),
            ("version", .string(masklintVersion)),
            ("images", .integer(images.count)),
            ("pixels", .integer(pixels)),
            ("ignored_pixels", .integer(ignoredPixels)),
            ("issues", .integer(issues)),
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

    /// Writes the file that `-o NAME.json` names: a region a line.
    func writeJSON(to file: AtomicTextFile, threads: Int) throws(ArrayFileError) {
        try file.write(JSONText.object(head).text.dropLast() + ",\"regions\":[")
        let fields = RegionFields(self)
        try RowWriter(file, threads: threads).write(regions) { number, region, text in
            text.append(number > 0 ? ",\n{" : "\n{")
            fields.append(region, to: &text)
            text.append(",\"segmentation\":")
            text.append(segmentation: region, of: self.images[region.image])
            text.append(ascii: "}")
        }
        try file.write("\n]}\n")
    }

    private func json(_ region: Region) -> JSONText {
        var text = ByteText()
        text.append(ascii: "{")
        RegionFields(self).append(region, to: &text)
        text.append(ascii: "}")
        return .encoded(String(decoding: text.bytes, as: UTF8.self))
    }
}

/// What JSON tells of a region.
private struct RegionFields: Sendable {
    private let names: JSONNames
    private let images: [RegionSummary.Image]
    private let hasClassNames: Bool

    init(_ summary: RegionSummary) {
        names = JSONNames(summary)
        images = summary.images
        hasClassNames = summary.classNames != nil
    }

    func append(_ region: Region, to text: inout ByteText) {
        text.append("\"id\":")
        names.append(identifierOf: region, to: &text)
        text.append(",\"decision\":")
        text.append(region.decision.map { "\"\($0.rawValue)\"" } ?? "null")
        text.append(",\"image\":")
        if images[region.image].isNamed {
            text.append(names.images[region.image])
            text.append(ascii: "\"")
        } else {
            text.append(region.image)
        }
        text.append(",\"given\":")
        text.append(region.given)
        text.append(",\"given_name\":")
        appendName(region.given, to: &text)
        text.append(",\"suggested\":")
        text.append(region.suggested)
        text.append(",\"suggested_name\":")
        appendName(region.suggested, to: &text)
        text.append(",\"area\":")
        text.append(region.area)
        text.append(",\"bbox\":")
        text.append(boxOf: region)
        text.append(",\"centroid\":[")
        text.append(json: region.centerX)
        text.append(ascii: ",")
        text.append(json: region.centerY)
        text.append("],\"self_confidence\":")
        text.append(json: region.selfConfidence)
        text.append(",\"lowest_self_confidence\":")
        text.append(json: region.lowestSelfConfidence)
        text.append(",\"suggested_confidence\":")
        text.append(json: region.suggestedConfidence)
        text.append(",\"boundary_share\":")
        text.append(json: region.boundaryShare)
        text.append(",\"score\":")
        text.append(json: region.score)
    }

    private func appendName(_ index: Int, to text: inout ByteText) {
        if hasClassNames { text.append(names.classes[index]) } else { text.append("null") }
    }
}

/// Names of images and classes as JSON strings.
struct JSONNames: Sendable {
    /// Without the quote at the end.
    let images: [[UInt8]]
    let classes: [[UInt8]]

    init(_ summary: RegionSummary) {
        images = summary.images.map { JSONText.string($0.name).text.utf8.dropLast() }
        classes = (0..<summary.classes).map { Array(JSONText.string(summary.className($0)).text.utf8) }
    }

    /// Appends `Region.identifier` as a string.
    func append(identifierOf region: Region, to text: inout ByteText) {
        text.append(images[region.image])
        text.append(ascii: "@")
        text.append(region.row)
        text.append(ascii: "x")
        text.append(region.column)
        text.append(ascii: "\"")
    }
}

extension ByteText {
    /// Appends left, top, width, height.
    mutating func append(boxOf region: Region) {
        append(ascii: "[")
        append(region.left)
        append(ascii: ",")
        append(region.top)
        append(ascii: ",")
        append(region.width)
        append(ascii: ",")
        append(region.height)
        append(ascii: "]")
    }

    /// Appends a mask as COCO's tools have it: size and compressed counts.
    mutating func append(segmentation region: Region, of image: RegionSummary.Image) {
        append("{\"size\":[")
        append(image.height)
        append(ascii: ",")
        append(image.width)
        append("],\"counts\":\"")
        let start = bytes.count
        append(mask: region, of: image)
        escapeBackslashes(from: start)
        append("\"}")
    }

    /// Doubles backslashes: the only character of counts that JSON strings do not hold as it is.
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
