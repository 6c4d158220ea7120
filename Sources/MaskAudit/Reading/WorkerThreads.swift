internal import Libc
import Locking

/// Runs `body` on `count` threads, the caller's being one of them, and returns when all are done.
///
/// Plain POSIX threads: the work blocks on files, which tasks of the concurrency runtime should not, and `count` may
/// exceed the number of cores.
package func runWorkers(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Start: Sendable {
        let index: Int
        let body: @Sendable (Int) -> Void
        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }
    var threads: [pthread_t] = []
    for index in 1..<max(1, count) {
        let start = unsafe Unmanaged.passRetained(Start(index, body)).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t? = nil
        #else
        var thread = pthread_t()
        #endif
        let status = unsafe pthread_create(
            &thread, nil,
            { raw in
                #if canImport(Darwin)
                let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                #else
                guard let raw = unsafe raw else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                #endif
                start.body(start.index)
                return nil
            }, start)
        guard status == 0 else {
            // The system gives no more threads: the ones there are, at least the caller's, do the work.
            unsafe Unmanaged<Start>.fromOpaque(start).release()
            break
        }
        #if canImport(Darwin)
        if let thread = unsafe thread { unsafe threads.append(thread) }
        #else
        threads.append(thread)
        #endif
    }
    body(0)
    for thread in threads {
        _ = pthread_join(thread, nil)
    }
}

/// Calls `body` with each number below `count`, on at most that many threads.
package func runNumbered(_ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let next = Atomic<Int>(0)
    runWorkers(min(threads, max(1, count))) { _ in
        while true {
            let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard number < count else { return }
            body(number)
        }
    }
}

/// The number of processor cores that are online.
public func availableCoreCount() -> Int {
    max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
