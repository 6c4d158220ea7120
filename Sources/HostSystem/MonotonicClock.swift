internal import Libc

/// Seconds on a clock that only runs forward, whatever happens to the date. Only differences mean anything.
public func monotonicSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
