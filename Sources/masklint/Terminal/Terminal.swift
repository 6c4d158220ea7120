import HostSystem
import Libc
import MaskAudit

/// Standard output and standard error, unbuffered; a closed pipe is nobody's fault.
enum Terminal {
    static var isInputTerminal: Bool { isatty(0) == 1 }
    static var isErrorTerminal: Bool { isatty(2) == 1 }
    static var isOutputTerminal: Bool { isatty(1) == 1 }

    static func ignoreClosedPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Opens /dev/null in place of standard streams that are closed, so that no file of ours takes their numbers and
    /// gets what is printed. For reading only: writing still fails, as to a closed stream.
    static func reserveStandardStreams() {
        var descriptor: Int32 = 0
        while (0...2).contains(descriptor) { descriptor = unsafe open("/dev/null", O_RDONLY) }
        if descriptor > 2 { _ = close(descriptor) }
    }

    /// Prints a result on standard output. A reader who is gone and a stream that is closed are no failure.
    static func show(_ text: String) throws(AuditError) {
        let failure = put(text, descriptor: 1)
        guard failure != 0 && failure != EPIPE && failure != EBADF else { return }
        throw .file(
            FileError(
                .init(systemError: failure), file: "standard output", text: "write", systemError: failure))
    }

    /// Prints a result on standard output, and ends the program with exit code 2 where that fails.
    static func print(_ text: String) {
        do throws(AuditError) {
            try show(text)
        } catch {
            fail("\(error)")
        }
    }

    /// What a line on standard error tells of.
    enum Note: String {
        case error, warning, gate
    }

    /// Tells something in one line on standard error.
    static func note(_ note: Note, _ text: String) { printLine("masklint: \(note.rawValue): \(text)") }

    /// Tells of a fault in one line, and ends the program.
    static func fail(_ fault: String) -> Never {
        note(.error, fault)
        exit(2)
    }

    /// Prints a line on standard error, which may hold anything from a file or the command line.
    static func printLine(_ text: String) { _ = put(readable(text) + "\n", descriptor: 2) }

    /// Characters of a line that are printed: a path as long as systems take fits, with a sentence.
    static let longestLine = 5000

    /// Text as one line that is safe on a terminal. Of a longer one the middle is left out: the file and the place stand
    /// in front, and the remedy at the end.
    static func readable(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > longestLine else { return escapedForTerminal(text) }
        let half = longestLine / 2
        return escapedForTerminal(String(scalars.prefix(half))) + " ... "
            + escapedForTerminal(String(scalars.suffix(half)))
    }

    /// Draws a line on standard error over the one before, without going to the next.
    static func redraw(_ line: String) { _ = put("\r\u{1b}[K" + line, descriptor: 2) }

    /// Writes all of a text; 0, or the error number of what failed.
    private static func put(_ text: String, descriptor: Int32) -> Int32 {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress! + done, bytes.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? errno : EIO }
            done += written
        }
        return 0
    }
}
