internal import CHostSystem

/// What becomes of memory that is freed, and whether there is more.
public enum FreedMemory {
    /// Keeps it for the next buffers. By default glibc gives blocks of 128 KiB and more back to the kernel at once, and
    /// the buffers of each image would be new pages every time.
    public static func keep() { host_keep_freed_memory() }

    /// Whether a block of a size can be taken now; another thread may take it before the caller does.
    package static func canTake(_ byteCount: Int) -> Bool { byteCount <= 0 || host_memory_can_take(byteCount) }
}
