internal import CNpyIO
internal import HostSystem

extension ArrayFile {
    /// Runs of bytes of an `.npy` file that its fingerprint looks at, and their length: a file of up to 64 KiB is looked
    /// at whole.
    private static let sampledRunCount = 16
    private static let sampledRunByteCount = 4096

    /// Numbers that tell arrays of one header apart, whatever their files are called: sizes, and the CRC-32 that an archive
    /// states of a member; of an `.npy` file, which states none, that of sixteen runs of 4 KiB spread evenly from its
    /// first to its last byte.
    ///
    /// **Edge cases** an `.npy` file that differs in between alone has the same fingerprint.
    /// **Cost** sixteen short reads, or none.
    public func fingerprint(of entry: ArrayEntry) throws(ArrayFileError) -> [UInt64] {
        var crc: UInt32 = 0
        if let directory {
            crc = directory[entry.index].crc
        } else {
            let last = max(0, byteCount - Self.sampledRunByteCount)
            for run in 0..<Self.sampledRunCount {
                // Divided first: a size times fifteen may not fit.
                let start = run == Self.sampledRunCount - 1 ? last : last / (Self.sampledRunCount - 1) * run
                let bytes = try file.bytes(at: start, count: min(Self.sampledRunByteCount, byteCount - start))
                crc = unsafe bytes.withUnsafeBufferPointer { unsafe npio_crc32(crc, $0.baseAddress, $0.count) }
            }
        }
        return [UInt64(entry.byteCount), UInt64(entry.storedByteCount), UInt64(crc)]
    }
}
