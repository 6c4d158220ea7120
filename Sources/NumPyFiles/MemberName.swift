internal import HostSystem

/// The name of an archive's member: a key, never a path. Whatever leads somewhere as a path is as good as any other.
struct MemberName {
    private let bytes: [UInt8]
    /// The decoded name; nil where the archive says UTF-8 and the bytes are not.
    let text: String?

    /// **Source.** APPNOTE, appendix D: bit 11 says UTF-8, without it names are in code page 437.
    init(bytes: [UInt8], isUTF8: Bool) {
        self.bytes = bytes
        if isUTF8 {
            text = ByteName(bytes).text
        } else {
            var scalars = String.UnicodeScalarView()
            for byte in bytes {
                scalars.append(byte < 0x80 ? Unicode.Scalar(byte) : Self.codePage437[Int(byte) - 0x80])
            }
            text = String(scalars)
        }
    }

    /// The name as messages show it.
    var escaped: String { text.map(escapedForTerminal) ?? ByteName(bytes).escaped }

    /// Whether it ends as the name of an array does.
    var isArray: Bool { bytes.suffix(Self.suffix.count).elementsEqual(Self.suffix) }

    /// Whether it is one of those that macOS adds to archives and folders, beside each file.
    var isMacMetadata: Bool {
        bytes.starts(with: "__MACOSX/".utf8)
            || bytes[(bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...].starts(with: "._".utf8)
    }

    /// What NumPy calls the array: the name without `.npy`.
    ///
    /// **Errors.** a name that is no text, and what `fault(ofKey:)` finds.
    func key(file: String) throws(ArrayFileError) -> String {
        // By bytes: as characters, the dot may be one with what stands before it.
        let key = text.map { isArray ? String(decoding: $0.utf8.dropLast(Self.suffix.count), as: UTF8.self) : $0 }
        guard let key else {
            throw ArrayFileError(
                .memberName, file: file, member: escaped, text: "is not UTF-8, though the archive says so")
        }
        if let fault = Self.fault(ofKey: key) {
            throw ArrayFileError(.memberName, file: file, member: escaped, text: fault)
        }
        return key
    }

    /// What makes a text unusable as the key of an array, read or written; nil for nothing.
    ///
    /// Lists of names have a NUL after each, and many tools end a name there.
    static func fault(ofKey key: String) -> String? { key.utf8.contains(0) ? "holds a NUL" : nil }

    private static let suffix = Array(".npy".utf8)

    /// The upper half of IBM's code page 437.
    private static let codePage437: [Unicode.Scalar] = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars)
}
