import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct PictureEncoderTests {
    private func picture(
        _ given: [UInt16], _ predicted: [UInt16], width: Int, issues: [ImagePicture.Issue] = [], photo: [UInt8]? = nil,
        name: String = "a", isNamed: Bool = true, rank: Int = 0
    ) -> ImagePicture {
        ImagePicture(
            rank: rank, rankCount: 1,
            image: .init(name: name, index: 3, isNamed: isNamed, issues: issues.count, pixels: given.count),
            score: 0.5, height: given.count / width, width: width, given: given, predicted: predicted, issues: issues,
            photo: photo)
    }

    private func rgba(_ color: Color) -> [UInt8] { [color.red, color.green, color.blue, color.alpha] }

    @Test("masks have the colours of their classes, void its own")
    func masks() {
        let encoded = PictureEncoder(imageCount: 1).encode(
            picture([0, 1, ImagePicture.void, 25], [0, 0, ImagePicture.void, 1], width: 2))
        let palette = ClassPalette.colors
        // 24 colours: class 25 has that of class 1.
        #expect(TinyPNG(encoded.given).pixels == [palette[0], palette[1], ClassPalette.void, palette[1]].map(rgba))
        #expect(TinyPNG(encoded.predicted).pixels == [palette[0], palette[0], ClassPalette.void, palette[1]].map(rgba))
        #expect(encoded.classes == [0, 1, 25])
        #expect(encoded.photo == nil)
    }

    @Test("each swap is a layer, commonest first, clear where it has no issue")
    func layers() {
        let encoded = PictureEncoder(imageCount: 1).encode(
            picture(
                [0, 0, 1, 1], [1, 1, 0, 1], width: 4,
                issues: [
                    .init(pixel: 0, given: 0, suggested: 1), .init(pixel: 1, given: 0, suggested: 1),
                    .init(pixel: 2, given: 1, suggested: 0),
                ]))
        #expect(encoded.layers.map { $0.issues } == [2, 1])
        #expect(encoded.layers.compactMap { $0.swap.map { [$0.given, $0.suggested] } } == [[0, 1], [1, 0]])
        let shown = encoded.layers.map { TinyPNG($0.png).pixels.map { $0[3] == 255 } }
        #expect(shown == [[true, true, false, false], [false, false, true, false]])
    }

    @Test("beyond forty swaps the rarest share a layer")
    func manySwaps() {
        // Swap k -> k + 1 has k + 1 issues: 0 -> 1 to 49 -> 50; the ten rarest have 1 + 2 + ... + 10 = 55.
        var issues: [ImagePicture.Issue] = []
        for given in 0..<50 {
            for _ in 0...given { issues.append(.init(pixel: issues.count, given: given, suggested: given + 1)) }
        }
        let count = issues.count
        let encoded = PictureEncoder(imageCount: 1).encode(
            picture(Array(repeating: 0, count: count), Array(repeating: 1, count: count), width: count, issues: issues))
        #expect(encoded.layers.count == 41)
        #expect(encoded.layers.last?.swap == nil)
        #expect(encoded.layers.last?.issues == 55)
    }

    @Test("a reduced picture averages colours, takes each block's middle class and keeps every issue")
    func reduction() {
        // 3 x 2 pixels by 2: blocks {0,1,3,4} and {2,5}; the middle of a block is its lower right pixel.
        let small = picture(
            [0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], width: 3,
            issues: [.init(pixel: 0, given: 0, suggested: 6), .init(pixel: 5, given: 5, suggested: 11)],
            photo: [0, 10, 20, 30, 40, 51].flatMap { [$0, 0, 255] }
        ).reduced(by: 2)
        #expect((small.width, small.height) == (2, 1))
        #expect(small.given == [4, 5])
        #expect(small.predicted == [10, 11])
        #expect(small.issues.map(\.pixel) == [0, 1])
        // (0 + 10 + 30 + 40) / 4 = 20; (20 + 51) / 2 = 35.5, rounded up
        #expect(small.photo == [20, 0, 255, 36, 0, 255])
    }

    @Test("pictures shrink until the page can bear them")
    func limits() {
        // Noise that does not compress: 300 x 200 in colour are 180 kB.
        var state: UInt32 = 3
        let photo = (0..<300 * 200 * 3).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let large = picture(
            Array(repeating: 0, count: 60_000), Array(repeating: 0, count: 60_000), width: 300, photo: photo)
        let encoder = PictureEncoder(imageCount: 60)
        let encoded = encoder.encode(large)
        #expect(encoded.byteCount <= encoder.limitBytes)
        #expect(encoded.reduction > 1)
        #expect((encoded.width, encoded.height) == (300, 200))
        #expect(TinyPNG(encoded.given).width == (300 + encoded.reduction - 1) / encoded.reduction)
        #expect(PictureEncoder(imageCount: 1).encode(large).reduction == 1)
    }

    @Test("a photograph stays below what a browser takes in a variable, however few there are")
    func photographLimit() {
        // 800 x 700 of noise are 1.68 MB, and 4/3 of that in base64 would be above 2 MiB.
        var state: UInt32 = 7
        let photo = (0..<800 * 700 * 3).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let labels = [UInt16](repeating: 0, count: 800 * 700)
        let encoded = PictureEncoder(imageCount: 1).encode(picture(labels, labels, width: 800, photo: photo))
        #expect((encoded.photo?.count ?? .max) / 3 * 4 < 2 << 20)
        #expect(encoded.reduction == 2)
    }

    @Test("issues lie over the dimmed, grey image, without one over the given mask")
    func overlay() {
        let issue = [ImagePicture.Issue(pixel: 1, given: 0, suggested: 1)]
        let white = TinyPNG(
            PictureEncoder.overlay(
                picture([0, 0], [0, 1], width: 2, issues: issue, photo: Array(repeating: 255, count: 6))))
        // 255 x 0.55 = 140.25, to the even grey below
        #expect(white.pixels == [[140, 140, 140, 255], rgba(ClassPalette.issue)])
        let masked = TinyPNG(PictureEncoder.overlay(picture([ImagePicture.void, 0], [0, 1], width: 2, issues: issue)))
        // 128 x 0.55 = 70.4
        #expect(masked.pixels == [[70, 70, 70, 255], rgba(ClassPalette.issue)])
    }

    @Test(
        "names of files cannot lead anywhere",
        arguments: [
            ("frame10", true, 0, "01-frame10-given.png"), ("7", false, 11, "12-image7-given.png"),
            ("a/../../b c", true, 1, "02-a_.._.._b_c-given.png"), ("über", true, 122, "123-_ber-given.png"),
            ("", true, 0, "01--given.png"),
        ])
    func fileNames(name: String, isNamed: Bool, rank: Int, expected: String) {
        let picture = picture([0], [0], width: 1, name: name, isNamed: isNamed, rank: rank)
        #expect(pictureFileName(picture, kind: "given") == expected)
    }

    @Test("a photograph makes four files, none three")
    func files() {
        #expect(PictureEncoder.files(picture([0], [0], width: 1)).map(\.kind) == ["given", "predicted", "issues"])
        let kinds = PictureEncoder.files(picture([0], [0], width: 1, photo: [1, 2, 3])).map(\.kind)
        #expect(kinds == ["image", "given", "predicted", "issues"])
    }
}
