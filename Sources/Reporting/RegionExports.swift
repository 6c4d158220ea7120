import MaskAudit

/// Regions as annotation tools import them.
struct RegionExports {
    let summary: RegionSummary
    /// Of each image; nil for the names that the dataset has.
    let fileNames: [String]?
    /// Whether COCO masks are polygons where that is exact.
    var usesPolygons = false

    private func fileName(_ image: Int) -> String { fileNames?[image] ?? summary.images[image].name }

    /// Calls `put` with a COCO file, piece by piece: all images and classes, and for each region an annotation of its
    /// suggested class, highest score first.
    ///
    /// Ids are one more than positions and classes, as importers take category 0 for none and COCO's evaluation takes
    /// annotation 0 for no match.
    /// **Source.** cocodataset.org, "Data format"; masks are compressed run lengths, or polygons along pixel edges.
    func writeCOCO<E: Error>(_ put: (String) throws(E) -> Void) throws(E) {
        let info = JSONText.object([
            ("description", .string("regions that look mislabelled, with the suggested classes")),
            ("version", .string("masklint \(masklintVersion)")),
        ])
        try put("{\"info\":\(info.text),\"licenses\":[],\"images\":[")
        for (index, image) in summary.images.enumerated() {
            let entry = JSONText.object([
                ("id", .integer(index + 1)), ("file_name", .string(fileName(index))),
                ("height", .integer(image.height)),
                ("width", .integer(image.width)),
            ])
            try put((index > 0 ? ",\n" : "\n") + entry.text)
        }
        try put("\n],\"categories\":[")
        for index in 0..<summary.classes {
            let entry = JSONText.object([
                ("id", .integer(index + 1)), ("name", .string(summary.className(index))),
                ("supercategory", .string("")),
            ])
            try put((index > 0 ? ",\n" : "\n") + entry.text)
        }
        try put("\n],\"annotations\":[")
        for (number, region) in summary.chosen.enumerated() {
            let entry = JSONText.object([
                ("id", .integer(number + 1)), ("image_id", .integer(region.image + 1)),
                ("category_id", .integer(region.suggested + 1)), ("segmentation", segmentation(region)),
                ("area", .integer(region.area)), ("bbox", region.box), ("iscrowd", .integer(0)),
                ("score", .number(region.score)), ("region", .string(summary.identifier(region))),
                ("given_category_id", .integer(region.given + 1)),
            ])
            try put((number > 0 ? ",\n" : "\n") + entry.text)
        }
        try put("\n]}\n")
    }

    /// Polygons have no holes: a region with one stays a mask.
    private func segmentation(_ region: Region) -> JSONText {
        guard usesPolygons else { return summary.mask(region).json }
        let outline = region.outline(imageWidth: summary.images[region.image].width)
        guard !outline.hasHoles else { return summary.mask(region).json }
        return .array(
            outline.lines.map { line in
                .array(line.flatMap { [.integer($0.x + region.left), .integer($0.y + region.top)] })
            })
    }

    /// Calls `put` with Label Studio tasks, one an image that has regions, each with one prediction of brush masks.
    ///
    /// Made for a labelling configuration with `<Image name="image" value="$image"/>` and
    /// `<BrushLabels name="tag" toName="image">` of the classes' names.
    /// **Source.** labelstud.io, "Import pre-annotations"; masks as label-studio-converter's `brush.py` reads them.
    func writeLabelStudio<E: Error>(_ put: (String) throws(E) -> Void) throws(E) {
        let byImage = Dictionary(grouping: summary.chosen, by: \.image)
        try put("[")
        for (number, index) in byImage.keys.sorted().enumerated() {
            let regions = byImage[index] ?? []
            let prediction = JSONText.object([
                ("model_version", .string("masklint \(masklintVersion)")),
                ("score", .optional(regions.first?.score)),
                ("result", .array(regions.map { brush($0) })),
            ])
            let task = JSONText.object([
                ("data", .object([("image", .string(fileName(index)))])), ("predictions", .array([prediction])),
            ])
            try put((number > 0 ? ",\n" : "\n") + task.text)
        }
        try put("\n]\n")
    }

    private func brush(_ region: Region) -> JSONText {
        let image = summary.images[region.image]
        let bytes = BrushRuns.bytes(runs: region.shape.runs, pixelCount: image.height * image.width)
        return .object([
            ("id", .string(summary.identifier(region))), ("type", .string("brushlabels")),
            ("from_name", .string("tag")), ("to_name", .string("image")),
            ("original_width", .integer(image.width)), ("original_height", .integer(image.height)),
            ("image_rotation", .integer(0)), ("score", .number(region.score)),
            ("meta", .object([("text", .array([.string("given: " + summary.className(region.given))]))])),
            (
                "value",
                .object([
                    ("format", .string("rle")), ("rle", .array(bytes.map { .integer(Int($0)) })),
                    ("brushlabels", .array([.string(summary.className(region.suggested))])),
                ])
            ),
        ])
    }
}

/// A mask as Label Studio's brush has it: four bytes a pixel, all 0 or all 255, in runs of bits.
enum BrushRuns {
    /// Bits of a run's length less one, by the two bits that choose among them.
    private static let lengthBits = [3, 4, 8, 16]
    private static let bytesPerPixel = 4
    /// Pixels of an image at most: the count of bytes has 32 bits.
    static let limit = Int(UInt32.max) / bytesPerPixel

    /// - Parameter runs: pixels inside, in order.
    static func bytes(runs: [Range<Int>], pixelCount: Int) -> [UInt8] {
        var bits = BitWriter()
        bits.append(bytesPerPixel * pixelCount, count: 32)
        // Eight bits a value.
        bits.append(7, count: 5)
        for length in lengthBits { bits.append(length - 1, count: 4) }
        // Runs that meet at the end of a row are one.
        var at = 0
        var pending = 0..<0
        for run in runs + [pixelCount..<pixelCount] {
            if run.lowerBound == pending.upperBound && !run.isEmpty {
                pending = pending.lowerBound..<run.upperBound
                continue
            }
            append(pending.lowerBound - at, 0, to: &bits)
            append(pending.count, 255, to: &bits)
            at = pending.upperBound
            pending = run
        }
        append(pixelCount - at, 0, to: &bits)
        return bits.bytes
    }

    private static func append(_ pixels: Int, _ value: Int, to bits: inout BitWriter) {
        var rest = bytesPerPixel * pixels
        while rest > 0 {
            let length = min(rest, 1 << lengthBits[3])
            let choice = lengthBits.firstIndex { length <= 1 << $0 } ?? 3
            bits.append(1, count: 1)
            bits.append(choice, count: 2)
            bits.append(length - 1, count: lengthBits[choice])
            bits.append(value, count: 8)
            rest -= length
        }
    }
}

/// Bits as bytes, highest first, the last byte filled up with zeros.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var free = 0

    mutating func append(_ value: Int, count: Int) {
        for bit in (0..<count).reversed() {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            free -= 1
            bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(free)
        }
    }
}
