import NumPyFiles

/// An 8-bit colour, with alpha 255 where it covers what is below.
struct Color: Sendable, Hashable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8
    var alpha: UInt8 = 255

    init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, alpha: UInt8 = 255) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    /// The colour of 0xRRGGBB.
    init(hex: UInt32) {
        self.init(UInt8(hex >> 16 & 0xff), UInt8(hex >> 8 & 0xff), UInt8(hex & 0xff))
    }

    /// The colour as CSS writes it: `#rrggbb`.
    var css: String {
        let digits = Array("0123456789abcdef")
        return "#" + [red, green, blue].map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    }
}

/// PNG files of 8-bit pixels: indexed in 1, 2, 4 or 8 bits, or in full colour.
///
/// **Source.** PNG (W3C, third edition), sections 5, 9, 11.
enum PNGImage {
    /// An indexed image; the palette's length decides the bits per pixel.
    ///
    /// **Shapes.** `pixels` (height, width), each below `palette.count`, at most 256.
    static func indexed(width: Int, height: Int, pixels: [UInt8], palette: [Color]) -> [UInt8] {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "pixels do not fill the image")
        precondition((1...256).contains(palette.count), "a palette of 1 to 256 colours")
        let bits = palette.count <= 2 ? 1 : palette.count <= 4 ? 2 : palette.count <= 16 ? 4 : 8
        let perByte = 8 / bits
        let rowBytes = (width + perByte - 1) / perByte
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (rowBytes + 1))
        for y in 0..<height {
            rows.append(Filter.none.rawValue)
            for byte in 0..<rowBytes {
                var packed: UInt8 = 0
                for place in 0..<perByte {
                    let x = byte * perByte + place
                    packed = packed << UInt8(bits & 7) | (x < width ? pixels[y * width + x] : 0)
                }
                rows.append(packed)
            }
        }
        var chunks: [(String, [UInt8])] = [("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })]
        if palette.contains(where: { $0.alpha < 255 }) { chunks.append(("tRNS", palette.map(\.alpha))) }
        return file(width: width, height: height, bits: bits, colorType: 3, before: chunks, rows: rows)
    }

    /// One bit per pixel: a colour where a pixel is listed, clear elsewhere.
    static func layer(width: Int, height: Int, pixels: [Int], color: Color) -> [UInt8] {
        precondition(width > 0 && height > 0, "an empty image")
        let rowBytes = (width + 7) / 8
        var rows = [UInt8](repeating: 0, count: height * (rowBytes + 1))
        for pixel in pixels {
            let x = pixel % width
            rows[pixel / width * (rowBytes + 1) + 1 + x / 8] |= 128 >> UInt8(x % 8)
        }
        let palette = [0, 0, 0, color.red, color.green, color.blue]
        return file(
            width: width, height: height, bits: 1, colorType: 3,
            before: [("PLTE", palette), ("tRNS", [0, color.alpha])], rows: rows)
    }

    /// A full-colour image, or an indexed one where that is possible and smaller.
    ///
    /// **Shapes.** `pixels` (height, width, 3): red, green, blue.
    static func color(width: Int, height: Int, pixels: [UInt8]) -> [UInt8] {
        precondition(width > 0 && height > 0 && pixels.count == 3 * width * height, "pixels do not fill the image")
        let full = file(
            width: width, height: height, bits: 8, colorType: 2, before: [], rows: filtered(pixels, width: width))
        guard let (indices, palette) = indexing(pixels) else { return full }
        let small = indexed(width: width, height: height, pixels: indices, palette: palette)
        return small.count < full.count ? small : full
    }

    /// The image in at most 256 colours; nil where it has more.
    private static func indexing(_ pixels: [UInt8]) -> (indices: [UInt8], palette: [Color])? {
        var places: [UInt32: UInt8] = [:]
        var palette: [Color] = []
        var indices: [UInt8] = []
        indices.reserveCapacity(pixels.count / 3)
        for at in stride(from: 0, to: pixels.count, by: 3) {
            let key = UInt32(pixels[at]) << 16 | UInt32(pixels[at + 1]) << 8 | UInt32(pixels[at + 2])
            if let place = places[key] {
                indices.append(place)
                continue
            }
            guard palette.count < 256 else { return nil }
            places[key] = UInt8(palette.count)
            indices.append(UInt8(palette.count))
            palette.append(Color(hex: key))
        }
        return (indices, palette)
    }

    /// The standard's filter types, in the order of their numbers.
    private enum Filter: UInt8, CaseIterable {
        case none, sub, up, average, paeth
    }

    /// Each row by the filter whose output, as signed bytes, has the least sum of magnitudes: the usual guess at what
    /// deflates best.
    private static func filtered(_ pixels: [UInt8], width: Int) -> [UInt8] {
        let rowBytes = 3 * width
        var rows: [UInt8] = []
        rows.reserveCapacity(pixels.count + pixels.count / rowBytes)
        var tried = Filter.allCases.map { _ in [UInt8](repeating: 0, count: rowBytes) }
        for start in stride(from: 0, to: pixels.count, by: rowBytes) {
            for x in 0..<rowBytes {
                let byte = Int(pixels[start + x])
                let left = x < 3 ? 0 : Int(pixels[start + x - 3])
                let up = start == 0 ? 0 : Int(pixels[start + x - rowBytes])
                let corner = x < 3 || start == 0 ? 0 : Int(pixels[start + x - rowBytes - 3])
                tried[0][x] = UInt8(byte)
                tried[1][x] = UInt8(truncatingIfNeeded: byte - left)
                tried[2][x] = UInt8(truncatingIfNeeded: byte - up)
                tried[3][x] = UInt8(truncatingIfNeeded: byte - (left + up) / 2)
                tried[4][x] = UInt8(truncatingIfNeeded: byte - paeth(left, up, corner))
            }
            let costs = tried.map { row in row.reduce(0) { $0 + Int(Int8(bitPattern: $1).magnitude) } }
            let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
            rows.append(UInt8(best))
            rows.append(contentsOf: tried[best])
        }
        return rows
    }

    private static func paeth(_ left: Int, _ up: Int, _ corner: Int) -> Int {
        let estimate = left + up - corner
        let (a, b, c) = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
        return a <= b && a <= c ? left : b <= c ? up : corner
    }

    private static func file(
        width: Int, height: Int, bits: Int, colorType: UInt8, before: [(String, [UInt8])], rows: [UInt8]
    ) -> [UInt8] {
        var out: [UInt8] = [0x89] + Array("PNG\r\n\u{1a}\n".utf8)
        // Compression, filter method and interlacing have one value each, or none.
        append("IHDR", big(width) + big(height) + [UInt8(bits), colorType, 0, 0, 0], to: &out)
        for (name, data) in before { append(name, data, to: &out) }
        append("IDAT", zlibStream(rows), to: &out)
        append("IEND", [], to: &out)
        return out
    }

    private static func append(_ name: String, _ data: [UInt8], to out: inout [UInt8]) {
        let body = Array(name.utf8) + data
        out += big(data.count) + body + big(Int(crc32(body)))
    }

    private static func big(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Base64 (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for at in stride(from: 0, to: bytes.count, by: 3) {
        let rest = bytes.count - at
        let triple =
            Int(bytes[at]) << 16 | (rest > 1 ? Int(bytes[at + 1]) << 8 : 0) | (rest > 2 ? Int(bytes[at + 2]) : 0)
        out.append(alphabet[triple >> 18])
        out.append(alphabet[triple >> 12 & 63])
        out.append(rest > 1 ? alphabet[triple >> 6 & 63] : UInt8(ascii: "="))
        out.append(rest > 2 ? alphabet[triple & 63] : UInt8(ascii: "="))
    }
    return String(decoding: out, as: UTF8.self)
}
