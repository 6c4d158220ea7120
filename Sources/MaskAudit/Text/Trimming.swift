/// A text without blanks at its ends, and without a pair of quotes around the rest.
func trimmed(_ text: String) -> String {
    func withoutBlanks(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace || $0 == "\u{feff}" }
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }
    let inner = withoutBlanks(text[...])
    for quote in ["\"", "'"] where inner.count >= 2 && inner.hasPrefix(quote) && inner.hasSuffix(quote) {
        return String(withoutBlanks(inner.dropFirst().dropLast()))
    }
    return String(inner)
}
