import TestSupport

/// A PNG decoder for tests: no interlacing, no code in common with the encoder or zlib. Traps on anything it does not expect.
struct TinyPNG {
    var width: Int
    var height: Int
    /// Red, green, blue, alpha of each pixel.
    var pixels: [[UInt8]] = []
    var bitsPerPixel: Int
    var chunkNames: [String] = []

    init(_ bytes: [UInt8]) {
        precondition(Array(bytes.prefix(8)) == [137, 80, 78, 71, 13, 10, 26, 10], "magic")
        var at = 8
        var header: [UInt8] = []
        var palette: [UInt8] = []
        var alphas: [UInt8] = []
        var data: [UInt8] = []
        while at < bytes.count {
            let length = big(bytes[at..<at + 4])
            let body = Array(bytes[at + 4..<at + 8 + length])
            precondition(UInt32(big(bytes[at + 8 + length..<at + 12 + length])) == slowCRC32(body), "CRC")
            let name = String(decoding: body.prefix(4), as: UTF8.self)
            chunkNames.append(name)
            let content = Array(body.dropFirst(4))
            switch name {
            case "IHDR": header = content
            case "PLTE": palette = content
            case "tRNS": alphas = content
            case "IDAT": data += content
            default: precondition(name == "IEND" && at + 12 == bytes.count, "a chunk \(name)")
            }
            at += 12 + length
        }
        width = big(header[0..<4])
        height = big(header[4..<8])
        let isIndexed = header[9] == 3
        bitsPerPixel = Int(header[8]) * (isIndexed ? 1 : 3)
        let raw = unfiltered(inflateZlib(data))
        let rowBytes = (width * bitsPerPixel + 7) / 8
        for y in 0..<height {
            for x in 0..<width {
                if isIndexed {
                    let bit = x * bitsPerPixel
                    let byte = Int(raw[y * rowBytes + bit / 8])
                    let index = byte >> (8 - bitsPerPixel - bit % 8) & (1 << bitsPerPixel - 1)
                    pixels.append(
                        Array(palette[3 * index..<3 * index + 3]) + [index < alphas.count ? alphas[index] : 255])
                } else {
                    pixels.append(Array(raw[y * rowBytes + 3 * x..<y * rowBytes + 3 * x + 3]) + [255])
                }
            }
        }
    }

    private func unfiltered(_ rows: [UInt8]) -> [UInt8] {
        let rowBytes = (width * bitsPerPixel + 7) / 8
        let step = max(1, bitsPerPixel / 8)
        precondition(rows.count == height * (rowBytes + 1), "rows do not fill the image")
        var out = [UInt8](repeating: 0, count: height * rowBytes)
        for y in 0..<height {
            let filter = rows[y * (rowBytes + 1)]
            for x in 0..<rowBytes {
                let a = x < step ? 0 : Int(out[y * rowBytes + x - step])
                let b = y == 0 ? 0 : Int(out[(y - 1) * rowBytes + x])
                let c = x < step || y == 0 ? 0 : Int(out[(y - 1) * rowBytes + x - step])
                var prediction = 0
                switch filter {
                case 0: break
                case 1: prediction = a
                case 2: prediction = b
                case 3: prediction = (a + b) / 2
                case 4:
                    prediction =
                        [(abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c)].min {
                            ($0.0, $0.1) < ($1.0, $1.1)
                        }!.2
                default: preconditionFailure("filter \(filter)")
                }
                out[y * rowBytes + x] = UInt8(truncatingIfNeeded: Int(rows[y * (rowBytes + 1) + 1 + x]) + prediction)
            }
        }
        return out
    }
}

private func big(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

/// RFC 1950 and 1951, with the checksum verified.
func inflateZlib(_ bytes: [UInt8]) -> [UInt8] {
    precondition(bytes[0] & 15 == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0 && bytes[1] & 32 == 0, "header")
    var inflater = Inflater(bytes: bytes, bit: 16)
    inflater.run()
    let end = (inflater.bit + 7) / 8
    precondition(end + 4 == bytes.count, "bytes after the stream")
    var (a, b) = (1, 0)
    for byte in inflater.out { (a, b) = ((a + Int(byte)) % 65521, (b + a + Int(byte)) % 65521) }
    precondition(big(bytes[end...]) == b << 16 | a, "Adler-32")
    return inflater.out
}

private struct Inflater {
    let bytes: [UInt8]
    var bit: Int
    var out: [UInt8] = []

    mutating func take(_ count: Int) -> Int {
        var value = 0
        for place in 0..<count {
            value |= Int(bytes[bit / 8] >> UInt8(bit % 8) & 1) << place
            bit += 1
        }
        return value
    }

    /// Codes by length and value, as RFC 1951, 3.2.2 assigns them.
    static func codes(_ lengths: [Int]) -> [[Int]: Int] {
        var table: [[Int]: Int] = [:]
        var code = 0
        for length in 1...15 {
            for (symbol, own) in lengths.enumerated() where own == length {
                table[[length, code]] = symbol
                code += 1
            }
            code <<= 1
        }
        return table
    }

    mutating func symbol(_ table: [[Int]: Int]) -> Int {
        var code = 0
        for length in 1...15 {
            code = code << 1 | take(1)
            if let symbol = table[[length, code]] { return symbol }
        }
        preconditionFailure("no such code")
    }

    mutating func run() {
        var isLast = false
        while !isLast {
            isLast = take(1) == 1
            switch take(2) {
            case 0:
                bit = (bit + 7) / 8 * 8
                let size = take(16)
                precondition(take(16) == size ^ 0xffff, "stored length")
                for _ in 0..<size { out.append(UInt8(take(8))) }
            case 1:
                let fixed = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
                block(Self.codes(fixed), Self.codes([Int](repeating: 5, count: 30)))
            case 2: dynamic()
            default: preconditionFailure("block type")
            }
        }
    }

    mutating func dynamic() {
        let (literals, distances, lengths) = (take(5) + 257, take(5) + 1, take(4) + 4)
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var own = [Int](repeating: 0, count: 19)
        for place in order.prefix(lengths) { own[place] = take(3) }
        let table = Self.codes(own)
        var all: [Int] = []
        while all.count < literals + distances {
            switch symbol(table) {
            case 16: all += Array(repeating: all.last!, count: take(2) + 3)
            case 17: all += Array(repeating: 0, count: take(3) + 3)
            case 18: all += Array(repeating: 0, count: take(7) + 11)
            case let length: all.append(length)
            }
        }
        block(Self.codes(Array(all[..<literals])), Self.codes(Array(all[literals...])))
    }

    mutating func block(_ literals: [[Int]: Int], _ distances: [[Int]: Int]) {
        while true {
            let value = symbol(literals)
            if value == 256 { return }
            if value < 256 {
                out.append(UInt8(value))
                continue
            }
            let extra = value < 265 || value == 285 ? 0 : (value - 261) / 4
            let base = value < 265 ? value - 254 : value == 285 ? 258 : 3 + ((value - 261) % 4 + 4) << extra
            let length = base + take(extra)
            let distance = symbol(distances)
            let more = distance < 4 ? 0 : distance / 2 - 1
            let back = (distance < 4 ? distance + 1 : 1 + (2 + distance % 2) << more) + take(more)
            for _ in 0..<length { out.append(out[out.count - back]) }
        }
    }
}
