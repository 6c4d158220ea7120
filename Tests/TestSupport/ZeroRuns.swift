/// Deflate data of `first`, then `zeros` zero bytes: one block of fixed codes, a thousandth of what comes out.
///
/// RFC 1951, 3.2.6: literals below 144 are 8 bits from 0x30, 285 (a match of 258) is 0xC5, a distance of one is five zeros.
package func deflatedZeros(after first: [UInt8], count zeros: Int) -> [UInt8] {
    var out = first.isEmpty ? [] : storedDeflate(first)
    // Not the last block.
    if !out.isEmpty { out[0] = 0 }
    var bits: UInt64 = 0
    var used = 0
    func put(_ value: Int, _ count: Int, reversed: Bool = false) {
        for bit in 0..<count {
            let place = reversed ? count - 1 - bit : bit
            bits |= UInt64(value >> place & 1) << UInt64(used)
            used += 1
        }
        while used >= 8 {
            out.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
            used -= 8
        }
    }
    put(3, 3)
    var left = zeros
    func literal() {
        put(0x30, 8, reversed: true)
        left -= 1
    }
    if left > 0 { literal() }
    while left >= 258 {
        put(0xC5, 8, reversed: true)
        put(0, 5)
        left -= 258
    }
    while left > 0 { literal() }
    put(0, 7)
    put(0, 7)
    return out
}

/// The CRC-32 of bytes with the CRC-32 `crc` followed by `count` zero bytes: their remainder times x^(8 count), by
/// squaring. Bit 31 is x^0.
package func crc32(_ crc: UInt32, thenZeros count: Int) -> UInt32 {
    func multiply(_ a: UInt32, _ b: UInt32) -> UInt32 {
        var (product, b): (UInt32, UInt32) = (0, b)
        for bit in 0..<32 {
            if a >> UInt32(31 - bit) & 1 == 1 { product ^= b }
            b = b & 1 == 0 ? b >> 1 : b >> 1 ^ 0xEDB8_8320
        }
        return product
    }
    var (remainder, power, left) = (~crc, UInt32(1) << 23, count)
    while left > 0 {
        if left & 1 == 1 { remainder = multiply(remainder, power) }
        power = multiply(power, power)
        left >>= 1
    }
    return ~remainder
}
