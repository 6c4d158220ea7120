internal import HostSystem

/// Faults of a ZIP archive as a whole.
extension ArrayFileError.Code {
    public static let noEndRecord = Self("noEndRecord") { _ in
        ("archive is cut: no end of central directory record", FileError.copyAgain)
    }
    public static let bytesAfterArchive = Self("bytesAfterArchive") {
        ("\($0.found) bytes follow the archive's end", FileError.copyAgain)
    }
    public static let multiDisk = Self("multiDisk") { _ in
        ("is one part of an archive on several disks", "join the parts first")
    }
    public static let directoryRange = Self("directoryRange") {
        (
            "central directory would end at byte \($0.found), the file has room to byte \($0.expected)",
            FileError.copyAgain
        )
    }
    public static let entryCount = Self("entryCount") {
        ("central directory has \($0.found) entries, the end record says \($0.expected)", FileError.copyAgain)
    }
    public static let entrySignature = Self("entrySignature") { _ in
        ("no central directory entry where one is needed", FileError.copyAgain)
    }
    public static let entryTruncated = Self("entryTruncated") { _ in
        ("central directory entry is cut", FileError.copyAgain)
    }
    public static let zip64Record = Self("zip64Record") { _ in
        ("zip64 locator leads to no zip64 end record", FileError.copyAgain)
    }
    /// `text` is the key.
    public static let duplicateKey = Self("duplicateKey") {
        ("several members have the key '\($0.text)'", "save each array under a name of its own")
    }
    /// `text` says what is wrong with the name.
    public static let memberName = Self("memberName") {
        ("the array's name \($0.text)", "save the array under another name")
    }
    /// A fault of an archive that is being written.
    public static let nameTooLong = Self("nameTooLong") {
        ("a member name of \($0.found) bytes does not fit, ZIP allows \($0.expected)", "use shorter names")
    }
}

/// Faults of one member: what the directory and its local header say.
extension ArrayFileError.Code {
    public static let zip64Extra = Self("zip64Extra") { _ in
        ("zip64 extra field is missing or too short", saveAgain)
    }
    public static let encrypted = Self("encrypted") { _ in ("is encrypted", "save it without a password") }
    public static let unsupportedMethod = Self("unsupportedMethod") {
        (
            "compression method \(methodText($0.found)), stored or deflated is needed",
            "save it with numpy.savez_compressed"
        )
    }
    public static let patched = Self("patched") { _ in
        ("holds compressed patch data, which is not supported", saveAgain)
    }
    public static let localOffset = Self("localOffset") { _ in
        ("its local header would lie outside the members' part of the file", FileError.copyAgain)
    }
    public static let localSignature = Self("localSignature") { _ in
        ("no local header where the directory says", FileError.copyAgain)
    }
    public static let localName = Self("localName") { _ in
        ("local header gives another name than the directory", saveAgain)
    }
    public static let localMethod = Self("localMethod") {
        ("local header says compression method \($0.found), the directory \($0.expected)", saveAgain)
    }
    public static let membersOverlap = Self("membersOverlap") { _ in ("overlaps another member", saveAgain) }
    public static let memberRange = Self("memberRange") {
        ("\($0.expected) bytes do not fit before the directory, \($0.found) do", FileError.copyAgain)
    }
    public static let storedSizes = Self("storedSizes") {
        ("sizes disagree: stored in \($0.found) bytes, said to hold \($0.expected)", saveAgain)
    }
    public static let impossibleSize = Self("impossibleSize") {
        ("sizes disagree: said to hold \($0.expected) bytes, at most \($0.found) can come out", saveAgain)
    }
}

/// Faults of what a member holds.
extension ArrayFileError.Code {
    public static let deflateCorrupt = Self("deflateCorrupt") {
        ("deflate stream is corrupt (\($0.text))", FileError.copyAgain)
    }
    public static let deflateEndsEarly = Self("deflateEndsEarly") {
        ("deflate stream ends early: \($0.found) of \($0.expected) bytes came out", FileError.copyAgain)
    }
    public static let memberTooLong = Self("memberTooLong") {
        ("sizes disagree: more than the stated \($0.expected) bytes come out", FileError.copyAgain)
    }
    public static let memberTooShort = Self("memberTooShort") {
        ("sizes disagree: \($0.found) bytes come out, \($0.expected) are stated", FileError.copyAgain)
    }
    public static let bytesAfterDeflate = Self("bytesAfterDeflate") {
        ("\($0.found) bytes follow the end of the deflate stream", saveAgain)
    }
    public static let checksumMismatch = Self("checksumMismatch") {
        ("CRC-32 is \(hexadecimal($0.found)), the directory says \(hexadecimal($0.expected))", FileError.copyAgain)
    }
}

private let saveAgain = "save it again with numpy.savez_compressed"

private func methodText(_ method: UInt64) -> String {
    // APPNOTE 4.4.5
    let names: [UInt64: String] = [
        1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd",
    ]
    return names[method].map { "\(method) (\($0))" } ?? "\(method)"
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
}
