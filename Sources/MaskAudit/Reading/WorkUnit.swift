/// A piece of work for one thread: some whole images, or some rows of one image.
///
/// Units follow one another in dataset order, so whatever is put together unit by unit does not depend on threads.
struct WorkUnit: Sendable, Equatable {
    var images: Range<Int>
    /// Rows of the one image; nil for whole images.
    var rows: Range<Int>?
}

extension WorkUnit {
    /// Pixels that a unit aims at: enough to hide the cost of a unit, few enough to balance threads and to keep what a
    /// thread has mapped at once to about 5 MiB.
    static func targetPixelCount(bytesPerPixel: Int) -> Int {
        min(1 << 16, max(1 << 14, (5 << 20) / max(1, bytesPerPixel)))
    }

    /// Cuts a dataset into units of the size that its probabilities ask for.
    static func units(of dataset: Dataset, downsample: Int, canSplit: (ImageEntry) -> Bool) -> [WorkUnit] {
        units(
            of: dataset.images, targetPixelCount: targetPixelCount(bytesPerPixel: dataset.bytesPerPixel),
            downsample: downsample, canSplit: canSplit)
    }

    /// Cuts images into units.
    ///
    /// - Parameters:
    ///   - canSplit: whether rows of an image can be read by themselves: data in place, not inflated.
    ///   - downsample: rows of a unit are a multiple of it.
    static func units(
        of images: [ImageEntry], targetPixelCount: Int, downsample: Int, canSplit: (ImageEntry) -> Bool
    ) -> [WorkUnit] {
        var units: [WorkUnit] = []
        var first = 0
        var pixels = 0
        func close(_ end: Int) {
            if end > first { units.append(WorkUnit(images: first..<end, rows: nil)) }
            first = end
            pixels = 0
        }
        for (index, image) in images.enumerated() {
            if image.pixelCount >= 2 * targetPixelCount && canSplit(image) {
                close(index)
                let rowsPerUnit = max(1, targetPixelCount / image.width / downsample) * downsample
                for row in stride(from: 0, to: image.height, by: rowsPerUnit) {
                    units.append(
                        WorkUnit(images: index..<index + 1, rows: row..<min(row + rowsPerUnit, image.height)))
                }
                first = index + 1
                continue
            }
            pixels += image.pixelCount
            if pixels >= targetPixelCount { close(index + 1) }
        }
        close(images.count)
        return units
    }
}
