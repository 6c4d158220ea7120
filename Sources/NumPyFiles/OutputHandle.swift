internal import CNpyIO

/// The C output, removed when this goes unless it was committed.
@safe struct OutputHandle: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer
    /// For messages.
    let name: String

    /// A file that appears at `path` when it is committed.
    init(path: String) throws(ArrayFileError) {
        guard !path.utf8.contains(0) else { throw ArrayFileError(.missing, file: path, text: "create") }
        var made: OpaquePointer?
        try ArrayFileError.check(file: path) { unsafe npio_output_create(path, &made, &$0) }
        guard let made = unsafe made else { throw ArrayFileError(.internal, file: path, text: "create") }
        unsafe pointer = made
        name = path
    }

    /// A nameless temporary file.
    init(folder: String, name: String? = nil) throws(ArrayFileError) {
        let name = name ?? folder
        var made: OpaquePointer?
        try ArrayFileError.check(file: folder) { unsafe npio_output_create_nameless(folder, &made, &$0) }
        guard let made = unsafe made else { throw ArrayFileError(.internal, file: folder, text: "create") }
        unsafe pointer = made
        self.name = name
    }

    deinit { unsafe npio_output_close(pointer) }

    func write(_ bytes: RawSpan) throws(ArrayFileError) {
        try unsafe call { handle, failure in
            unsafe bytes.withUnsafeBytes {
                unsafe npio_output_write(handle, $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, &failure)
            }
        }
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(ArrayFileError) {
        try unsafe call { handle, failure in
            unsafe bytes.withUnsafeBytes {
                unsafe npio_output_write_at(
                    handle, UInt64(offset), $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, &failure)
            }
        }
    }

    func read(at offset: Int, into buffer: inout [UInt8]) throws(ArrayFileError) {
        try unsafe call { handle, failure in
            unsafe buffer.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return .NPIO_OK }
                return unsafe npio_output_read_at(handle, UInt64(offset), start, bytes.count, &failure)
            }
        }
    }

    func commit() throws(ArrayFileError) { try unsafe call { unsafe npio_output_commit($0, &$1) } }

    func copy(toDescriptor descriptor: Int32) throws(ArrayFileError) {
        try unsafe call { unsafe npio_output_copy($0, descriptor, &$1) }
    }

    private func call(_ body: (OpaquePointer, inout npio_failure) -> npio_status) throws(ArrayFileError) {
        let pointer = unsafe pointer
        try ArrayFileError.check(file: name) { unsafe body(pointer, &$0) }
    }
}

extension OutputHandle {
    /// Where spools go that have no folder of their own.
    static var temporaryFolder: String {
        let folder = unsafe getenv("TMPDIR").flatMap { unsafe String(validatingCString: $0) } ?? ""
        return folder.isEmpty ? "/tmp" : folder
    }
}

internal import Libc
