import Libc
import TestSupport
import Testing

@testable import ConfidentLearning

@Suite struct PlaneLoadingTests {
    func softmax(_ logits: [[Double]]) -> [[Double]] {
        let classCount = logits[0].count
        var planes = [Double](repeating: .nan, count: classCount * PlaneTile.capacity)
        for (pixel, values) in logits.enumerated() {
            for (classIndex, value) in values.enumerated() { planes[classIndex * PlaneTile.capacity + pixel] = value }
        }
        PlaneLoading.softmax(&planes, classCount: classCount, count: logits.count)
        return logits.indices.map { pixel in (0..<classCount).map { planes[$0 * PlaneTile.capacity + pixel] } }
    }

    /// exp(v - max) / sum by the C library.
    func reference(_ logits: [Double]) -> [Double] {
        let maximum = logits.max() ?? 0
        let parts = logits.map { exp($0 - maximum) }
        let sum = parts.reduce(0, +)
        return parts.map { $0 / sum }
    }

    @Test("softmax is right to 1e-15 of each value, over the whole range", arguments: [0.01, 1, 10, 100, 700])
    func accuracy(spread: Double) {
        var random = SplitMix(seed: UInt64(spread * 100))
        var worst = 0.0
        let logits = (0..<500).map { _ in (0..<4).map { _ in (random.unit() - 0.5) * spread } }
        for (values, found) in zip(logits, softmax(logits)) {
            for (value, wanted) in zip(found, reference(values)) { worst = max(worst, abs(value - wanted) / wanted) }
        }
        #expect(worst <= 1e-15, "worst relative error \(worst)")
    }

    @Test(
        "logits as large as 900 either way are shifted by their maximum", arguments: [-900.0, 900, 1e6, -1e6, 0x1p60])
    func shift(by offset: Double) {
        let values = [1.0, -2, 0.5]
        // Not with 2^60, where the sum loses the small part; but all equal there.
        let shifted = values.map { $0 + offset }
        let found = softmax([shifted, values])
        for (value, wanted) in zip(found[0], reference(shifted)) { #expect(abs(value - wanted) <= 1e-15) }
        for (value, wanted) in zip(found[1], reference(values)) { #expect(abs(value - wanted) <= 1e-15) }
    }

    @Test("minus infinity is probability 0, and so is all that exp flushes")
    func minusInfinity() {
        #expect(
            softmax([[0, -.infinity], [-.infinity, 3], [0, -709], [0, -1e300], [-1e308, 1e308]])
                == [[1, 0], [0, 1], [1, 0], [1, 0], [0, 1]])
        #expect(softmax([[-.infinity, 0, 0]]) == [[0, 0.5, 0.5]])
        let small = softmax([[0, -700]])[0][1]
        #expect(abs(small / exp(-700.0) - 1) < 1e-15)
    }

    @Test(
        "logits without a softmax give NaN in some class and leave the neighbours alone",
        arguments: [
            [.nan, 0, 1], [0, .nan, 1], [0, 1, .nan], [.infinity, 0, 0], [0, 0, .infinity],
            [-.infinity, -.infinity, -.infinity],
        ] as [[Double]])
    func undefined(logits: [Double]) {
        let found = softmax([[0, 0, 0], logits, [1, 1, 1]])
        #expect(found[1].contains { $0.isNaN })
        let third = reference([0, 0, 0])
        #expect(found[0] == third)
        #expect(found[2] == third)
    }

    @Test("one class has probability 1")
    func oneClass() { #expect(softmax([[-3], [0], [800]]) == [[1], [1], [1]]) }

    @Test("all 65,536 float16 values are widened exactly")
    func halves() {
        for bits in UInt16.min...UInt16.max {
            let found = PlaneLoading.widened(half: bits)
            let wanted = halfValue(bits)
            if wanted.isNaN {
                #expect(found.isNaN)
            } else if found.bitPattern != wanted.bitPattern {
                Issue.record("\(bits): \(found), not \(wanted)")
            }
            #if !(os(macOS) && arch(x86_64))
            let native = Double(Float16(bitPattern: bits))
            if native.isNaN ? !found.isNaN : found != native {
                Issue.record("\(bits): \(found), Float16 has \(native)")
            }
            #endif
        }
    }

    @Test("the kernel widens float16 as the conversion does")
    func kernelHalves() {
        // Every finite value up to 65,504, as the maximum of its pixel; zeros beside it. 31,744 values are below infinity.
        let step = PlaneTile.capacity
        for start in stride(from: 0, to: 31_744, by: step) {
            let count = min(step, 31_744 - start)
            var bytes: [UInt8] = []
            for bits in start..<start + count { bytes += little(bits, 2) }
            bytes += [UInt8](repeating: 0, count: 2 * count)
            let tile = PlaneTile(type: .float16, classCount: 2, offset: 0, stride: count, count: count)
            let scanner = PixelScanner(classCount: 2, check: .unnormalized, keepsVectors: false)
            var record = CandidateRecord(isWide: false)
            let labels = [Int32](repeating: 1, count: count)
            #expect(throws: Never.self) {
                try unsafe scanner.scan(tile, in: bytes.span.bytes, labels: labels.span, into: &record)
            }
            let expected = (start..<start + count).map { Float(halfValue(UInt16($0))) }
            #expect(record.predictedConfidence.narrow == expected)
        }
    }

    @Test("gathering takes strided elements, swapped on request", arguments: [1, 2, 4, 8])
    func gather(size: Int) {
        let source = (0..<240).map { UInt8($0) }
        for swap in [false, true] {
            var planes = [UInt8](repeating: 255, count: 3 * 7 * size)
            unsafe PlaneLoading.gather(
                from: source.span.bytes, offset: 1, elementByteCount: size, swap: swap, classStride: 2, pixelStride: 5,
                classCount: 3, pixelCount: 4, into: &planes, at: 2, tileStride: 7)
            for classIndex in 0..<3 {
                for pixel in 0..<7 {
                    let to = (classIndex * 7 + pixel) * size
                    let found = Array(planes[to..<to + size])
                    guard (2..<6).contains(pixel) else {
                        #expect(found == [UInt8](repeating: 255, count: size))
                        continue
                    }
                    let from = (1 + classIndex * 2 + (pixel - 2) * 5) * size
                    let element = Array(source[from..<from + size])
                    #expect(found == (swap ? element.reversed() : element))
                }
            }
        }
    }

    @Test("widening keeps values and places", arguments: [PlaneType.float16, .float32, .float64])
    func widen(type: PlaneType) {
        let planes = Planes(type, classCount: 3, count: 20, gap: 3, offset: 2) { Double($0 * 20 + $1) / 64 }
        var wide: [Double] = []
        unsafe PlaneLoading.widen(planes.tile, in: planes.bytes.span.bytes, into: &wide)
        var copy = [Double](repeating: -1, count: 3 * 30)
        unsafe PlaneLoading.copy(planes.tile, in: planes.bytes.span.bytes, into: &copy, at: 5, stride: 30)
        for classIndex in 0..<3 {
            let expected = (0..<20).map { Double(classIndex * 20 + $0) / 64 }
            #expect(Array(wide[classIndex * PlaneTile.capacity..<classIndex * PlaneTile.capacity + 20]) == expected)
            #expect(
                Array(copy[classIndex * 30..<(classIndex + 1) * 30])
                    == [Double](repeating: -1, count: 5) + expected + [Double](repeating: -1, count: 5))
        }
    }
}
