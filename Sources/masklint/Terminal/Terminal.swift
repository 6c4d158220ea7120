#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

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

    /// Prints a result. What cannot be printed is an error, save to a reader who is gone or a stream that is closed.
    static func print(_ text: String) {
        let failure = put(text, descriptor: 1)
        guard failure != 0 && failure != EPIPE && failure != EBADF else { return }
        let reason = unsafe String(cString: strerror(failure))
        printError("masklint: error: standard output: cannot write: \(reason); the output file is complete\n")
        exit(2)
    }

    /// Tells of a fault in one line, and ends the program.
    static func fail(_ fault: String) -> Never {
        printError("masklint: error: \(fault)\n")
        exit(2)
    }

    static func printError(_ text: String) { _ = put(text, descriptor: 2) }

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

    /// Seconds on a clock that only runs forward.
    static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
