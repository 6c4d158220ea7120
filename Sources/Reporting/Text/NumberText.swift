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
    var text = ByteText()
    text.append(fixed: value, decimals: decimals)
    return String(decoding: text.bytes, as: UTF8.self)
}

/// A rate as a percentage: two decimals, more where they would be zeros.
public func percent(_ rate: Double) -> String {
    let value = rate * 100
    return fixed(value, decimals: value != 0 && abs(value) < 0.1 ? 4 : 2) + " %"
}
