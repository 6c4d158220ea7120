/// Numbers as people read them, without a locale: 1234567 as `1,234,567`.
public func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
}

/// A number with a fixed count of decimals, rounded half away from zero.
public func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    // Both parts are exact integers: below 2^53 by the guard, or the fraction is beyond the double anyway.
    let whole = (scaled / scale).rounded(.down)
    let fraction = Int(scaled - whole * scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(Int(whole)) }
    let digits = String(max(0, fraction))
    return sign + String(Int(whole)) + "." + String(repeating: "0", count: max(0, decimals - digits.count)) + digits
}

/// A rate as a percentage: two decimals, more where they would be zeros.
public func percent(_ rate: Double) -> String {
    let value = rate * 100
    return fixed(value, decimals: value != 0 && abs(value) < 0.1 ? 4 : 2) + " %"
}
