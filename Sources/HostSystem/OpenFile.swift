internal import CHostSystem

/// A file open for reading; the descriptor is closed with the last reference.
///
/// Any thread may read at any time: the C handle does not change once it is open, and each read names its own offset.
@safe package final class OpenFile: @unchecked Sendable {
    package let path: String
    package let byteCount: Int
    /// The C handle, for C code that reads from the file. It lives as long as this object.
    package let pointer: OpaquePointer

    package convenience init(path: String) throws(FileError) {
        // C would cut the path at the NUL and open another file.
        guard !path.utf8.contains(0) else { throw FileError(.missing, file: path) }
        try unsafe self.init(named: path) { unsafe host_file_open(path, &$0, &$1) }
    }

    /// The file behind an output, to read it back. `path` is for messages.
    convenience init(reopening output: OutputHandle, path: String) throws(FileError) {
        let pointer = unsafe output.pointer
        try unsafe self.init(named: path) { unsafe host_output_reopen(pointer, &$0, &$1) }
    }

    private init(
        named path: String, _ open: (inout OpaquePointer?, inout host_failure) -> host_status
    ) throws(FileError) {
        unsafe pointer = try FileError.made(file: path, open)
        self.path = path
        byteCount = Int(unsafe host_file_size(pointer))
    }

    deinit { unsafe host_file_close(pointer) }

    /// As it was when it was opened.
    package var stamp: FileStamp { unsafe FileStamp(host_file_stamp(pointer)) }

    package func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try FileError.check(file: path) { failure in
            unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return .HOST_OK }
                return unsafe host_file_read(pointer, UInt64(offset), start, buffer.count, &failure)
            }
        }
        return bytes
    }

    /// Throws where the file, or what its path leads to, is no longer what was opened.
    package func check() throws(FileError) {
        try FileError.check(file: path) { unsafe host_file_check(pointer, &$0) }
    }
}
