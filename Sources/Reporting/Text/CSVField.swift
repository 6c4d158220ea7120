/// Text as a field of a CSV line.
///
/// Spreadsheets take a field that begins like a formula for one, whatever quotes are around it, so an apostrophe goes in
/// front, as people type it to enter text. Control characters become `\u{...}`: a table has one row per line, and shows
/// nothing else on a terminal. `textOfCSVField` gives the text back.
///
/// **Source.** RFC 4180 for quotes, which stand around semicolons too, as many spreadsheets split at these; OWASP, "CSV
/// Injection", for the first characters.
func csvField(_ text: String) -> String {
    var field = ""
    if let first = text.unicodeScalars.first, isFormulaStart(first) || first == "'" { field += "'" }
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
        if scalar.properties.generalCategory == .control {
            field += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else if scalar == "\\" && rest.starts(with: "u{".unicodeScalars) {
            field += "\\u{5c}"
        } else {
            field.unicodeScalars.append(scalar)
        }
    }
    guard field.unicodeScalars.contains(where: { $0 == "," || $0 == ";" || $0 == "\"" }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
}

/// The text that `csvField` made a field of, once its quotes are gone. Text that others wrote stays as it is, unless it
/// holds what `csvField` would have written.
func textOfCSVField(_ field: String) -> String {
    var rest = field.unicodeScalars[...]
    if rest.first == "'", let second = rest.dropFirst().first, isFormulaStart(second) || second == "'" {
        rest.removeFirst()
    }
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
        if scalar == "\\", rest.starts(with: "u{".unicodeScalars), let end = rest.firstIndex(of: "}") {
            let digits = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
            if digits.allSatisfy(\.properties.isASCIIHexDigit), let value = UInt32(String(digits), radix: 16),
                let escaped = Unicode.Scalar(value)
            {
                text.append(escaped)
                rest = rest[rest.index(after: end)...]
                continue
            }
        }
        text.append(scalar)
    }
    return String(text)
}

/// Whether a field that begins with a character is a formula to a spreadsheet; the wide forms are to some.
private func isFormulaStart(_ scalar: Unicode.Scalar) -> Bool { "=+-@＝＋－＠".unicodeScalars.contains(scalar) }
