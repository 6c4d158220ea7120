import MaskAudit
import NumPyFiles

extension RegionExports {
    /// Writes Label Studio tasks: for each image with regions one prediction of brush masks.
    ///
    /// The tasks fit a labelling configuration with `<Image name="image" value="$image"/>` and
    /// `<BrushLabels name="tag" toName="image">` of the classes' names.
    /// **Source.** labelstud.io, "Import pre-annotations"; masks as label-studio-converter's `brush.py` reads them.
    func writeLabelStudio(to file: AtomicTextFile, threads: Int) throws(ArrayFileError) {
        var byImage = [[Region]](repeating: [], count: summary.images.count)
        for region in summary.chosen { byImage[region.image].append(region) }
        let tasks = byImage.filter { !$0.isEmpty }
        let names = JSONNames(summary)
        try file.write("[")
        try file.writeRows(tasks, threads: threads, rowsPerChunk: 1) { number, regions, text in
            text.append(number > 0 ? ",\n" : "\n")
            text.append("{\"data\":{\"image\":\(JSONText.string(fileName(regions[0].image)).text)},")
            text.append(
                "\"predictions\":[{\"model_version\":\"masklint \(masklintVersion)\",\"score\":", json: regions[0].score
            )
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
        names.append(identifierOf: region, slice: nil, to: &text)
        text.append(
            ",\"type\":\"brushlabels\",\"from_name\":\"tag\",\"to_name\":\"image\",\"original_width\":", image.width)
        text.append(",\"original_height\":", image.height)
        text.append(",\"image_rotation\":0,\"score\":", json: region.score)
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

/// Encodes masks for Label Studio's brush: four bytes per pixel, all 0 or all 255, in runs whose lengths take few bits.
enum BrushRuns {
    /// Two bits before a run choose how many bits hold its length minus one.
    private static let lengthBits = [3, 4, 8, 16]
    private static let bytesPerPixel = 4
    /// The most pixels an image may have: the number of bytes takes 32 bits.
    static let limit = Int(UInt32.max) / bytesPerPixel

    /// - Parameter runs: the pixels of the mask, in order.
    static func bytes(runs: [Range<Int>], pixelCount: Int) -> [UInt8] {
        var bits = BitWriter()
        bits.append(bytesPerPixel * pixelCount, count: 32)
        // Values have eight bits, one more than the number here.
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

/// Packs bits to bytes, the highest bit first; zeros fill the last byte.
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
