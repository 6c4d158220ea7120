import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

@Suite struct WorkUnitTests {
    static func images(_ sizes: [(Int, Int)]) -> [ImageEntry] {
        sizes.indices.map {
            ImageEntry(
                labelSource: 0, labelIndex: $0, probabilitySource: 0, probabilityIndex: $0, height: sizes[$0].0,
                width: sizes[$0].1)
        }
    }

    /// Rows of each image that units cover, in unit order.
    static func covered(_ units: [WorkUnit], _ images: [ImageEntry]) -> [[Range<Int>]] {
        var rows = [[Range<Int>]](repeating: [], count: images.count)
        for unit in units {
            for image in unit.images { rows[image].append(unit.rows ?? 0..<images[image].height) }
        }
        return rows
    }

    @Test("units cover every row of every image once, in order", arguments: [1, 2, 3, 7, 64, 500], [true, false])
    func cover(downsample: Int, canSplit: Bool) {
        var random = SplitMix(seed: UInt64(downsample))
        let sizes = (0..<40).map { index -> (Int, Int) in
            let width = index % 5 == 0 ? 700 : index % 7 == 0 ? 70_000 : 30
            return (random.below(index % 3 == 0 ? 900 : 40) / downsample * downsample, width)
        }
        let images = Self.images(sizes + [(0, 5), (5, 0), (0, 0)])
        let units = WorkUnit.units(of: images, targetPixelCount: 1 << 16, downsample: downsample) { _ in canSplit }
        for (image, rows) in Self.covered(units, images).enumerated() {
            #expect(!rows.isEmpty)
            var end = 0
            for range in rows {
                #expect(range.lowerBound == end)
                #expect(range.lowerBound % downsample == 0)
                end = range.upperBound
            }
            #expect(end == images[image].height)
            if !canSplit { #expect(rows.count == 1) }
        }
        for (unit, next) in zip(units, units.dropFirst()) {
            #expect(
                next.images.lowerBound
                    == (next.rows?.lowerBound ?? 0 > 0 ? unit.images.lowerBound : unit.images.upperBound))
        }
    }

    @Test("only images that are large and can be read in place are cut, into even pieces")
    func cuts() {
        // 2^17 = 512 * 256 pixels are cut into rows of 2^16; one row less is not.
        let images = Self.images([(512, 256), (511, 256), (10, 10)])
        #expect(
            WorkUnit.units(of: images, targetPixelCount: 1 << 16, downsample: 1) { _ in true }
                == [
                    WorkUnit(images: 0..<1, rows: 0..<256), WorkUnit(images: 0..<1, rows: 256..<512),
                    WorkUnit(images: 1..<2, rows: nil), WorkUnit(images: 2..<3, rows: nil),
                ])
        #expect(
            WorkUnit.units(of: images, targetPixelCount: 1 << 16, downsample: 1) { $0.labelIndex > 0 }
                == [
                    WorkUnit(images: 0..<1, rows: nil), WorkUnit(images: 1..<2, rows: nil),
                    WorkUnit(images: 2..<3, rows: nil),
                ])
    }

    @Test("small images share a unit up to 65,536 pixels")
    func small() {
        let images = Self.images([(Int, Int)](repeating: (128, 128), count: 9))
        let units = WorkUnit.units(of: images, targetPixelCount: 1 << 16, downsample: 1) { _ in true }
        #expect(units.map(\.images) == [0..<4, 4..<8, 8..<9])
        #expect(WorkUnit.units(of: [], targetPixelCount: 1 << 16, downsample: 1) { _ in true } == [])
    }

    @Test(
        "a unit aims at 5 MiB of probabilities, from 16,384 to 65,536 pixels",
        arguments: [(8, 65_536), (84, 62_415), (200, 26_214), (600, 16_384), (4_000, 16_384), (0, 65_536)])
    func target(bytesPerPixel: Int, pixels: Int) {
        #expect(WorkUnit.targetPixelCount(bytesPerPixel: bytesPerPixel) == pixels)
    }

    @Test("positions in a unit lead to images and pixels", arguments: [1, 2])
    func segments(factor: Int) throws {
        // Words of 64: 20 pixels take one, 0 none, 70 two.
        let images = Self.images(factor == 1 ? [(4, 5), (0, 3), (7, 10)] : [(8, 10), (0, 6), (14, 20)])
        let folder = try TemporaryFolder()
        for (index, image) in images.enumerated() {
            let count = image.height * image.width
            try folder.write(
                NumberArray([image.height, image.width], [Int](repeating: 0, count: count)).npy("|u1"), in: "l",
                to: "\(index).npy")
            try folder.write(
                NumberArray([1, image.height, image.width], [Int](repeating: 1, count: count)).npy("<f4"), in: "p",
                to: "\(index).npy")
        }
        let plan = AuditPlan(
            labels: InputSelection(paths: [folder("l")]), predProbs: InputSelection(paths: [folder("p")]))
        let context = try RunContext(
            plan: plan, dataset: try Dataset(plan.dataset, for: plan.rule), temporaryFolder: folder.path)
        #expect(context.units == [WorkUnit(images: 0..<3, rows: nil)])
        var cursor = SegmentCursor(context: context, unit: context.units[0], factor: factor)
        for (position, image, pixel) in [(0, 0, 0), (19, 0, 19), (64, 2, 0), (64 + 69, 2, 69), (3, 0, 3), (70, 2, 6)] {
            let found = cursor.locate(position)
            #expect(found.image == image)
            #expect(found.pixel == pixel)
        }
    }
}
