internal import CNpyIO

internal import Libc

extension ArrayFileError {
    /// What the C layer reported, as the error of a file.
    init(_ status: npio_status, _ failure: npio_failure, file: String, member: String? = nil) {
        let text = unsafe withUnsafePointer(to: failure) { unsafe String(cString: npio_failure_text($0)) }
        var member = member
        if member == nil, failure.member >= 0 { member = "#\(failure.member)" }
        var code = Code(status, systemError: failure.system_errno)
        // A member's magic is its own first bytes; what those look like is for Swift to say.
        var words = text
        if code == .wrongMagic {
            let bytes = (0..<min(Int(failure.expected), 8)).map { UInt8(truncatingIfNeeded: failure.found >> (8 * $0)) }
            words = FileKind(firstBytes: bytes)?.name ?? ""
            if bytes.isEmpty { code = .empty }
        }
        self.init(
            code, file: file, member: member,
            byteOffset: failure.byte_offset >= 0 ? Int(failure.byte_offset) : nil,
            found: failure.found, expected: failure.expected, text: words, systemError: failure.system_errno)
    }

    /// Runs a call of the C layer and throws what it reports.
    static func check(
        file: String, member: String? = nil, _ call: (inout npio_failure) -> npio_status
    ) throws(ArrayFileError) {
        var failure = npio_failure()
        let status = call(&failure)
        if status != .NPIO_OK { throw ArrayFileError(status, failure, file: file, member: member) }
    }
}

extension ArrayFileError.Code {
    init(_ status: npio_status, systemError: Int32) {
        switch status {
        case .NPIO_OK, .NPIO_INTERNAL: self = .internal
        case .NPIO_SYSTEM_ERROR:
            switch systemError {
            case ENOENT, ENOTDIR: self = .missing
            case EISDIR: self = .folder
            case EACCES, EPERM, EROFS: self = .permissionDenied
            case ENOSPC, EDQUOT: self = .outOfSpace
            case EFBIG: self = .fileSizeLimit
            case EPIPE: self = .brokenPipe
            case ENOMEM: self = .outOfMemory
            default: self = .system
            }
        case .NPIO_NO_MEMORY: self = .outOfMemory
        case .NPIO_IS_FOLDER: self = .folder
        case .NPIO_NOT_REGULAR: self = .notRegularFile
        case .NPIO_CHANGED: self = .changed
        case .NPIO_ENDS_EARLY: self = .endsEarly
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
        @unknown default: self = .internal
        }
    }
}

/// The system's words for an errno.
func systemErrorText(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let start = buffer.baseAddress else { return "error \(code)" }
        return unsafe String(cString: npio_errno_text(code, start, buffer.count))
    }
}
