/// The natural logarithm of a positive number, by additions, products and quotients alone: the same bits on every processor,
/// which a C library does not promise.
///
/// x = 2^n m with m between the square roots of 1/2 and 2, and ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m - 1) / (m + 1).
/// From s^23 on the terms are below 2^-56 of the sum.
/// **Edge cases.** For finite numbers above 0; subnormals too.
/// **Cost.** About thirty operations; at most two units in the last place off.
/// **Source.** The series of the inverse hyperbolic tangent.
public func naturalLogarithm(_ value: Double) -> Double {
    var exponent = Double(value.exponent)
    var significand = value.significand
    if significand > 1.4142135623730951 {
        significand /= 2
        exponent += 1
    }
    let s = (significand - 1) / (significand + 1)
    let z = s * s
    var sum = z / 21
    sum = (sum + 1.0 / 19) * z
    sum = (sum + 1.0 / 17) * z
    sum = (sum + 1.0 / 15) * z
    sum = (sum + 1.0 / 13) * z
    sum = (sum + 1.0 / 11) * z
    sum = (sum + 1.0 / 9) * z
    sum = (sum + 1.0 / 7) * z
    sum = (sum + 1.0 / 5) * z
    sum = (sum + 1.0 / 3) * z
    // ln 2 in two parts, of which the first has so few digits that its products with exponents are exact.
    return exponent * 0x1.62e42feep-1 + (2 * s + (2 * s * sum + exponent * 0x1.a39ef35793c76p-33))
}
