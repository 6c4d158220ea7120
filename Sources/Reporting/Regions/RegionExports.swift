import MaskAudit
import NumPyFiles

/// Regions as annotation tools import them.
struct RegionExports {
    let summary: RegionSummary
    /// Of each image; nil for the names that the dataset has.
    let fileNames: [String]?
    /// Whether COCO masks are polygons where that is exact.
    var usesPolygons = false

    private func fileName(_ image: Int) -> String { fileNames?[image] ?? summary.images[image].name }

    /// Writes a COCO file: all images and classes, and for each region an annotation of its suggested class, highest score
    /// first.
    ///
    /// Ids are one more than positions and classes, as importers take category 0 for none and COCO's evaluation takes
    /// annotation 0 for no match.
    /// **Source.** cocodataset.org, "Data format"; masks are compressed run lengths, or polygons along pixel edges.
    func writeCOCO(to file: AtomicTextFile, threads: Int) throws(ArrayFileError) {
        let info = JSONText.object([
            ("description", .string("regions that look mislabelled, with the suggested classes")),
            ("version", .string("masklint \(masklintVersion)")),
        ])
        try file.write("{\"info\":\(info.text),\"licenses\":[],\"images\":[")
        for (index, image) in summary.images.enumerated() {
            let entry = JSONText.object([
                ("id", .integer(index + 1)), ("file_name", .string(fileName(index))),
                ("height", .integer(image.height)),
                ("width", .integer(image.width)),
            ])
            try file.write((index > 0 ? ",\n" : "\n") + entry.text)
        }
        try file.write("\n],\"categories\":[")
        for index in 0..<summary.classes {
            let entry = JSONText.object([
                ("id", .integer(index + 1)), ("name", .string(summary.className(index))),
                ("supercategory", .string("")),
            ])
            try file.write((index > 0 ? ",\n" : "\n") + entry.text)
        }
        try file.write("\n],\"annotations\":[")
        let names = JSONNames(summary)
        try RowWriter(file, threads: threads).write(summary.chosen) { number, region, text in
            text.append(number > 0 ? ",\n" : "\n")
            appendAnnotation(region, number, names, to: &text)
        }
        try file.write("\n]}\n")
    }

    private func appendAnnotation(_ region: Region, _ number: Int, _ names: JSONNames, to text: inout ByteText) {
        text.append("{\"id\":")
        text.append(number + 1)
        text.append(",\"image_id\":")
        text.append(region.image + 1)
        text.append(",\"category_id\":")
        text.append(region.suggested + 1)
        text.append(",\"segmentation\":")
        if !usesPolygons || !appendPolygons(region, to: &text) {
            text.append(segmentation: region, of: summary.images[region.image])
        }
        text.append(",\"area\":")
        text.append(region.area)
        text.append(",\"bbox\":")
        text.append(boxOf: region)
        text.append(",\"iscrowd\":0,\"score\":")
        text.append(json: region.score)
        text.append(",\"region\":")
        names.append(identifierOf: region, to: &text)
        text.append(",\"given_category_id\":")
        text.append(region.given + 1)
        text.append(ascii: "}")
    }

    /// Appends the outline; polygons have no holes: a region with one stays a mask, and false is returned.
    private func appendPolygons(_ region: Region, to text: inout ByteText) -> Bool {
        let outline = region.outline(imageWidth: summary.images[region.image].width)
        guard !outline.hasHoles else { return false }
        for (number, line) in outline.lines.enumerated() {
            text.append(number > 0 ? ",[" : "[[")
            for (place, point) in line.enumerated() {
                if place > 0 { text.append(ascii: ",") }
                text.append(point.x + region.left)
                text.append(ascii: ",")
                text.append(point.y + region.top)
            }
            text.append(ascii: "]")
        }
        text.append(ascii: "]")
        return true
    }

    /// Writes Label Studio tasks, one an image that has regions, each with one prediction of brush masks.
    ///
    /// Made for a labelling configuration with `<Image name="image" value="$image"/>` and
    /// `<BrushLabels name="tag" toName="image">` of the classes' names.
    /// **Source.** labelstud.io, "Import pre-annotations"; masks as label-studio-converter's `brush.py` reads them.
    func writeLabelStudio(to file: AtomicTextFile, threads: Int) throws(ArrayFileError) {
        var byImage = [[Region]](repeating: [], count: summary.images.count)
        for region in summary.chosen { byImage[region.image].append(region) }
        let tasks = byImage.filter { !$0.isEmpty }
        let names = JSONNames(summary)
        try file.write("[")
        try RowWriter(file, threads: threads).write(tasks, rowsAtOnce: 1) { number, regions, text in
            text.append(number > 0 ? ",\n" : "\n")
            text.append("{\"data\":{\"image\":\(JSONText.string(fileName(regions[0].image)).text)},")
            text.append("\"predictions\":[{\"model_version\":\"masklint \(masklintVersion)\",\"score\":")
            text.append(json: regions[0].score)
            for (place, region) in regions.enumerated() {
                text.append(place > 0 ? "," : ",\"result\":[")
                appendBrush(region, names, to: &text)
            }
            text.append("]}]}")
        }
        try file.write("\n]\n")
    }

    private func appendBrush(_ region: Region, _ names: JSONNames, to text: inout ByteText) {
        let image = summary.images[region.image]
        text.append("{\"id\":")
        names.append(identifierOf: region, to: &text)
        text.append(",\"type\":\"brushlabels\",\"from_name\":\"tag\",\"to_name\":\"image\",\"original_width\":")
        text.append(image.width)
        text.append(",\"original_height\":")
        text.append(image.height)
        text.append(",\"image_rotation\":0,\"score\":")
        text.append(json: region.score)
        text.append(",\"meta\":{\"text\":[\"given: ")
        text.append(Array(names.classes[region.given].dropFirst()))
        text.append("]},\"value\":{\"format\":\"rle\",\"rle\":[")
        let bytes = BrushRuns.bytes(runs: region.runs, pixelCount: image.height * image.width)
        for (place, byte) in bytes.enumerated() {
            if place > 0 { text.append(ascii: ",") }
            text.append(Int(byte))
        }
        text.append("],\"brushlabels\":[")
        text.append(names.classes[region.suggested])
        text.append("]}}")
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
        for (number, length) in alternatingLengths(runs, pixelCount: pixelCount).enumerated() {
            append(length, number % 2 == 0 ? 0 : 255, to: &bits)
        }
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
        var left = count
        while left > 0 {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            let taken = min(left, free)
            left -= taken
            free -= taken
            bytes[bytes.count - 1] |= UInt8(value >> left & (1 << taken - 1)) << UInt8(free)
        }
    }
}
