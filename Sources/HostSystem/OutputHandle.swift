internal import CHostSystem

/// A file that is being written; it is removed when this goes unless an `OutputSet` let it appear.
@safe package final class OutputHandle: @unchecked Sendable {
    /// The C handle, for C code that writes to the output. It lives as long as this object.
    package let pointer: OpaquePointer
    /// The path as messages show it.
    package let name: String
    /// Where the bytes of a nameless file are copied in the end.
    private let descriptor: Int32?

    /// A file that is to appear at `path`.
    package init(path: String) throws(FileError) {
        guard !path.utf8.contains(0) else { throw FileError(.missing, file: path, text: "create") }
        let folder = temporaryFolder()
        unsafe pointer = try FileError.made(file: path) { unsafe host_output_create(path, folder, &$0, &$1) }
        name = path
        descriptor = nil
    }

    /// A nameless temporary file in a folder, which is also its name in messages.
    package init(folder: String) throws(FileError) {
        unsafe pointer = try FileError.made(file: folder) { unsafe host_output_create_nameless(folder, &$0, &$1) }
        name = folder
        descriptor = nil
    }

    /// Bytes that go to standard output in the end, and until then into a nameless temporary file.
    package static func standardOutput() throws(FileError) -> OutputHandle {
        try OutputHandle(copying: 1, name: "standard output")
    }

    private init(copying descriptor: Int32, name: String) throws(FileError) {
        let folder = temporaryFolder()
        unsafe pointer = try FileError.made(file: name) { unsafe host_output_create_nameless(folder, &$0, &$1) }
        self.name = name
        self.descriptor = descriptor
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

    // MARK: For OutputSet

    /// Whether the bytes are copied into a pipe, a device or an open descriptor, and can no more be taken back.
    var isCopied: Bool { unsafe descriptor != nil || host_output_is_copied(pointer) }

    /// Ends the writing: nothing of the bytes is left to fail.
    func finish(isSynced: Bool) throws(FileError) { try unsafe call { unsafe host_output_finish($0, isSynced, &$1) } }

    /// Renames the file into place, or copies its bytes there.
    func replace() throws(FileError) {
        if let descriptor { return try unsafe call { unsafe host_output_copy($0, descriptor, &$1) } }
        try unsafe call { unsafe host_output_replace($0, &$1) }
    }

    /// Puts back what was there before `replace()`.
    func restore() { unsafe host_output_restore(pointer) }

    /// Gives up what was there before `replace()`.
    func settle() { unsafe host_output_settle(pointer) }

    /// Waits until its folder is on the disk as it is.
    func syncFolder() throws(FileError) { try unsafe call { unsafe host_output_sync_folder($0, &$1) } }

    private func call(_ body: (OpaquePointer, inout host_failure) -> host_status) throws(FileError) {
        let pointer = unsafe pointer
        try FileError.check(file: name) { unsafe body(pointer, &$0) }
    }
}
