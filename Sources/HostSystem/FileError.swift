/// A fault of a file: which one, where in it, what was found there and what was needed.
///
/// The facts are fields, and `description` makes one line of them. A module that reads files of some kind adds its
/// codes to those of this module.
public struct FileError: Error, Hashable, Sendable {
    /// What went wrong, as far as a caller would act on it. Each code brings the sentence that words its facts.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The C source's own value.
        public let description: String
        let sentence: @Sendable (FileError) -> Sentence

        /// - Parameter sentence: what was found and needed, and what to do, which may be empty. It stands behind the
        ///   place.
        package init(_ name: String, _ sentence: @escaping @Sendable (FileError) -> Sentence) {
            description = name
            self.sentence = sentence
        }

        public static func == (a: Self, b: Self) -> Bool { a.description == b.description }
        public func hash(into hasher: inout Hasher) { hasher.combine(description) }
    }

    package typealias Sentence = (fault: String, remedy: String)

    public let code: Code
    /// The path as it was given; `standard input` and `standard output` for those.
    public let file: String
    /// The member of an archive, escaped for a terminal.
    public let member: String?
    /// The offset in the file; for faults of an NPY header, the offset from the start of the array's own bytes.
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
        expected: UInt64 = 0, text: String = "", systemError: Int32 = 0
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

extension FileError: CustomStringConvertible {
    /// One line: place, what was found, what was needed, what to do.
    public var description: String {
        var place = escapedForTerminal(file)
        if let member { place += "[\(member)]" }
        if let byteOffset { place += " byte \(byteOffset)" }
        let (fault, remedy) = code.sentence(self)
        return remedy.isEmpty ? "\(place): \(fault)" : "\(place): \(fault); \(remedy)"
    }
}
