import Testing

@testable import ConfidentLearning

/// Surprises worked out by hand.
@Suite struct SurpriseTests {
    /// Two classes. Of pixels predicted as 0 with class 1 in bin 7, the dataset has 1000, 40 of them labelled 1; of
    /// those with class 1 in bin 0 it has 500, 200 of them labelled 1. The image has 100 and 10 of the first kind.
    private static func dataset() -> (counts: CellCounts, image: ImageCounts) {
        var counts = CellCounts(classCount: 2)
        counts.seen[8 + 7] = 1000
        counts.given[8 + 7] = 40
        counts.seen[8] = 500
        counts.given[8] = 200
        var image = ImageCounts()
        image.cells = [15]
        image.seen = [100]
        image.given = [10]
        image.sums.seen[7] = 100
        image.sums.given[7] = 10
        return (counts, image)
    }

    /// The evidence less the logarithm of the ratio, which is 0.3 ln (0.99 / 0.0001) = 0.3 ln 9900.
    private static func surprise(_ source: SurpriseSource, _ image: ImageCounts) -> Double {
        var table = source.table(of: image)
        return table.evidence(predicted: 0, given: 1, top: 0.99, low: 0.0001) - 0.3 * naturalLogarithm(9900)
    }

    @Test("the image is left out: 30 of 900 are left, drawn to the share of all pairs")
    func leftOut() {
        let (counts, image) = Self.dataset()
        // pool = (30 + 0.001) / (900 + 1), c = (30 + 100 pool) / (900 + 100).
        let pool = 30.001 / 901
        let want = -naturalLogarithm((30 + 100 * pool) / 1000)
        #expect(abs(Self.surprise(SurpriseSource(counts, leavesImageOut: true), image) - want) < 1e-12)
    }

    @Test("counts that the image is no part of are taken as they are")
    func asTheyAre() {
        let (counts, image) = Self.dataset()
        let pool = 40.001 / 1001
        let want = -naturalLogarithm((40 + 100 * pool) / 1100)
        #expect(abs(Self.surprise(SurpriseSource(counts, leavesImageOut: false), image) - want) < 1e-12)
    }

    @Test("a label that no other image has there is as surprising as 1e-9 at most, and probabilities of 0 as 1e-6")
    func floors() {
        var counts = CellCounts(classCount: 2)
        counts.seen[15] = 1_000_000_000
        var image = ImageCounts()
        image.cells = [15]
        image.seen = [0]
        image.given = [0]
        var table = SurpriseSource(counts, leavesImageOut: true).table(of: image)
        // c = 100 * (0.001 / 1e9) / 1e9 is far below 1e-9; the ratio is 1 / 1e-6.
        let want = -naturalLogarithm(1e-9) + 0.3 * naturalLogarithm(1e6)
        #expect(abs(table.evidence(predicted: 0, given: 1, top: 1, low: 0) - want) < 1e-9)
    }

    @Test("an image's counts come back from bytes, and damaged ones do not")
    func coding() {
        let image = Self.dataset().image
        var bytes: [UInt8] = []
        image.encode(into: &bytes)
        var reader = RecordCoding.Reader()
        #expect(unsafe ImageCounts(decoding: bytes.span.bytes, with: &reader) == image)
        #expect(reader.isAtEnd(of: unsafe bytes.span.bytes))
        #expect(image.fits(classCount: 2) && !image.fits(classCount: 1))
        for count in stride(from: 0, to: bytes.count, by: 3) {
            let cut = Array(bytes.prefix(count))
            var reader = RecordCoding.Reader()
            #expect(unsafe ImageCounts(decoding: cut.span.bytes, with: &reader) == nil)
        }
    }
}
