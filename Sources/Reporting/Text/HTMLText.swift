/// Text as it stands in an element or a quoted attribute of HTML or XML: nothing in it is markup any more.
func escapedForHTML(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        case "'": out += "&#39;"
        // HTML and XML have no way to write these.
        case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t", "\u{7f}", "\u{fffe}", "\u{ffff}":
            out += "\u{fffd}"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out
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

/// A count with its noun: `1 pixel`, `1,200 pixels`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

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
