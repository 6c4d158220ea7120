internal import CNpyIO
internal import HostSystem
internal import Locking

/// The C stream, closed when this goes.
@safe struct StreamHandle: ~Copyable, @unchecked Sendable {
    private let pointer: OpaquePointer
    // The C stream borrows both, so they must live as long as it does.
    private let file: OpenFile?
    private let directory: ZipDirectory?

    /// A member of an archive or, without a directory, a whole file.
    init(file: OpenFile, directory: ZipDirectory?, index: Int, member: String?) throws(ArrayFileError) {
        unsafe pointer = try ArrayFileError.made(file: file.path, member: member) { handle, failure in
            if let directory {
                unsafe npio_stream_open_member(file.pointer, directory.pointer, index, &handle, &failure)
            } else {
                unsafe npio_stream_open_file(file.pointer, &handle, &failure)
            }
        }
        self.file = file
        self.directory = directory
    }

    /// A file from `start` on.
    init(file: OpenFile, from start: Int) throws(ArrayFileError) {
        unsafe pointer = try ArrayFileError.made(file: file.path) {
            unsafe npio_stream_open_rest(file.pointer, UInt64(start), &$0, &$1)
        }
        self.file = file
        directory = nil
    }

    init(descriptor: Int32, name: String) throws(ArrayFileError) {
        unsafe pointer = try ArrayFileError.made(file: name) {
            unsafe npio_stream_open_descriptor(descriptor, &$0, &$1)
        }
        file = nil
        directory = nil
    }

    deinit { unsafe npio_stream_close(pointer) }

    /// Fills `buffer[offset..<offset + count]`, and returns how many bytes came: fewer only at the end of the stream.
    func read(into buffer: inout [UInt8], at offset: Int, count: Int, file: String, member: String?)
        throws(ArrayFileError) -> Int
    {
        precondition(offset >= 0 && count >= 0 && offset + count <= buffer.count, "bytes outside the buffer")
        var got = 0
        let pointer = unsafe pointer
        try ArrayFileError.check(file: file, member: member) { failure in
            unsafe buffer.withUnsafeMutableBufferPointer { bytes in
                guard count > 0, let start = bytes.baseAddress else { return .NPIO_OK }
                return unsafe npio_stream_read(pointer, start + offset, count, &got, &failure)
            }
        }
        return got
    }

    func finish(file: String, member: String?) throws(ArrayFileError) -> Int {
        var left: UInt64 = 0
        let pointer = unsafe pointer
        try ArrayFileError.check(file: file, member: member) { unsafe npio_stream_finish(pointer, &left, &$0) }
        return Int(clamping: left)
    }

    func header(file: String, member: String?) throws(ArrayFileError) -> ArrayFile.LocatedHeader {
        var raw = npio_header()
        let pointer = unsafe pointer
        try ArrayFileError.check(file: file, member: member) { unsafe npio_header_read(pointer, &raw, &$0) }
        return ArrayFile.LocatedHeader(header: ArrayHeader(&raw), dataOffset: Int(raw.data_offset))
    }

    var consumed: Int { Int(clamping: unsafe npio_stream_consumed(pointer)) }
}

extension ArrayHeader {
    init(_ raw: inout npio_header) {
        let kind: DType.Kind =
            switch UInt8(bitPattern: raw.kind) {
            case UInt8(ascii: "b"): .bool
            case UInt8(ascii: "i"): .signedInteger
            case UInt8(ascii: "u"): .unsignedInteger
            case UInt8(ascii: "V"): .raw
            default: .float
            }
        var shape: [Int] = []
        for axis in 0..<raw.axis_count { shape.append(Int(unsafe npio_header_axis(&raw, axis))) }
        self.init(
            dtype: DType(kind: kind, byteCount: Int(raw.item_size), isBigEndian: raw.big_endian), shape: shape,
            isFortranOrder: raw.fortran_order)
    }
}

/// An array that is read from its first byte to its last.
///
/// A lock makes calls from several threads wait for one another, because each read moves the one place in the stream.
/// Which bytes a thread gets depends on the order in which they take it.
public final class ArrayStream: Sendable {
    public let header: ArrayHeader
    /// `FILE` or `FILE[MEMBER]`, for messages.
    public let name: String

    /// Where the data start in the array's bytes.
    let dataOffset: Int
    private let file: String
    private let member: String?

    private struct State: ~Copyable {
        let source: StreamHandle
        var remaining: Int
        /// The largest buffer that may be set aside before its bytes have arrived: the size of the largest read so far,
        /// or what does no harm.
        var largestRead = 32 << 20
    }

    private let state: Mutex<State>
    private let consumed: Atomic<Int>

    init(_ source: consuming StreamHandle, file: String, member: String?) throws(ArrayFileError) {
        let located = try source.header(file: file, member: member)
        self.file = file
        self.member = member
        name = escapedForTerminal(file) + (member.map { "[\($0)]" } ?? "")
        header = located.header
        dataOffset = located.dataOffset
        consumed = Atomic(source.consumed)
        state = Mutex(State(source: source, remaining: located.header.byteCount))
    }

    /// An `.npy` file that comes through file descriptor 0.
    public static func standardInput() throws(ArrayFileError) -> ArrayStream {
        let name = "standard input"
        return try ArrayStream(StreamHandle(descriptor: 0, name: name), file: name, member: nil)
    }

    /// Replaces `buffer` by the next `count` data bytes. To ask for more than are left is a precondition.
    ///
    /// **Cost.** `buffer` keeps its storage from call to call. Up to 32 MiB are set aside at once and touched as bytes
    /// arrive. Beyond that it grows to at most twice what has really arrived, so that no claim of a header takes
    /// memory.
    public func read(count: Int, into buffer: inout [UInt8]) throws(ArrayFileError) {
        let firstStep = 1 << 20
        let got = try state.withLock { state throws(ArrayFileError) in
            precondition(count >= 0 && count <= state.remaining, "more bytes asked for than the array has left")
            var got = 0
            if buffer.count > count { buffer.removeLast(buffer.count - count) }
            // Only what the file has given before is taken at once: a header may claim anything.
            if count <= state.largestRead {
                try checkMemory(count - buffer.capacity)
                buffer.reserveCapacity(count)
            }
            while got < count {
                if got == buffer.count {
                    let size = min(count, max(firstStep, got * 2))
                    try checkMemory(size - buffer.capacity)
                    buffer.append(contentsOf: repeatElement(0, count: size - got))
                }
                let step = buffer.count - got
                let n = try state.source.read(into: &buffer, at: got, count: step, file: file, member: member)
                got += n
                if n < step { break }
            }
            state.remaining -= got
            state.largestRead = max(state.largestRead, got)
            consumed.store(state.source.consumed, ordering: .relaxed)
            return got
        }
        if got < count {
            throw ArrayFileError(
                .endsEarly, file: file, member: member, found: UInt64(header.byteCount - remaining),
                expected: UInt64(header.byteCount))
        }
    }

    private var remaining: Int { state.withLock { $0.remaining } }

    /// Throws where a buffer of a size cannot be had: an array that grows would end the process.
    private func checkMemory(_ byteCount: Int) throws(ArrayFileError) {
        let smallest = 1 << 20
        guard byteCount < smallest || FreedMemory.canTake(byteCount) else {
            throw ArrayFileError(.outOfMemory, file: file, member: member, expected: UInt64(byteCount))
        }
    }

    /// Reads what is left, verifies the size and, where there is one, the CRC-32, and returns how many bytes follow the
    /// array.
    ///
    /// **Edge cases.** Data that were not read yet are read and verified, but not counted. Of a pipe at most 64 MiB are
    /// read.
    public func finish() throws(ArrayFileError) -> Int {
        try state.withLock { state throws(ArrayFileError) in
            let left = try state.source.finish(file: file, member: member)
            let trailing = max(0, left - state.remaining)
            state.remaining = 0
            consumed.store(state.source.consumed, ordering: .relaxed)
            return trailing
        }
    }

    /// How many bytes of the file were read so far, counted as they are stored.
    public var bytesRead: Int { consumed.load(ordering: .relaxed) }
}
