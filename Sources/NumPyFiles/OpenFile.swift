internal import CNpyIO

/// An open file; the descriptor is closed with the last reference.
///
/// Unchecked: the C handle does not change once open, and reads name their own offsets.
@safe final class OpenFile: @unchecked Sendable {
    let path: String
    let byteCount: Int
    let pointer: OpaquePointer

    init(path: String) throws(ArrayFileError) {
        // C would cut the path at the NUL and open another file.
        guard !path.utf8.contains(0) else { throw ArrayFileError(.missing, file: path) }
        var made: OpaquePointer?
        try ArrayFileError.check(file: path) { unsafe npio_file_open(path, &made, &$0) }
        guard let made = unsafe made else { throw ArrayFileError(.internal, file: path, text: "open") }
        self.path = path
        unsafe pointer = made
        byteCount = Int(unsafe npio_file_size(made))
    }

    /// The file behind an output, to read it back.
    init(reopening output: borrowing OutputHandle, path: String) throws(ArrayFileError) {
        var made: OpaquePointer?
        let pointer = unsafe output.pointer
        try ArrayFileError.check(file: path) { unsafe npio_output_reopen(pointer, &made, &$0) }
        guard let made = unsafe made else { throw ArrayFileError(.internal, file: path, text: "reopen") }
        self.path = path
        unsafe self.pointer = made
        byteCount = Int(unsafe npio_file_size(made))
    }

    deinit { unsafe npio_file_close(pointer) }

    func bytes(at offset: Int, count: Int) throws(ArrayFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try ArrayFileError.check(file: path) { failure in
            unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return .NPIO_OK }
                return unsafe npio_file_read(pointer, UInt64(offset), start, buffer.count, &failure)
            }
        }
        return bytes
    }

    func check() throws(ArrayFileError) {
        try ArrayFileError.check(file: path) { unsafe npio_file_check(pointer, &$0) }
    }
}

/// A whole file mapped for reading.
@safe final class FileMap: @unchecked Sendable {
    let file: OpenFile
    let byteCount: Int
    private let pointer: OpaquePointer
    private let base: UnsafePointer<UInt8>?

    init(_ file: OpenFile) throws(ArrayFileError) {
        var made: OpaquePointer?
        try ArrayFileError.check(file: file.path) { unsafe npio_map_open(file.pointer, &made, &$0) }
        guard let made = unsafe made else { throw ArrayFileError(.internal, file: file.path, text: "map") }
        self.file = file
        unsafe pointer = made
        unsafe base = npio_map_bytes(made)
        byteCount = unsafe npio_map_size(made)
    }

    deinit { unsafe npio_map_close(pointer) }

    var isFaulted: Bool { unsafe npio_map_faulted(pointer) }

    func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes outside the map")
        let start = unsafe base.map { unsafe UnsafeRawPointer($0 + range.lowerBound) }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: range.count)
        return try body(unsafe RawSpan(_unsafeBytes: bytes))
    }

    func willNeed(_ range: Range<Int>) { unsafe npio_map_will_need(pointer, range.lowerBound, range.count) }

    func fetch(_ range: Range<Int>) { unsafe npio_map_fetch(pointer, file.pointer, range.lowerBound, range.count) }

    func release(_ range: Range<Int>) { unsafe npio_map_release(pointer, range.lowerBound, range.count) }

    func checksum(_ range: Range<Int>, after crc: UInt32) -> UInt32 {
        withBytes(range) { bytes in
            unsafe bytes.withUnsafeBytes {
                unsafe npio_crc32(crc, $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count)
            }
        }
    }
}

/// The central directory of an archive.
@safe final class ZipDirectory: @unchecked Sendable {
    struct Entry {
        let name: MemberName
        let isStored: Bool
        let compressedByteCount: UInt64
        let byteCount: UInt64
        let crc: UInt32
    }

    let file: OpenFile
    let count: Int
    let pointer: OpaquePointer

    init(_ file: OpenFile) throws(ArrayFileError) {
        var made: OpaquePointer?
        try ArrayFileError.check(file: file.path) { unsafe npio_zip_open(file.pointer, &made, &$0) }
        guard let made = unsafe made else { throw ArrayFileError(.internal, file: file.path, text: "directory") }
        self.file = file
        unsafe pointer = made
        count = unsafe npio_zip_count(made)
    }

    deinit { unsafe npio_zip_close(pointer) }

    subscript(index: Int) -> Entry {
        precondition(index >= 0 && index < count, "no such member")
        let entry = unsafe npio_zip_entry_at(pointer, index)
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: entry.name, count: entry.name_size))
        return Entry(
            name: MemberName(bytes: bytes, isUTF8: unsafe entry.name_is_utf8), isStored: unsafe entry.method == 0,
            compressedByteCount: unsafe entry.compressed_size, byteCount: unsafe entry.uncompressed_size,
            crc: unsafe entry.crc)
    }

    /// Where a member's bytes start, once all is checked that can be before reading them.
    func dataOffset(of index: Int, member: String) throws(ArrayFileError) -> Int {
        var offset: UInt64 = 0
        try ArrayFileError.check(file: file.path, member: member) {
            unsafe npio_zip_locate(pointer, index, &offset, &$0)
        }
        return Int(offset)
    }
}
