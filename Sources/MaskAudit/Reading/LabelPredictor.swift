import ConfidentLearning

/// Predicted labels of runs of pixels that an earlier pass found good. Each thread has its own.
final class LabelPredictor {
    private let context: RunContext
    private let loader = TileLoader()
    private let scanner: PixelScanner

    init(context: RunContext) {
        self.context = context
        // Values were checked already, except under ignored pixels, where they stay unchecked.
        scanner = PixelScanner(classCount: context.dataset.classCount, check: .trusted, keepsVectors: false)
    }

    /// Predicted labels of at most a tile of pixels; -1 where ignored.
    func predicted(
        image index: Int, pixel: Int, labels: [Int32], probabilities: ImageBytes
    ) throws(AuditError) -> [Int32] {
        let image = context.dataset.images[index]
        let view = context.probabilityView(image)
        var record = FullSizeRecord()
        do throws(PixelFault) {
            try probabilities.withBytes { bytes throws(PixelFault) in
                try loader.withTile(of: view, in: bytes, pixel: pixel, count: labels.count, isWide: false) {
                    (tile, planes) throws(PixelFault) in
                    try scanner.compare(tile, in: planes, labels: labels.span, into: &record)
                }
            }
        } catch {
            throw .changedWhileRead(context.dataset.probabilities[image.probabilitySource].displayName)
        }
        var out = labels
        var number = 0
        for (word, bits) in record.contested.enumerated() {
            var rest = bits
            while rest != 0 {
                out[word * 64 + rest.trailingZeroBitCount] = Int32(record.predicted[number])
                number += 1
                rest &= rest - 1
            }
        }
        return out
    }
}
