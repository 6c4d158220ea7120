extension ImageCounter {
    /// Counts the tile that a scanner has scanned last, and notes the cells that its contested pixels use.
    ///
    /// **Shapes.** As of `PixelScanner.scan`, with the same arguments; `first` is the tile's first pixel, counted from the
    /// image's first.
    /// **Cost.** One more walk over the probabilities of counted pixels, which are still in cache.
    public mutating func add(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, first: Int, lattice: CountLattice,
        scannedBy scanner: PixelScanner
    ) {
        tile.check(in: bytes)
        let (state, path) = (scanner.state, scanner.path)
        unsafe bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            unsafe countRatios(
                tile.kernelTile(at: base, isCollected: false), path: path, labels: labels, first: first,
                lattice: lattice, maximum: state.maximum, predicted: state.argmax)
        }
        let isWide = tile.type == .float64
        precondition(labels.count == tile.count, "tile and labels disagree")
        for word in 0..<(tile.count + 63) / 64 {
            var rest = unsafe state.contestedBits[word]
            while rest != 0 {
                let pixel = word * 64 + rest.trailingZeroBitCount
                rest &= rest - 1
                let cell = CountCell(
                    predicted: Int(unsafe state.argmax[pixel]), other: Int(labels[pixel]),
                    top: state.topValue(pixel, isWide: isWide), low: state.givenValue(pixel, isWide: isWide),
                    classCount: tile.classCount)
                use(cell, isCounted: lattice.contains(first + pixel))
            }
        }
    }
}

extension TileState {
    /// The probability of a pixel's predicted label, widened.
    fileprivate func topValue(_ pixel: Int, isWide: Bool) -> Double {
        unsafe Self.value(maximum, pixel, isWide: isWide)
    }

    /// That of its given label.
    fileprivate func givenValue(_ pixel: Int, isWide: Bool) -> Double {
        unsafe Self.value(given, pixel, isWide: isWide)
    }

    private static func value(_ values: UnsafeMutableRawPointer, _ pixel: Int, isWide: Bool) -> Double {
        precondition(pixel >= 0 && pixel < PlaneTile.capacity, "a pixel beyond the tile")
        return isWide
            ? unsafe values.assumingMemoryBound(to: Double.self)[pixel]
            : Double(unsafe values.assumingMemoryBound(to: Float.self)[pixel])
    }
}
