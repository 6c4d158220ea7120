import Foundation
import NumPyFiles
import Testing

@testable import Reporting

@Suite struct PNGImageTests {
    /// Bytes 0...255 that repeat late, from a fixed congruential sequence.
    private func noise(_ count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }

    @Test("a zlib stream inflates to what went in", arguments: [0, 1, 100, 65_535, 65_536, 200_000])
    func zlib(count: Int) {
        let even = [UInt8](repeating: 7, count: count)
        #expect(inflateZlib(zlibStream(even)) == even)
        let some = Array(noise(min(count, 70_000)))
        #expect(inflateZlib(zlibStream(some, level: 1)) == some)
    }

    @Test("CRC-32 is the one of the standard's check value")
    func checksum() {
        #expect(crc32(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(crc32([]) == 0)
    }

    @Test(
        "indexed images take as few bits as their palette allows",
        arguments: [
            (1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (256, 8),
        ])
    func indexed(colors: Int, bits: Int) {
        // A width that fills no whole byte.
        let (width, height) = (13, 5)
        let palette = (0..<colors).map { Color(UInt8($0), UInt8(255 - $0), 9, alpha: $0 == 0 ? 0 : 255) }
        let pixels = noise(width * height).map { UInt8(Int($0) % colors) }
        let image = TinyPNG(PNGImage.indexed(width: width, height: height, pixels: pixels, palette: palette))
        #expect((image.width, image.height, image.bitsPerPixel) == (width, height, bits))
        #expect(image.pixels == pixels.map { [$0, 255 - $0, 9, $0 == 0 ? 0 : 255] })
    }

    @Test("full-colour images survive every filter", arguments: [(1, 1), (1, 7), (16, 1), (37, 23)])
    func color(width: Int, height: Int) {
        // A gradient in one channel, noise in another, stripes in the third: rows of all kinds.
        let grain = noise(width * height)
        let pixels = (0..<width * height).flatMap { at -> [UInt8] in
            [UInt8((at % width * 5 + at / width) & 255), at / width % 3 == 0 ? grain[at] : 40, UInt8(at % width & 255)]
        }
        let image = TinyPNG(PNGImage.color(width: width, height: height, pixels: pixels))
        #expect(image.pixels.flatMap { $0.prefix(3) } == pixels)
    }

    @Test("an image of few colours is indexed where that is smaller")
    func fewColors() {
        let grain = noise(64 * 64).map { $0 & 3 }
        let few = TinyPNG(PNGImage.color(width: 64, height: 64, pixels: grain.flatMap { [$0 * 60, 255 - $0, $0] }))
        #expect(few.chunkNames == ["IHDR", "PLTE", "IDAT", "IEND"])
        #expect(few.bitsPerPixel == 2)
        let many = TinyPNG(PNGImage.color(width: 64, height: 64, pixels: noise(64 * 64 * 3)))
        #expect(many.chunkNames == ["IHDR", "IDAT", "IEND"])
    }

    @Test("base64 is Foundation's", arguments: 0...7)
    func base64Text(count: Int) {
        #expect(base64(noise(count)) == Data(noise(count)).base64EncodedString())
    }
}
