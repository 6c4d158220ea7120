import MaskAudit
import NumPyFiles

extension RegionExports {
    /// Writes a COCO file with all images and classes, and for each region an annotation of its suggested class, the
    /// highest score first.
    ///
    /// Ids are positions and classes plus one: importers read category 0 as no category, and COCO's evaluation reads
    /// annotation 0 as no match.
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
        try file.writeRows(summary.chosen, threads: threads) { number, region, text in
            text.append(number > 0 ? ",\n" : "\n")
            appendAnnotation(region, number, names, to: &text)
        }
        try file.write("\n]}\n")
    }

    private func appendAnnotation(_ region: Region, _ number: Int, _ names: JSONNames, to text: inout ByteText) {
        text.append("{\"id\":", number + 1)
        text.append(",\"image_id\":", region.image + 1)
        text.append(",\"category_id\":", region.suggested + 1)
        text.append(",\"segmentation\":")
        if !usesPolygons || !appendPolygons(region, to: &text) {
            text.append(segmentation: region, of: summary.images[region.image])
        }
        text.append(",\"area\":", region.area)
        text.append(",\"bbox\":")
        text.append(boxOf: region)
        text.append(",\"iscrowd\":0,\"score\":", json: region.score)
        text.append(",\"region\":")
        names.append(identifierOf: region, slice: nil, to: &text)
        text.append(",\"given_category_id\":", region.given + 1)
        text.append(ascii: "}")
    }

    /// Appends the outline as polygons. Returns false and appends nothing where the region has holes, which polygons lack.
    private func appendPolygons(_ region: Region, to text: inout ByteText) -> Bool {
        let outline = region.outline(imageWidth: summary.images[region.image].width)
        guard !outline.hasHoles else { return false }
        for (number, line) in outline.lines.enumerated() {
            text.append(number > 0 ? ",[" : "[[")
            for (place, point) in line.enumerated() {
                if place > 0 { text.append(ascii: ",") }
                text.append(point.x + region.left)
                text.append(",", point.y + region.top)
            }
            text.append(ascii: "]")
        }
        text.append(ascii: "]")
        return true
    }
}
