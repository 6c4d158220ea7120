/// Maximum over classes and its class for each pixel of a tile, in plain Swift: the path of machines without a kernel
/// of their own, and the oracle that kernels are tested against.
///
/// Same meaning as `mlk_argmax_*`: the lowest class wins a tie; true when a value is negative or not a number, or a pixel
/// is outside `bounds`. Kernels flag -0.0 as well, which the second look lets pass.
enum PortableArgmax {
    struct Bounds {
        var lowestSum: Double
        var highestSum: Double
        var highestValue: Double
    }

    static func narrow(
        _ tile: PlaneTile, in bytes: RawSpan, bounds: Bounds, maximum: UnsafeMutableBufferPointer<Float>,
        argmax: UnsafeMutableBufferPointer<Int32>
    ) -> Bool {
        if tile.type == .float16 {
            unsafe run(tile, bounds: bounds, maximum: maximum, argmax: argmax) {
                Float(tile.value(classIndex: $0, pixel: $1, in: bytes))
            }
        } else {
            unsafe run(tile, bounds: bounds, maximum: maximum, argmax: argmax) {
                unsafe bytes.unsafeLoadUnaligned(
                    fromByteOffset: (tile.offset + $0 * tile.stride + $1) * 4, as: Float.self)
            }
        }
    }

    static func wide(
        _ tile: PlaneTile, in bytes: RawSpan, bounds: Bounds, maximum: UnsafeMutableBufferPointer<Double>,
        argmax: UnsafeMutableBufferPointer<Int32>
    ) -> Bool {
        unsafe run(tile, bounds: bounds, maximum: maximum, argmax: argmax) {
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: (tile.offset + $0 * tile.stride + $1) * 8, as: Double.self)
        }
    }

    /// Eight pixels at a time through all classes, their state in vector registers; the pixels left over one by one.
    @inline(__always)
    private static func run<Value: BinaryFloatingPoint & SIMDScalar>(
        _ tile: PlaneTile, bounds: Bounds, maximum: UnsafeMutableBufferPointer<Value>,
        argmax: UnsafeMutableBufferPointer<Int32>,
        load: (_ classIndex: Int, _ pixel: Int) -> Value
    ) -> Bool where Value.SIMDMaskScalar: FixedWidthInteger & SignedInteger {
        var isOdd = false
        let lanes = 8
        let whole = tile.count / lanes * lanes
        for start in Swift.stride(from: 0, to: whole, by: lanes) {
            var best = SIMD8<Value>(), sum = SIMD8<Value>()
            var arg = SIMD8<Value.SIMDMaskScalar>()
            var smallest = SIMD8<Value>(repeating: 0)
            for classIndex in 0..<tile.classCount {
                var value = SIMD8<Value>()
                for lane in 0..<lanes { value[lane] = load(classIndex, start + lane) }
                sum += value
                smallest.replace(with: value, where: value .< smallest)
                if classIndex == 0 {
                    best = value
                } else {
                    let above = value .> best
                    best.replace(with: value, where: above)
                    arg.replace(with: SIMD8(repeating: Value.SIMDMaskScalar(classIndex)), where: above)
                }
            }
            for lane in 0..<lanes {
                unsafe maximum[start + lane] = best[lane]
                unsafe argmax[start + lane] = Int32(arg[lane])
                isOdd = isOdd || smallest[lane] < 0 || !isInside(bounds, sum: sum[lane], maximum: best[lane])
            }
        }
        for pixel in whole..<tile.count {
            var best = load(0, pixel)
            var sum = best
            var smallest = best
            var arg = 0
            for classIndex in 1..<max(1, tile.classCount) {
                let value = load(classIndex, pixel)
                sum += value
                smallest = min(smallest, value)
                if value > best {
                    best = value
                    arg = classIndex
                }
            }
            unsafe maximum[pixel] = best
            unsafe argmax[pixel] = Int32(arg)
            isOdd = isOdd || smallest < 0 || !isInside(bounds, sum: sum, maximum: best)
        }
        return isOdd
    }

    /// False for NaN.
    @inline(__always)
    private static func isInside<Value: BinaryFloatingPoint>(_ bounds: Bounds, sum: Value, maximum: Value) -> Bool {
        Double(sum) >= bounds.lowestSum && Double(sum) <= bounds.highestSum && Double(maximum) <= bounds.highestValue
    }
}
