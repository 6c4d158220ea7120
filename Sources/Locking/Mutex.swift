#if THREAD_SANITIZER
internal import Libc
@_exported public import struct Synchronization.Atomic

/// Stands in for `Synchronization.Mutex` under the thread sanitizer, which watches `pthread_mutex_lock` but not the
/// standard lock: on Linux that is a futex taken inside the Swift runtime, which no sanitizer has instrumented, so
/// that every value it guards looks like a race.
@safe package struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let handle: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ initialValue: consuming sending Value) {
        unsafe handle = .allocate(capacity: 1)
        unsafe handle.initialize(to: pthread_mutex_t())
        let status = unsafe pthread_mutex_init(handle, nil)
        precondition(status == 0, "pthread_mutex_init: \(status)")
        unsafe value = .allocate(capacity: 1)
        unsafe value.initialize(to: initialValue)
    }

    deinit {
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        _ = unsafe pthread_mutex_destroy(handle)
        unsafe handle.deallocate()
    }

    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        let status = unsafe pthread_mutex_lock(handle)
        precondition(status == 0, "pthread_mutex_lock: \(status)")
        defer { _ = unsafe pthread_mutex_unlock(handle) }
        return try unsafe body(&value.pointee)
    }
}
#else
// Who imports this module has the standard library's `Mutex` and `Atomic`.
@_exported public import Synchronization
#endif
