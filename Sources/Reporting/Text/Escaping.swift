import MaskAudit

// How a text from a file, such as the name of an image or a class, goes into a document: one function a language.
// JSON has `ByteText.append(json:)`, CSV `csvField`, a line for people `printable`.

/// Text as it stands in an element or a quoted attribute of HTML or XML: nothing in it is markup.
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

/// Text as it stands in a cell of a Markdown table: one line, of bounded length, without markup.
func escapedForMarkdown(_ text: String) -> String {
    var out = ""
    for scalar in printable(text).unicodeScalars {
        switch scalar {
        // HTML, of which code hosts let some through.
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "&": out += "&amp;"
        case "|", "\\", "`", "*", "_", "[", "]", "~", "#", "@", "!", "$":
            out += "\\"
            out.unicodeScalars.append(scalar)
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out
}
