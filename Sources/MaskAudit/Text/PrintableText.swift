/// A name from a file as one harmless line: control characters are escaped, and the length is bounded.
public func printable(_ name: String) -> String {
    let limit = 120
    let text = escaped(String(name.unicodeScalars.prefix(limit)))
    return name.unicodeScalars.count > limit ? text + "..." : text
}

/// Text as one harmless line: control characters are escaped. What is escaped already stays as it is.
func escaped(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            text += "\\u{" + String(scalar.value, radix: 16) + "}"
        default:
            text.unicodeScalars.append(scalar)
        }
    }
    return text
}

/// A name in single quotes, made printable.
func quoted(_ name: String) -> String {
    "'" + printable(name) + "'"
}
