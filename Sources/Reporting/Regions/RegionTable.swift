import ConfidentLearning
public import MaskAudit
import NumPyFiles

/// The CSV table that `masklint regions` writes and reviewers fill in: one row per region, the highest score first.
///
/// **Source.** RFC 4180, with LF at the ends of lines instead of CRLF.
struct RegionTable: Sendable {
    private let summary: RegionSummary
    /// What the identifiers of each image's regions begin with, without the quote at the end.
    private let identifiers: [(start: [UInt8], isQuoted: Bool)]
    /// The field of each image and of each class.
    private let imageNames: [[UInt8]]
    private let classNames: [[UInt8]]

    static func columns(areVolumes: Bool) -> [String] {
        let slices = areVolumes ? ["slice", "depth", "center_z"] : []
        return [
            "id", "decision", "image", "given", "given_name", "suggested", "suggested_name", "area", "left", "top",
            "width", "height", "center_x", "center_y",
        ] + slices + [
            "self_confidence", "lowest_self_confidence", "suggested_confidence", "boundary_share", "evidence", "score",
            "filter_by", "mask",
        ]
    }

    /// The first line.
    static func head(areVolumes: Bool) -> String { columns(areVolumes: areVolumes).joined(separator: ",") + "\n" }

    init(_ summary: RegionSummary) {
        self.summary = summary
        identifiers = summary.images.map { image in
            let field = csvField(image.name + "@")
            let isQuoted = field.hasPrefix("\"")
            return (Array(isQuoted ? field.utf8.dropLast() : field.utf8[...]), isQuoted)
        }
        imageNames = summary.images.map { Array(csvField($0.name).utf8) }
        classNames = (0..<summary.classes).map { Array(csvField(summary.classNames?[$0] ?? "").utf8) }
    }

    /// Writes the whole table.
    func write(to file: AtomicTextFile, threads: Int) throws(ArrayFileError) {
        try file.write(Self.head(areVolumes: summary.areVolumes))
        try file.writeRows(summary.regions, threads: threads) { append($1, to: &$2) }
    }

    /// Appends the line of a region.
    func append(_ region: Region, to text: inout ByteText) {
        let image = summary.images[region.image]
        appendIdentifier(region, to: &text)
        text.append(ascii: ",")
        if let decision = region.decision { text.append(decision.rawValue) }
        text.append(ascii: ",")
        text.append(imageNames[region.image])
        for index in [region.given, region.suggested] {
            text.append(ascii: ",")
            text.append(index)
            text.append(ascii: ",")
            text.append(classNames[index])
        }
        for number in [region.area, region.left, region.top, region.width, region.height] {
            text.append(ascii: ",")
            text.append(number)
        }
        for number in [region.centerX, region.centerY] {
            text.append(ascii: ",")
            text.append(fixed: number, decimals: 2)
        }
        if let slices = summary.slices(region) {
            text.append(ascii: ",")
            text.append(slices.first)
            text.append(ascii: ",")
            text.append(slices.count)
            text.append(ascii: ",")
            text.append(fixed: slices.center, decimals: 2)
        }
        for share in [
            region.selfConfidence, region.lowestSelfConfidence, region.suggestedConfidence, region.boundaryShare,
            region.evidence, region.score,
        ] {
            text.append(ascii: ",")
            if let share { text.append(fixed: share, decimals: 6) }
        }
        text.append(ascii: ",")
        text.append(summary.rule.rawValue)
        text.append(ascii: ",")
        text.append(image.height)
        text.append(ascii: "x")
        text.append(image.width)
        text.append(ascii: ":")
        text.append(mask: region, of: image)
        text.append(ascii: "\n")
    }

    /// Appends `Region.identifier` as a field. It is quoted where the name of the image is, as the rest needs no quotes.
    private func appendIdentifier(_ region: Region, to text: inout ByteText) {
        let (start, isQuoted) = identifiers[region.image]
        text.append(start)
        if let slices = summary.slices(region) {
            text.append(slices.first)
            text.append(ascii: "x")
        }
        text.append(region.row)
        text.append(ascii: "x")
        text.append(region.column)
        if isQuoted { text.append(ascii: "\"") }
    }
}

extension RegionSummary {
    /// Writes the table: JSON where the path ends in `.json`, else CSV.
    func writeTable(to file: AtomicTextFile, path: String, threads: Int) throws(ArrayFileError) {
        if path.lowercased().hasSuffix(".json") { return try writeJSON(to: file, threads: threads) }
        try RegionTable(self).write(to: file, threads: threads)
    }

    /// The mask of a region as COCO counts it.
    public func mask(_ region: Region) -> ColumnRuns { region.mask(in: images[region.image]) }
}

extension Region {
    fileprivate func mask(in image: RegionSummary.Image) -> ColumnRuns {
        ColumnRuns(height: image.height, width: image.width, runs: runs)
    }
}

extension ByteText {
    /// Appends a region's mask as COCO's compressed counts.
    mutating func append(mask region: Region, of image: RegionSummary.Image) {
        region.mask(in: image).appendText(to: &bytes)
    }
}

extension KnownRegion {
    static let csvHead = "id,decision,given,suggested,mask\n"

    var csvLine: String { "\(csvField(identifier)),reject,\(given),\(suggested),\(mask.sizedText)\n" }
}

extension ColumnRuns {
    /// Height, width and counts, `180x240:COUNTS`, which no spreadsheet takes for a number or a formula.
    public var sizedText: String { "\(height)x\(width):\(text)" }

    /// Reads what `sizedText` gives; nil where the text is not a mask.
    public init?(sizedText: String) {
        let parts = sizedText.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let size = parts[0].split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, size.count == 2, let height = Int(size[0]), let width = Int(size[1]) else { return nil }
        self.init(height: height, width: width, text: parts[1])
    }
}
