internal import HostSystem

/// The name of an archive's member: a key, never a path.
struct MemberName {
    /// The decoded name; nil where the archive says UTF-8 and the bytes are not.
    let text: String?
    /// For messages.
    let escaped: String

    /// **Source.** APPNOTE, appendix D: bit 11 says UTF-8, without it names are in code page 437.
    init(bytes: [UInt8], isUTF8: Bool) {
        if isUTF8 {
            text = String(validating: bytes, as: UTF8.self)
        } else {
            var scalars = String.UnicodeScalarView()
            for byte in bytes {
                scalars.append(byte < 0x80 ? Unicode.Scalar(byte) : Self.codePage437[Int(byte) - 0x80])
            }
            text = String(scalars)
        }
        if let text {
            escaped = escapedForTerminal(text)
        } else {
            escaped = bytes.map {
                (0x20..<0x7F).contains($0) ? String(Unicode.Scalar($0)) : "\\x" + String($0, radix: 16)
            }.joined()
        }
    }

    /// The key that the name gives, nil where it could lead somewhere if it were taken for a path, or would not print.
    ///
    /// A name ends in `.npy` or, for `mayBeArray`, has no suffix at all.
    var key: (text: String, hasSuffix: Bool)? {
        guard let text else { return nil }
        let suffix = ".npy"
        let hasSuffix = text.hasSuffix(suffix)
        let key = hasSuffix ? String(text.dropLast(suffix.count)) : text
        guard Self.isUsable(key) else { return nil }
        if hasSuffix { return (key, true) }
        let name = key.utf8.split(separator: UInt8(ascii: "/")).last
        return name?.contains(UInt8(ascii: ".")) == false ? (key, false) : nil
    }

    private static func isUsable(_ key: String) -> Bool {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String($0) ?? ""
        }
        if parts.contains("") || parts.contains(".") || parts.contains("..") { return false }
        let bytes = Array(key.utf8)
        let isDrive = bytes.count > 1 && bytes[1] == UInt8(ascii: ":")
        return !isDrive && !bytes.contains(UInt8(ascii: "\\")) && escapedForTerminal(key) == key
    }

    /// The upper half of IBM's code page 437.
    private static let codePage437: [Unicode.Scalar] = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars)
}
