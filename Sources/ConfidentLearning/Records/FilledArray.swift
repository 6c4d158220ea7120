extension Array where Element: BitwiseCopyable {
    /// The elements that `fill` writes to uninitialized memory for `capacity` of them; it returns how many it wrote.
    ///
    /// An array of capacity 0 is not written to, not even its count: all empty arrays share one buffer, and threads
    /// that make them at the same time would race for it.
    init(capacity: Int, fill: (UnsafeMutablePointer<Element>) -> Int) {
        guard capacity > 0 else {
            self = []
            return
        }
        unsafe self.init(unsafeUninitializedCapacity: capacity) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            count = unsafe fill(start)
        }
    }
}

/// A copy in a buffer without room to spare.
func exactCopy<Element: BitwiseCopyable>(_ values: [Element]) -> [Element] {
    unsafe [Element](capacity: values.count) { start in
        unsafe UnsafeMutableBufferPointer(start: start, count: values.count).initialize(fromContentsOf: values)
    }
}
