import TestSupport

/// strace, which shows a program's system calls and makes them fail.
enum Strace {
    /// Whether it is installed and may trace.
    static let isThere: Bool = (try? shell("strace -o /dev/null true"))?.status == 0

    /// How many lines of a trace hold a text.
    static func lines(_ trace: [UInt8], with text: String) -> Int {
        String(decoding: trace, as: UTF8.self).split(separator: "\n").count { $0.contains(text) }
    }
}
