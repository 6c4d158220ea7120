public import NumPyFiles

/// Data or a file at fault: what a run ends with instead of a result.
public enum AuditError: Error, Sendable {
    /// A file could not be read or written.
    case file(ArrayFileError)
    /// What a file holds is not what is needed.
    case input(InputFault)
}

/// A fault of content, as facts: which file, where in it, what was found, and what to do about it.
public struct InputFault: Sendable, Equatable {
    /// File, with the member in brackets for an archive.
    public var file: String
    /// What was found and where, and what was needed.
    public var finding: String
    /// What to do; nil where no action is known.
    public var remedy: String?

    public init(file: String, finding: String, remedy: String? = nil) {
        self.file = file
        self.finding = finding
        self.remedy = remedy
    }
}

extension AuditError: CustomStringConvertible {
    /// One line: file, what and where, remedy.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .input(let fault):
            // Paths of the caller's may hold line breaks.
            escaped("\(fault.file): \(fault.finding)" + (fault.remedy.map { "; \($0)" } ?? ""))
        }
    }

    static func input(_ file: String, _ finding: String, remedy: String? = nil) -> AuditError {
        .input(InputFault(file: file, finding: finding, remedy: remedy))
    }

    /// A file that is no longer what it was when the run began.
    static func changedWhileRead(_ file: String) -> AuditError {
        .input(file, "changed while it was read", remedy: "run again when nothing writes to it")
    }

    /// The value of a call to the file layer, whose faults become those of a run.
    package static func wrapping<R>(_ value: @autoclosure () throws(ArrayFileError) -> R) throws(AuditError) -> R {
        do {
            return try value()
        } catch {
            throw .file(error)
        }
    }

    /// The same for several statements.
    package static func wrapping<R>(_ body: () throws(ArrayFileError) -> R) throws(AuditError) -> R {
        try wrapping(try body())
    }
}
