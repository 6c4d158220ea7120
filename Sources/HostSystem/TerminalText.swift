/// A text that is safe to print on a terminal, on one line: control, format and other invisible characters become
/// `\u{...}`. A text that holds such escapes already stays as it is.
public func escapedForTerminal(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            out += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            out.unicodeScalars.append(scalar)
        }
    }
    return out
}
