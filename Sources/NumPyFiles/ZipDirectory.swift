internal import CNpyIO
internal import HostSystem

extension OpenFile {
    /// Whether the file ends as an archive does. This finds archives with something else before them, such as
    /// self-extracting ones.
    var hasZipEndRecord: Bool { unsafe npio_zip_has_end_record(pointer) }
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
        unsafe pointer = try ArrayFileError.made(file: file.path) { unsafe npio_zip_open(file.pointer, &$0, &$1) }
        self.file = file
        count = unsafe npio_zip_count(pointer)
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

    /// Where a member's bytes start. Everything is checked first that can be checked before they are read.
    func dataOffset(of index: Int, member: String) throws(ArrayFileError) -> Int {
        var offset: UInt64 = 0
        try ArrayFileError.check(file: file.path, member: member) {
            unsafe npio_zip_locate(pointer, index, &offset, &$0)
        }
        return Int(offset)
    }
}
