internal import Libc

/// A name as the system or a file gives it: bytes, which are meant to be UTF-8 and may be anything.
public struct ByteName: Hashable, Sendable {
    public let bytes: [UInt8]
    /// Nil where the bytes are not UTF-8.
    public let text: String?

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        text = String(validating: bytes, as: UTF8.self)
    }

    /// What this process was started with, its own name first, as it was given.
    public static var arguments: [ByteName] {
        (0..<Int(CommandLine.argc)).map { index in
            let argument = unsafe CommandLine.unsafeArgv[index]
            return unsafe ByteName(
                argument.map { unsafe [UInt8](UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? [])
        }
    }

    /// For messages: one line, safe on a terminal. Of bytes that are not UTF-8 those beyond ASCII are `\xNN`.
    public var escaped: String {
        if let text { return escapedForTerminal(text) }
        return bytes.map { byte in
            (0x20..<0x7F).contains(byte)
                ? String(Unicode.Scalar(byte)) : (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
        }.joined()
    }
}
