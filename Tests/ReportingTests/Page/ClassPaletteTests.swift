import Foundation
import Testing

@testable import Reporting

@Suite struct ClassPaletteTests {
    /// Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.
    private static let vision: [(name: String, rows: [[Double]])] = [
        ("normal", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        (
            "protanopia",
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        ),
        (
            "deuteranopia",
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        ),
        (
            "tritanopia",
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
        ),
    ]

    private func times(_ rows: [[Double]], _ vector: [Double]) -> [Double] {
        rows.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// OKLab (Ottosson 2020) of a colour as seen.
    private func lab(_ color: Color, seen rows: [[Double]]) -> [Double] {
        let linear = [color.red, color.green, color.blue].map { byte -> Double in
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let seen = times(rows, linear).map { min(1, max(0, $0)) }
        let cones = times(
            [
                [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ], seen
        ).map { cbrt($0) }
        return times(
            [
                [0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ], cones)
    }

    private func least(_ colors: [Color], seen rows: [[Double]]) -> Double {
        let labs = colors.map { lab($0, seen: rows) }
        var least = Double.infinity
        for (index, one) in labs.enumerated() {
            for other in labs[..<index] {
                least = min(least, zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot())
            }
        }
        return least
    }

    /// Among the seven colours of Okabe and Ito, made for the colour-blind, the least distance is 0.076.
    @Test(
        "classes can be told apart with any colour vision", arguments: [(5, 0.12), (8, 0.12), (12, 0.076), (24, 0.055)])
    func distances(count: Int, bound: Double) {
        for (name, rows) in Self.vision {
            let distance = least(Array(ClassPalette.colors.prefix(count)), seen: rows)
            #expect(distance >= bound, "\(count) colours under \(name)")
        }
    }

    @Test("no class looks like ignored pixels or issues")
    func reserved() {
        for (name, rows) in Self.vision {
            for color in ClassPalette.colors.prefix(12) {
                #expect(least([color, ClassPalette.void], seen: rows) >= 0.06, "\(color.css) under \(name)")
                #expect(least([color, ClassPalette.issue], seen: rows) >= 0.06, "\(color.css) under \(name)")
            }
        }
    }

    @Test("issues are lighter than anything dimmed below them")
    func issueLightness() {
        let white = Color(
            UInt8(255 * PictureEncoder.dimming), UInt8(255 * PictureEncoder.dimming),
            UInt8(255 * PictureEncoder.dimming))
        for (name, rows) in Self.vision {
            #expect(lab(ClassPalette.issue, seen: rows)[0] > lab(white, seen: rows)[0] + 0.1, "\(name)")
        }
    }
}
