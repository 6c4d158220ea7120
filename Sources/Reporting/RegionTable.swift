public import MaskAudit

extension RegionSummary {
    /// The columns of the table that `regions` writes and reviewers fill in.
    static let columns = [
        "id", "decision", "image", "given", "given_name", "suggested", "suggested_name", "area", "left", "top", "width",
        "height", "center_x", "center_y", "self_confidence", "lowest_self_confidence", "suggested_confidence",
        "boundary_share", "score", "mask",
    ]

    /// The first line of that table.
    static var csvHead: String { columns.joined(separator: ",") + "\n" }

    /// A region's line.
    ///
    /// **Source.** RFC 4180; line ends are LF, as most readers have it.
    func csvLine(_ region: Region) -> String {
        let image = images[region.image]
        func share(_ value: Double) -> String { fixed(value, decimals: 6) }
        let fields = [
            csvField(identifier(region)), region.decision?.rawValue ?? "", csvField(image.name), "\(region.given)",
            csvField(classNames?[region.given] ?? ""), "\(region.suggested)",
            csvField(classNames?[region.suggested] ?? ""), "\(region.area)", "\(region.left)", "\(region.top)",
            "\(region.width)", "\(region.height)", fixed(region.centerX, decimals: 2),
            fixed(region.centerY, decimals: 2),
            share(region.selfConfidence), share(region.lowestSelfConfidence), share(region.suggestedConfidence),
            share(region.boundaryShare), share(region.score), mask(region).sizedText,
        ]
        return fields.joined(separator: ",") + "\n"
    }

    /// The mask of a region as COCO counts it.
    public func mask(_ region: Region) -> ColumnRuns {
        let image = images[region.image]
        return ColumnRuns(height: image.height, width: image.width, runs: region.shape.runs)
    }
}

extension KnownRegion {
    static let csvHead = "id,decision,given,suggested,mask\n"

    var csvLine: String { "\(csvField(identifier)),reject,\(given),\(suggested),\(mask.sizedText)\n" }
}

extension ColumnRuns {
    /// The counts after the size, `180x240:COUNTS`: nothing that a spreadsheet takes for a number or a formula.
    public var sizedText: String { "\(height)x\(width):\(text)" }

    /// Reads such a text.
    public init?(sizedText: String) {
        let parts = sizedText.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let size = parts[0].split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, size.count == 2, let height = Int(size[0]), let width = Int(size[1]) else { return nil }
        self.init(height: height, width: width, text: parts[1])
    }
}
