internal import CHostSystem
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

    /// The arguments of this process as they were given, without its own name.
    ///
    /// Swift's `CommandLine` is asked only where the system does not hand arguments out before `main`: on Linux it reads
    /// /proc/self/cmdline, and has no arguments where it cannot.
    public static var arguments: [ByteName] {
        let count = host_argument_count()
        guard count >= 0 else { return CommandLine.arguments.dropFirst().map { ByteName(Array($0.utf8)) } }
        return (0..<count).dropFirst().map { index in
            let argument = unsafe host_argument(index)
            return unsafe ByteName([UInt8](UnsafeRawBufferPointer(start: argument, count: strlen(argument))))
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
