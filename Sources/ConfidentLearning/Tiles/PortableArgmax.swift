internal import CPixelKernels

/// The maximum over classes and its class for each pixel of a tile, in plain Swift. This is the path of machines
/// without kernels of their own, and what the kernels are tested against.
///
/// The meaning is that of `mlk_argmax`: the lowest class wins a tie, and the result is true when a value is negative or
/// not a number or a pixel is outside `bounds`. Kernels return true for -0.0 as well, which the second look then
/// accepts.
enum PortableArgmax {
    static func narrow(
        _ tile: PlaneTile, in bytes: RawSpan, bounds: mlk_bounds, maximum: UnsafeMutableBufferPointer<Float>,
        argmax: UnsafeMutableBufferPointer<Int32>
    ) -> Bool {
        if tile.type == .float16 {
            return unsafe run(tile, bounds: bounds, maximum: maximum, argmax: argmax) { element in
                widened(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: element * 2, as: SIMD8<UInt16>.self))
            } one: { element in
                mlk_half_to_float(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: element * 2, as: UInt16.self))
            }
        }
        return unsafe run(tile, bounds: bounds, maximum: maximum, argmax: argmax) { element in
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: element * 4, as: SIMD8<Float>.self)
        } one: { element in
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: element * 4, as: Float.self)
        }
    }

    static func wide(
        _ tile: PlaneTile, in bytes: RawSpan, bounds: mlk_bounds, maximum: UnsafeMutableBufferPointer<Double>,
        argmax: UnsafeMutableBufferPointer<Int32>
    ) -> Bool {
        unsafe run(tile, bounds: bounds, maximum: maximum, argmax: argmax) { element in
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: element * 8, as: SIMD8<Double>.self)
        } one: { element in
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: element * 8, as: Double.self)
        }
    }

    /// Eight float16 as float, exactly. The bits of a half, shifted up, are those of its value times 2^-112, subnormals
    /// included. Only infinities and NaN need their exponent set.
    @inline(__always)
    private static func widened(_ halves: SIMD8<UInt16>) -> SIMD8<Float> {
        let bits = SIMD8<UInt32>(truncatingIfNeeded: halves)
        let magnitude = (bits & 0x7fff) &<< 13
        let scaled = unsafe unsafeBitCast(magnitude, to: SIMD8<Float>.self) * 0x1p112
        let special = (bits & 0x7c00) .== 0x7c00
        var value = unsafe unsafeBitCast(scaled, to: SIMD8<UInt32>.self)
        value.replace(with: magnitude | 0x7f80_0000, where: special)
        return unsafe unsafeBitCast(value | (bits & 0x8000) &<< 16, to: SIMD8<Float>.self)
    }

    /// `b` where the mask is set and `a` elsewhere. It works on bits, because `replace(with:where:)` is a loop over
    /// lanes.
    @inline(__always)
    private static func blend<Value: SIMDScalar>(
        _ a: SIMD8<Value>, _ b: SIMD8<Value>, _ mask: SIMDMask<SIMD8<Value.SIMDMaskScalar>>
    ) -> SIMD8<Value> where Value.SIMDMaskScalar: FixedWidthInteger & SignedInteger {
        typealias Bits = SIMD8<Value.SIMDMaskScalar>
        let bits = unsafe unsafeBitCast(mask, to: Bits.self)
        let low = unsafe unsafeBitCast(a, to: Bits.self)
        let high = unsafe unsafeBitCast(b, to: Bits.self)
        return unsafe unsafeBitCast((low & ~bits) | (high & bits), to: SIMD8<Value>.self)
    }

    /// Takes eight pixels at a time through all classes, with their state in vector registers, and then the pixels that
    /// are left over one by one.
    ///
    /// - Parameters:
    ///   - eight: loads eight neighbouring elements, the first given.
    ///   - one: loads one element.
    @inline(__always)
    private static func run<Value: BinaryFloatingPoint & SIMDScalar>(
        _ tile: PlaneTile, bounds: mlk_bounds, maximum: UnsafeMutableBufferPointer<Value>,
        argmax: UnsafeMutableBufferPointer<Int32>, eight: (Int) -> SIMD8<Value>, one: (Int) -> Value
    ) -> Bool where Value.SIMDMaskScalar: FixedWidthInteger & SignedInteger {
        var isOdd = false
        let lanes = 8
        let whole = tile.count / lanes * lanes
        for start in Swift.stride(from: 0, to: whole, by: lanes) {
            var element = tile.offset + start
            var best = eight(element)
            var sum = best
            var smallest = best
            var arg = SIMD8<Value.SIMDMaskScalar>()
            for classIndex in 1..<max(1, tile.classCount) {
                element += tile.stride
                let value = eight(element)
                sum += value
                smallest = blend(smallest, value, value .< smallest)
                let above = value .> best
                best = blend(best, value, above)
                let bits = unsafe unsafeBitCast(above, to: SIMD8<Value.SIMDMaskScalar>.self)
                arg = (arg & ~bits) | (SIMD8(repeating: Value.SIMDMaskScalar(classIndex)) & bits)
            }
            for lane in 0..<lanes {
                unsafe maximum[start + lane] = best[lane]
                unsafe argmax[start + lane] = Int32(truncatingIfNeeded: arg[lane])
                isOdd = isOdd || smallest[lane] < 0 || !isInside(bounds, sum: sum[lane], maximum: best[lane])
            }
        }
        for pixel in whole..<tile.count {
            var best = one(tile.offset + pixel)
            var sum = best
            var smallest = best
            var arg = 0
            for classIndex in 1..<max(1, tile.classCount) {
                let value = one(tile.offset + classIndex * tile.stride + pixel)
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

    /// Whether a pixel is inside the bounds; false for NaN.
    @inline(__always)
    private static func isInside<Value: BinaryFloatingPoint>(_ bounds: mlk_bounds, sum: Value, maximum: Value) -> Bool {
        Double(sum) >= bounds.lowest_sum && Double(sum) <= bounds.highest_sum && Double(maximum) <= bounds.highest_value
    }
}
