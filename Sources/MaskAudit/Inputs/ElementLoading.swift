import ConfidentLearning
import NumPyFiles

/// One element of a float array, widened.
func loadFloat(_ bytes: RawSpan, dtype: DType, element: Int) -> Double {
    let at = element * dtype.byteCount
    precondition(at >= 0 && at <= bytes.byteCount - dtype.byteCount, "beyond the bytes")
    switch dtype.byteCount {
    case 2:
        let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self)
        return PlaneLoading.widened(half: dtype.isBigEndian ? UInt16(bigEndian: bits) : UInt16(littleEndian: bits))
    case 4:
        let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)
        return Double(
            Float(bitPattern: dtype.isBigEndian ? UInt32(bigEndian: bits) : UInt32(littleEndian: bits)))
    default:
        let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
        return Double(bitPattern: dtype.isBigEndian ? UInt64(bigEndian: bits) : UInt64(littleEndian: bits))
    }
}

/// One element that holds bfloat16, the upper half of a float32, whatever the array's dtype of two bytes.
func loadBFloat16(_ bytes: RawSpan, dtype: DType, element: Int) -> Double {
    let at = element * 2
    precondition(at >= 0 && at <= bytes.byteCount - 2, "beyond the bytes")
    let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self)
    let half = dtype.isBigEndian ? UInt16(bigEndian: bits) : UInt16(littleEndian: bits)
    return Double(Float(bitPattern: UInt32(half) << 16))
}

/// One element of an array of any dtype as a double; integers beyond 2^53 are rounded.
func loadNumber(_ bytes: RawSpan, dtype: DType, element: Int) -> Double {
    if dtype.kind == .float { return loadFloat(bytes, dtype: dtype, element: element) }
    let size = dtype.byteCount
    let at = element * size
    precondition(at >= 0 && at <= bytes.byteCount - size, "beyond the bytes")
    var bits: UInt64 = 0
    for index in 0..<size {
        let byte = unsafe bytes.unsafeLoad(
            fromByteOffset: at + (dtype.isBigEndian ? index : size - 1 - index), as: UInt8.self)
        bits = bits << 8 | UInt64(byte)
    }
    switch dtype.kind {
    case .bool: return bits == 0 ? 0 : 1
    case .signedInteger:
        let unused = UInt64(64 - 8 * size)
        return Double(Int64(bitPattern: bits << unused) >> Int64(unused))
    default: return Double(bits)
    }
}
