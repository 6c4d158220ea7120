internal import Libc

/// Lets this process open as many files as the system allows it: datasets of many shards keep all of them open.
///
/// Failure is silent: the file that cannot be opened will say so.
public func raiseOpenFileLimit() {
    // What macOS accepts at most (OPEN_MAX); enough for any dataset whose files hold several images.
    let most: rlim_t = 10_240
    var limit = rlimit()
    #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    let resource = RLIMIT_NOFILE
    #endif
    guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < min(limit.rlim_max, most) else { return }
    limit.rlim_cur = min(limit.rlim_max, most)
    _ = unsafe setrlimit(resource, &limit)
}
