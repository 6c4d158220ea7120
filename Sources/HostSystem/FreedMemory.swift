internal import CHostSystem

/// What becomes of memory that is freed.
public enum FreedMemory {
    /// Keeps it for the next buffers. By default glibc gives blocks of 128 KiB and more back to the kernel at once, and
    /// the buffers of each image would be new pages every time.
    public static func keep() { host_keep_freed_memory() }
}
