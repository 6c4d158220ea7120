package import CHostSystem
internal import Libc

extension FileError {
    /// What the C layer reported, as the error of a file.
    package init(_ code: Code, _ failure: host_failure, file: String, member: String? = nil) {
        self.init(
            code, file: file, member: member, byteOffset: failure.byte_offset >= 0 ? Int(failure.byte_offset) : nil,
            found: failure.found, expected: failure.expected,
            text: unsafe withUnsafePointer(to: failure) { unsafe String(cString: host_failure_text($0)) },
            systemError: failure.system_errno)
    }

    /// Runs a call of the C layer and throws what it reports.
    package static func check(
        file: String, _ call: (inout host_failure) -> host_status
    ) throws(FileError) {
        var failure = host_failure()
        let status = call(&failure)
        if status != .HOST_OK {
            throw FileError(Code(status, systemError: failure.system_errno), failure, file: file)
        }
    }
}

extension FileError.Code {
    package init(_ status: host_status, systemError: Int32) {
        switch status {
        case .HOST_OK, .HOST_INTERNAL: self = .internal
        case .HOST_SYSTEM_ERROR: self.init(systemError: systemError)
        case .HOST_NO_MEMORY: self = .outOfMemory
        case .HOST_IS_FOLDER: self = .folder
        case .HOST_NOT_REGULAR: self = .notRegularFile
        case .HOST_CHANGED: self = .changed
        case .HOST_ENDS_EARLY: self = .endsEarly
        @unknown default: self = .internal
        }
    }

    /// - Parameter systemError: the errno of a failed call.
    package init(systemError: Int32) {
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
    }
}

extension FileError {
    /// The handle that a call of the C layer makes.
    package static func made(
        file: String, _ call: (inout OpaquePointer?, inout host_failure) -> host_status
    ) throws(FileError) -> OpaquePointer {
        var handle: OpaquePointer?
        try check(file: file) { unsafe call(&handle, &$0) }
        // A call that reports success has made one.
        guard let handle = unsafe handle else { throw FileError(.internal, file: file, text: "no handle") }
        return unsafe handle
    }
}
