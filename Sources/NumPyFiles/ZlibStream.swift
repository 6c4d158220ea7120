internal import CNpyIO

/// Compresses bytes into one zlib stream (RFC 1950), as PNG files hold it.
///
/// - Parameter level: zlib's level, from 1 (fast) to 9 (small).
public func zlibStream(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
    precondition((1...9).contains(level), "no level of zlib's")
    let capacity = npio_zlib_bound(bytes.count)
    return unsafe bytes.withUnsafeBufferPointer { source in
        unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            guard let out = buffer.baseAddress else { return }
            count = unsafe npio_zlib(source.baseAddress, source.count, Int32(level), out, capacity)
        }
    }
}

/// The CRC-32 that ZIP, gzip and PNG use.
public func crc32(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { unsafe npio_crc32(0, $0.baseAddress, $0.count) }
}
