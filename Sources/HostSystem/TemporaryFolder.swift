internal import Libc

/// The folder for temporary files that have no better place: the value of `TMPDIR`, or `/tmp`.
///
/// **Edge cases.** An empty `TMPDIR`, and one that is not UTF-8, count as none.
public func temporaryFolder() -> String {
    temporaryFolder(variable: unsafe getenv("TMPDIR").flatMap { unsafe String(validatingCString: $0) })
}

/// As `temporaryFolder()`, for a value of `TMPDIR`; nil where it is not set.
func temporaryFolder(variable: String?) -> String {
    guard let variable, !variable.isEmpty else { return "/tmp" }
    return variable
}
