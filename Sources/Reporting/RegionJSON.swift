public import MaskAudit

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

    /// Calls `put` with the file that `-o NAME.json` writes, piece by piece: a region a line.
    func writeJSON<E: Error>(_ put: (String) throws(E) -> Void) throws(E) {
        let text = JSONText.object(head).text
        try put(text.dropLast() + ",\"regions\":[")
        for (number, region) in regions.enumerated() {
            let mask = ("segmentation", mask(region).json)
            try put((number > 0 ? ",\n" : "\n") + JSONText.object(fields(region) + [mask]).text)
        }
        try put("\n]}\n")
    }

    private func json(_ region: Region) -> JSONText { .object(fields(region)) }

    private func fields(_ region: Region) -> [(String, JSONText)] {
        let image = images[region.image]
        func name(_ index: Int) -> JSONText { classNames.map { .string($0[index]) } ?? .null }
        return [
            ("id", .string(identifier(region))),
            ("decision", region.decision.map { .string($0.rawValue) } ?? .null),
            ("image", image.isNamed ? .string(image.name) : .integer(region.image)),
            ("given", .integer(region.given)),
            ("given_name", name(region.given)),
            ("suggested", .integer(region.suggested)),
            ("suggested_name", name(region.suggested)),
            ("area", .integer(region.area)),
            ("bbox", region.box),
            ("centroid", .array([.number(region.centerX), .number(region.centerY)])),
            ("self_confidence", .number(region.selfConfidence)),
            ("lowest_self_confidence", .number(region.lowestSelfConfidence)),
            ("suggested_confidence", .number(region.suggestedConfidence)),
            ("boundary_share", .number(region.boundaryShare)),
            ("score", .number(region.score)),
        ]
    }
}

extension Region {
    /// Left, top, width, height.
    var box: JSONText { .array([.integer(left), .integer(top), .integer(width), .integer(height)]) }
}

extension ColumnRuns {
    /// As COCO's tools have it: size and compressed counts.
    var json: JSONText {
        .object([("size", .array([.integer(height), .integer(width)])), ("counts", .string(text))])
    }
}
