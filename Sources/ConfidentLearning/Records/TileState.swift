internal import CPixelKernels

/// The scratch memory of one thread for one tile, at fixed addresses that the kernels write to.
///
/// Every array has room for `PlaneTile.capacity` pixels, and `PlaneTile.check(in:)` makes sure that a kernel gets no
/// more. This object owns the memory and frees it; no kernel keeps a pointer. Raw values are float or, for float64
/// planes, double.
@safe final class TileState {
    /// For every pixel, the probability of its predicted label, that of its given label, and its predicted class.
    let maximum = UnsafeMutableRawPointer.allocate(byteCount: 8 * PlaneTile.capacity, alignment: 64)
    let given = UnsafeMutableRawPointer.allocate(byteCount: 8 * PlaneTile.capacity, alignment: 64)
    let argmax = UnsafeMutablePointer<Int32>.allocate(capacity: PlaneTile.capacity)
    /// What collecting finds.
    let selfConfidence = UnsafeMutableRawPointer.allocate(byteCount: 8 * PlaneTile.capacity, alignment: 64)
    let predictedConfidence = UnsafeMutableRawPointer.allocate(byteCount: 8 * PlaneTile.capacity, alignment: 64)
    let predictedLabel = UnsafeMutablePointer<UInt16>.allocate(capacity: PlaneTile.capacity)
    let givenLabel = UnsafeMutablePointer<UInt16>.allocate(capacity: PlaneTile.capacity)
    let candidateBits = UnsafeMutablePointer<UInt64>.allocate(capacity: PlaneTile.capacity / 64)
    let contestedBits = UnsafeMutablePointer<UInt64>.allocate(capacity: PlaneTile.capacity / 64)

    deinit {
        unsafe maximum.deallocate()
        unsafe selfConfidence.deallocate()
        unsafe predictedConfidence.deallocate()
        unsafe argmax.deallocate()
        unsafe predictedLabel.deallocate()
        unsafe givenLabel.deallocate()
        unsafe given.deallocate()
        unsafe candidateBits.deallocate()
        unsafe contestedBits.deallocate()
    }

    /// Fills `maximum`, `argmax` and `given` by the loops of a path that is not the portable one. Returns true when the
    /// tile needs a second look.
    func kernelArgmax(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, bounds: mlk_bounds, path: KernelPath,
        isCollected: Bool = true
    ) -> Bool {
        #if arch(x86_64)
        return unsafe bytes.withUnsafeBytes { raw in
            unsafe labels.withUnsafeBufferPointer { labels in
                guard let base = raw.baseAddress, let labels = labels.baseAddress
                else { return false }
                return unsafe mlk_argmax(
                    path.kernelPath, tile.kernelTile(at: base, isCollected: isCollected), labels, bounds, maximum,
                    argmax, given)
            }
        }
        #else
        return portableArgmax(tile, in: bytes, labels: labels, bounds: bounds)
        #endif
    }

    /// As `kernelArgmax`, in plain Swift.
    func portableArgmax(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, bounds: mlk_bounds
    ) -> Bool {
        func pick<Value>(_ type: Value.Type, _ load: (Int) -> Value, zero: Value) {
            let values = unsafe given.assumingMemoryBound(to: type)
            for pixel in labels.indices {
                let label = Int(labels[pixel])
                unsafe values[pixel] = label < 0 ? zero : load(tile.offset + label * tile.stride + pixel)
            }
        }
        switch tile.type {
        case .float16:
            pick(
                Float.self,
                { mlk_half_to_float(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)) },
                zero: 0)
        case .float32:
            pick(Float.self, { unsafe bytes.unsafeLoadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }, zero: 0)
        case .float64:
            pick(Double.self, { unsafe bytes.unsafeLoadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }, zero: 0)
        }
        let classes = unsafe UnsafeMutableBufferPointer(start: argmax, count: PlaneTile.capacity)
        if tile.type == .float64 {
            return unsafe PortableArgmax.wide(
                tile, in: bytes, bounds: bounds,
                maximum: UnsafeMutableBufferPointer(
                    start: maximum.assumingMemoryBound(to: Double.self), count: PlaneTile.capacity),
                argmax: classes)
        }
        return unsafe PortableArgmax.narrow(
            tile, in: bytes, bounds: bounds,
            maximum: UnsafeMutableBufferPointer(
                start: maximum.assumingMemoryBound(to: Float.self), count: PlaneTile.capacity),
            argmax: classes)
    }

    /// Appends one bit per pixel, set where the pixel is contested, and both labels of the contested pixels.
    func appendContested(labels: Span<Int32>, to record: inout FullSizeRecord) {
        let found = unsafe labels.withUnsafeBufferPointer { labels -> Int in
            guard let base = labels.baseAddress else { return 0 }
            return unsafe Int(
                mlk_contested(base, argmax, UInt32(labels.count), contestedBits, givenLabel, predictedLabel))
        }
        let words = (labels.count + 63) / 64
        unsafe record.contested.append(contentsOf: UnsafeBufferPointer(start: contestedBits, count: words))
        unsafe record.given.append(contentsOf: UnsafeBufferPointer(start: givenLabel, count: found))
        unsafe record.predicted.append(contentsOf: UnsafeBufferPointer(start: predictedLabel, count: found))
    }

    /// Adds the tile to `totals` and `histogram`, and its candidates to `record`. Returns how many pixels are counted.
    func collect(
        _ tile: PlaneTile, in bytes: RawSpan, labels: Span<Int32>, candidateBound: Double, path: KernelPath,
        totals: inout ThresholdAccumulator, histogram: inout [UInt64], into record: inout CandidateRecord
    ) -> Int {
        var out = unsafe mlk_collected(
            candidates: candidateBits, contested: contestedBits, self_confidence: selfConfidence,
            predicted_confidence: predictedConfidence, predicted_label: predictedLabel, given_label: givenLabel,
            candidate_count: 0, contested_count: 0)
        var counted: UInt32 = 0
        unsafe totals.sumWords.withUnsafeMutableBufferPointer { sums in
            unsafe totals.countWords.withUnsafeMutableBufferPointer { counts in
                unsafe histogram.withUnsafeMutableBufferPointer { histogram in
                    unsafe labels.withUnsafeBufferPointer { labels in
                        unsafe bytes.withUnsafeBytes { raw in
                            guard let base = raw.baseAddress, let labelBase = labels.baseAddress,
                                let sumBase = sums.baseAddress, let countBase = counts.baseAddress,
                                let binBase = histogram.baseAddress
                            else { return }
                            let words = unsafe mlk_totals(
                                sums: sumBase, counts: countBase, histogram: binBase, classes: UInt32(counts.count))
                            let pixels = unsafe mlk_predicted(
                                labels: labelBase, maximum: maximum, argmax: argmax, given: given)
                            counted = unsafe mlk_collect(
                                path.kernelPath, tile.kernelTile(at: base, isCollected: true), pixels, candidateBound,
                                words, &out)
                        }
                    }
                }
            }
        }
        let words = (tile.count + 63) / 64
        let candidates = unsafe Int(out.candidate_count)
        let contested = unsafe Int(out.contested_count)
        record.pixelCount += tile.count
        unsafe record.candidateBits.append(contentsOf: UnsafeBufferPointer(start: candidateBits, count: words))
        unsafe record.contestedBits.append(contentsOf: UnsafeBufferPointer(start: contestedBits, count: words))
        if record.isWide {
            unsafe record.selfConfidence.wide.append(contentsOf: elements(selfConfidence, candidates))
            unsafe record.predictedConfidence.wide.append(contentsOf: elements(predictedConfidence, contested))
        } else {
            unsafe record.selfConfidence.narrow.append(contentsOf: elements(selfConfidence, candidates))
            unsafe record.predictedConfidence.narrow.append(contentsOf: elements(predictedConfidence, contested))
        }
        unsafe record.predicted.append(contentsOf: UnsafeBufferPointer(start: predictedLabel, count: contested))
        unsafe record.given.append(contentsOf: UnsafeBufferPointer(start: givenLabel, count: contested))
        return Int(counted)
    }

    private func elements<Value>(_ start: UnsafeMutableRawPointer, _ count: Int) -> UnsafeBufferPointer<Value> {
        unsafe UnsafeBufferPointer(start: start.assumingMemoryBound(to: Value.self), count: count)
    }
}
