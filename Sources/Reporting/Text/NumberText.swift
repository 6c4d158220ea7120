// Numbers as people read them, without a locale.

/// A whole number in groups of three digits: 1234567 as `1,234,567`.
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
    return text.string
}

/// A rate as a percentage: two decimals, four where they would be zeros.
public func percent(_ rate: Double) -> String { percent(rate, decimals: percentDecimals(rate)) }

func percent(_ rate: Double, decimals: Int) -> String { fixed(rate * 100, decimals: decimals) + " %" }

func percentDecimals(_ rate: Double) -> Int { rate != 0 && abs(rate * 100) < 0.1 ? 4 : 2 }

/// A rate that somebody chose, as a percentage in as few decimals as it has: 0.05 as `5 %`, 0.00125 as `0.125 %`.
func shortPercent(_ rate: Double) -> String {
    var text = fixed(rate * 100, decimals: 12)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text + " %"
}

/// The percentage that some of all are; 0 where there are none.
func percent(_ count: Int, of total: Int) -> String { percent(Double(count) / Double(max(1, total))) }

/// A value from 0 to 1 with four decimals, or as many as show two of its digits.
func fraction(_ value: Double) -> String {
    var decimals = 4
    var scaled = value * 1000
    while value > 0 && scaled < 1 && decimals < 12 {
        decimals += 1
        scaled *= 10
    }
    return fixed(value, decimals: decimals)
}

/// A count with its noun: `1 pixel`, `1,200 pixels`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// A count in at most four characters: 999, 1k, 1.2k, 12k, 3.4M.
func compact(_ count: Int) -> String {
    let units = [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")]
    for (size, letter) in units where Double(count) >= Double(size) * 0.9995 {
        let value = Double(count) / Double(size)
        let text = fixed(value, decimals: value < 9.95 ? 1 : 0)
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + letter
    }
    return String(count)
}

/// A size in powers of 1,000: `512 B`, `8.9 MB`.
func byteSize(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) B" }
    var value = Double(bytes) / 1000
    for unit in ["kB", "MB", "GB"] {
        if value < 999.5 { return "\(fixed(value, decimals: value < 9.95 ? 1 : 0)) \(unit)" }
        value /= 1000
    }
    return "\(fixed(value, decimals: 1)) TB"
}
