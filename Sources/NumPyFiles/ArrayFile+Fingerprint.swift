internal import CNpyIO
internal import HostSystem

extension ArrayFile {
    /// How many runs of bytes of an `.npy` file its fingerprint looks at, and how long they are. Together they cover a
    /// file of up to 64 KiB.
    private static let sampledRunCount = 16
    private static let sampledRunByteCount = 4096

    /// Numbers that tell arrays with one header apart, whatever their files are called: their sizes and a CRC-32. For a
    /// member it is the CRC-32 that the archive states. An `.npy` file states none, so for it sixteen runs of 4 KiB are
    /// taken, spread evenly from its first to its last byte.
    ///
    /// **Edge cases.** `.npy` files that differ only between those runs have the same fingerprint.
    /// **Cost.** Sixteen short reads for an `.npy` file, none for a member.
    public func fingerprint(of entry: ArrayEntry) throws(ArrayFileError) -> [UInt64] {
        var crc: UInt32 = 0
        if let directory {
            crc = directory[entry.index].crc
        } else {
            let last = max(0, byteCount - Self.sampledRunByteCount)
            for run in 0..<Self.sampledRunCount {
                // The division comes first, because a size times fifteen may not fit.
                let start = run == Self.sampledRunCount - 1 ? last : last / (Self.sampledRunCount - 1) * run
                let bytes = try file.bytes(at: start, count: min(Self.sampledRunByteCount, byteCount - start))
                crc = unsafe bytes.withUnsafeBufferPointer { unsafe npio_crc32(crc, $0.baseAddress, $0.count) }
            }
        }
        return [UInt64(entry.byteCount), UInt64(entry.storedByteCount), UInt64(crc)]
    }
}
