internal import CHostSystem

/// A file that is being written; it is removed when this goes unless it was committed.
@safe package struct OutputHandle: ~Copyable, @unchecked Sendable {
    /// The C handle, for C code that writes to the output. It lives as long as this value.
    package let pointer: OpaquePointer
    /// For messages.
    package let name: String

    /// A file that appears at `path` when it is committed.
    package init(path: String) throws(FileError) {
        guard !path.utf8.contains(0) else { throw FileError(.missing, file: path, text: "create") }
        let folder = temporaryFolder()
        unsafe pointer = try FileError.made(file: path) { unsafe host_output_create(path, folder, &$0, &$1) }
        name = path
    }

    /// A nameless temporary file in a folder, which is also its name in messages unless `name` says another.
    package init(folder: String, name: String? = nil) throws(FileError) {
        unsafe pointer = try FileError.made(file: folder) { unsafe host_output_create_nameless(folder, &$0, &$1) }
        self.name = name ?? folder
    }

    deinit { unsafe host_output_close(pointer) }

    package func write(_ bytes: RawSpan) throws(FileError) {
        try unsafe call { handle, failure in
            unsafe bytes.withUnsafeBytes {
                unsafe host_output_write(handle, $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, &failure)
            }
        }
    }

    package func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        try unsafe call { handle, failure in
            unsafe bytes.withUnsafeBytes {
                unsafe host_output_write_at(
                    handle, UInt64(offset), $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, &failure)
            }
        }
    }

    package func read(at offset: Int, into buffer: inout [UInt8]) throws(FileError) {
        try unsafe call { handle, failure in
            unsafe buffer.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return .HOST_OK }
                return unsafe host_output_read_at(handle, UInt64(offset), start, bytes.count, &failure)
            }
        }
    }

    package func commit() throws(FileError) { try unsafe call { unsafe host_output_commit($0, &$1) } }

    package func copy(toDescriptor descriptor: Int32) throws(FileError) {
        try unsafe call { unsafe host_output_copy($0, descriptor, &$1) }
    }

    private func call(_ body: (OpaquePointer, inout host_failure) -> host_status) throws(FileError) {
        let pointer = unsafe pointer
        try FileError.check(file: name) { unsafe body(pointer, &$0) }
    }
}
