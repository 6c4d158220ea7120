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

    static func print(_ text: String) { put(text, descriptor: 1) }

    static func printError(_ text: String) { put(text, descriptor: 2) }

    private static func put(_ text: String, descriptor: Int32) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress! + done, bytes.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            // The reader is gone, or the descriptor never was: the result is in the file, and there is nobody to tell.
            guard written > 0 else { return }
            done += written
        }
    }

    /// Seconds on a clock that only runs forward.
    static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
