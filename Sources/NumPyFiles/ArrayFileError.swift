/// A fault of a file: which, where, what was found there and what was needed.
///
/// The facts are fields; `description` makes one line of them.
public struct ArrayFileError: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable, CaseIterable {
        // The file as such
        case missing, folder, notRegularFile, empty, permissionDenied, outOfSpace, fileSizeLimit, brokenPipe
        case system
        case outOfMemory, changed, endsEarly, `internal`
        /// `text` says what the file looks like, empty when it looks like nothing known.
        case wrongMagic
        case torchFile
        // Text files
        case textTooLong, textNotUTF8
        // NPY
        case unsupportedVersion, headerTruncated, headerTooLong, headerSyntax, headerNotDict, headerNotUTF8
        case missingHeaderKey, unexpectedHeaderKey, repeatedHeaderKey
        case unsupportedDType, objectDType, structuredDType
        case invalidFortranOrder, shapeNotTuple, shapeNotIntegers, shapeNegative, shapeTooLarge, tooManyAxes
        case dataTruncated
        // ZIP
        case noEndRecord, bytesAfterArchive, multiDisk, directoryRange, entryCount, entrySignature, entryTruncated
        case zip64Record, zip64Extra, encrypted, unsupportedMethod, patched
        case localOffset, localSignature, localName, localMethod, membersOverlap, memberRange
        case storedSizes, impossibleSize, duplicateKey
        // Contents of members
        case deflateCorrupt, deflateEndsEarly, memberTooLong, memberTooShort, bytesAfterDeflate, checksumMismatch
        // Writing
        case nameTooLong
    }

    public let code: Code
    /// The path as it was given; `standard input` and `standard output` for those.
    public let file: String
    /// The member of an archive, escaped for a terminal.
    public let member: String?
    /// In the file; for faults of an NPY header from the start of the array's own bytes.
    public let byteOffset: Int?
    /// What a number in the file was, in the units of `code`.
    public let found: UInt64
    public let expected: UInt64
    /// What was found as text, escaped for a terminal: a dtype, a key, a name, a failed call.
    public let text: String
    /// errno, 0 where no system call failed.
    public let systemError: Int32

    package init(
        _ code: Code, file: String, member: String? = nil, byteOffset: Int? = nil, found: UInt64 = 0,
        expected: UInt64 = 0,
        text: String = "", systemError: Int32 = 0
    ) {
        self.code = code
        self.file = file
        self.member = member
        self.byteOffset = byteOffset
        self.found = found
        self.expected = expected
        self.text = text
        self.systemError = systemError
    }
}
