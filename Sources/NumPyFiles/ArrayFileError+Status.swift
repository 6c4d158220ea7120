internal import CHostSystem
internal import CNpyIO
internal import HostSystem

extension ArrayFileError {
    /// Runs a call of the C layer and throws what it reports.
    static func check(
        file: String, member: String? = nil, _ call: (inout host_failure) -> npio_status
    ) throws(ArrayFileError) {
        var failure = host_failure()
        let status = call(&failure)
        guard status != .NPIO_OK else { return }
        let code = Code(status, systemError: failure.system_errno)
        guard code == .wrongMagic else { throw ArrayFileError(code, failure, file: file, member: member) }
        // A member's magic is its own first bytes; what those look like is for Swift to say.
        let bytes = (0..<min(Int(failure.expected), 8)).map { UInt8(truncatingIfNeeded: failure.found >> (8 * $0)) }
        throw ArrayFileError(
            bytes.isEmpty ? .empty : .wrongMagic, file: file, member: member,
            found: failure.found, expected: failure.expected, text: FileKind(firstBytes: bytes)?.name ?? "")
    }

    /// The handle that a call of the C layer makes.
    static func made(
        file: String, member: String? = nil, _ call: (inout OpaquePointer?, inout host_failure) -> npio_status
    ) throws(ArrayFileError) -> OpaquePointer {
        var handle: OpaquePointer?
        try check(file: file, member: member) { unsafe call(&handle, &$0) }
        // A call that reports success has made one.
        guard let handle = unsafe handle else { throw ArrayFileError(.internal, file: file, text: "no handle") }
        return unsafe handle
    }
}

extension ArrayFileError.Code {
    init(_ status: npio_status, systemError: Int32) {
        switch status {
        case .NPIO_OK: self = .internal
        case .NPIO_BAD_MAGIC: self = .wrongMagic
        case .NPIO_BAD_VERSION: self = .unsupportedVersion
        case .NPIO_HEADER_TRUNCATED: self = .headerTruncated
        case .NPIO_HEADER_TOO_LONG: self = .headerTooLong
        case .NPIO_HEADER_SYNTAX: self = .headerSyntax
        case .NPIO_HEADER_NOT_DICT: self = .headerNotDict
        case .NPIO_HEADER_NOT_UTF8: self = .headerNotUTF8
        case .NPIO_MISSING_KEY: self = .missingHeaderKey
        case .NPIO_UNEXPECTED_KEY: self = .unexpectedHeaderKey
        case .NPIO_REPEATED_KEY: self = .repeatedHeaderKey
        case .NPIO_BAD_DTYPE: self = .unsupportedDType
        case .NPIO_OBJECT_DTYPE: self = .objectDType
        case .NPIO_STRUCTURED_DTYPE: self = .structuredDType
        case .NPIO_BAD_FORTRAN_ORDER: self = .invalidFortranOrder
        case .NPIO_SHAPE_NOT_TUPLE: self = .shapeNotTuple
        case .NPIO_SHAPE_NOT_INTEGERS: self = .shapeNotIntegers
        case .NPIO_SHAPE_NEGATIVE: self = .shapeNegative
        case .NPIO_SHAPE_TOO_LARGE: self = .shapeTooLarge
        case .NPIO_TOO_MANY_AXES: self = .tooManyAxes
        case .NPIO_DATA_TRUNCATED: self = .dataTruncated
        case .NPIO_NO_END_RECORD: self = .noEndRecord
        case .NPIO_BYTES_AFTER_ARCHIVE: self = .bytesAfterArchive
        case .NPIO_MULTI_DISK: self = .multiDisk
        case .NPIO_DIRECTORY_RANGE: self = .directoryRange
        case .NPIO_ENTRY_COUNT: self = .entryCount
        case .NPIO_ENTRY_SIGNATURE: self = .entrySignature
        case .NPIO_ENTRY_TRUNCATED: self = .entryTruncated
        case .NPIO_ZIP64_RECORD: self = .zip64Record
        case .NPIO_ZIP64_EXTRA: self = .zip64Extra
        case .NPIO_ENCRYPTED: self = .encrypted
        case .NPIO_BAD_METHOD: self = .unsupportedMethod
        case .NPIO_PATCHED: self = .patched
        case .NPIO_LOCAL_OFFSET: self = .localOffset
        case .NPIO_LOCAL_SIGNATURE: self = .localSignature
        case .NPIO_LOCAL_NAME: self = .localName
        case .NPIO_LOCAL_METHOD: self = .localMethod
        case .NPIO_MEMBERS_OVERLAP: self = .membersOverlap
        case .NPIO_MEMBER_RANGE: self = .memberRange
        case .NPIO_STORED_SIZES: self = .storedSizes
        case .NPIO_IMPOSSIBLE_SIZE: self = .impossibleSize
        case .NPIO_DEFLATE_CORRUPT: self = .deflateCorrupt
        case .NPIO_DEFLATE_ENDS_EARLY: self = .deflateEndsEarly
        case .NPIO_MEMBER_TOO_LONG: self = .memberTooLong
        case .NPIO_MEMBER_TOO_SHORT: self = .memberTooShort
        case .NPIO_BYTES_AFTER_DEFLATE: self = .bytesAfterDeflate
        case .NPIO_CRC_MISMATCH: self = .checksumMismatch
        case .NPIO_NAME_TOO_LONG: self = .nameTooLong
        // Numbers below 20 are the host's, which knows what is none of them.
        @unknown default:
            self = host_status(rawValue: status.rawValue).map { Self($0, systemError: systemError) } ?? .internal
        }
    }
}

extension ArrayFileError.Code {
    /// Every code that reading an array may end with, for the test that asks for a test of each.
    package static var all: Set<Self> {
        Set((0..<256).compactMap { npio_status(rawValue: $0) }.map { Self($0, systemError: 0) })
            .union([.empty, .torchFile, .duplicateKey, .memberName])
    }
}
