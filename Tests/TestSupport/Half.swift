/// The bits of the float16 nearest to a value, ties to even; by the format's definition, for machines whose Swift has
/// no `Float16`.
package func halfBits(_ value: Double) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let magnitude = value.magnitude
    if value.isNaN { return 0x7E00 }
    // Half of the last place above 65,504 rounds up, out of range.
    if magnitude >= 65_520 { return sign | 0x7C00 }
    // One unit in the last place is 2^-24 for subnormals and for exponents up to -14.
    let exponent = max(-14, magnitude == 0 ? -14 : Int(magnitude.exponent))
    let unit = Double(sign: .plus, exponent: exponent - 10, significand: 1)
    let units = Int((magnitude / unit).rounded(.toNearestOrEven))
    // A significand that rounded up to 2,048 carries into the exponent by itself.
    return sign | UInt16(units < 1024 ? units : (exponent + 14) << 10 + units)
}

/// The value of a float16 by the format's definition.
package func halfValue(_ bits: UInt16) -> Double {
    let sign: FloatingPointSign = bits & 0x8000 == 0 ? .plus : .minus
    let exponent = Int(bits >> 10 & 31)
    let fraction = Double(bits & 1023)
    let magnitude: Double =
        switch (exponent, fraction) {
        case (31, 0): .infinity
        case (31, _): .nan
        case (0, _): fraction * 0x1p-24
        default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    return sign == .minus ? -magnitude : magnitude
}
