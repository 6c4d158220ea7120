internal import CHostSystem

extension FileError {
    /// What to do about a file that was damaged on its way.
    package static let copyAgain = "copy or export it again"
}

/// Faults of a file as such, whatever it holds.
extension FileError.Code {
    public static let missing = Self("missing") {
        $0.text == "create"
            ? ("cannot be created, its folder does not exist", "create the folder first")
            : ("no such file or folder", "check the path")
    }
    public static let folder = Self("folder") {
        $0.text == "create"
            ? ("is a folder, a file name is needed", "name a file in it")
            : ("is a folder, a file is needed", "name a file in it")
    }
    public static let notRegularFile = Self("notRegularFile") { _ in
        ("is a pipe or device, a regular file is needed", "save it to a file first")
    }
    public static let permissionDenied = Self("permissionDenied") {
        ($0.failedCall, "change its permissions or use another path")
    }
    public static let outOfSpace = Self("outOfSpace") {
        ($0.failedCall, "free some space or write to another disk")
    }
    public static let fileSizeLimit = Self("fileSizeLimit") {
        ($0.failedCall, "raise the file size limit (ulimit -f) or write to another disk")
    }
    public static let brokenPipe = Self("brokenPipe") { _ in ("the reader of the pipe has gone", "") }
    /// A system call failed in a way for which no action is known.
    public static let system = Self("system") { ($0.failedCall, "") }
    public static let outOfMemory = Self("outOfMemory") { _ in
        ("not enough memory or address space", "raise the limit (ulimit -v) or use fewer threads")
    }
    /// `found` and `expected` are sizes, equal where the size stayed as it was.
    public static let changed = Self("changed") {
        $0.found != $0.expected
            ? (
                "changed while it was read: \($0.found) bytes now, \($0.expected) when it was opened",
                "run again when nothing writes to it"
            )
            : ("changed or was replaced while it was read", "run again when nothing writes to it")
    }
    public static let endsEarly = Self("endsEarly") {
        ("ends early: \($0.found) of \($0.expected) bytes were there to read", FileError.copyAgain)
    }
    public static let textTooLong = Self("textTooLong") {
        ("is \($0.found) bytes long, at most \($0.expected) are read", "check that it is the right file")
    }
    public static let textNotUTF8 = Self("textNotUTF8") { _ in ("is not UTF-8 text", "save it as UTF-8") }
    /// A rule of ours was broken; `text` says which.
    public static let `internal` = Self("internal") { ("internal error (\($0.text))", "please report it") }
}

extension FileError {
    fileprivate var failedCall: String { "cannot \(text): \(systemErrorText(systemError))" }
}

/// The system's words for an errno.
private func systemErrorText(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let start = buffer.baseAddress else { return "error \(code)" }
        return unsafe String(cString: host_errno_text(code, start, buffer.count))
    }
}
