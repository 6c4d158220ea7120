internal import CHostSystem
internal import CNpyIO
internal import HostSystem

public enum ArchiveCompression: Hashable, Sendable {
    case stored, deflated
}

/// Bytes of a member, compressed by the thread that made them. `ArchiveWriter.append` joins chunks in the order of its
/// calls, so several threads can compress while one writes.
///
/// Deflating is made for masks and label maps: it finds runs of equal bytes and no other repetition. Equal bytes give
/// equal output on every machine.
///
/// **Cost.** One pass over the bytes, a buffer of their size, and 50 KB more. Chunks below about 64 KiB compress worse,
/// because no chunk refers back to another.
public struct DeflatedChunk: Sendable {
    public let uncompressedByteCount: Int
    /// CRC-32 of the bytes before compression.
    public let crc: UInt32
    /// The bytes as they go into the file.
    public let bytes: [UInt8]
    public let compression: ArchiveCompression

    public init(_ bytes: RawSpan, compression: ArchiveCompression) {
        uncompressedByteCount = bytes.byteCount
        self.compression = compression
        (crc, self.bytes) = unsafe bytes.withUnsafeBytes { raw in
            let start = unsafe raw.assumingMemoryBound(to: UInt8.self).baseAddress
            let crc = unsafe npio_crc32(0, start, raw.count)
            if compression == .stored { return unsafe (crc, Array(raw)) }
            let capacity = npio_deflate_bound(raw.count)
            let out = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                count = unsafe npio_deflate(start, raw.count, base, capacity)
            }
            return (crc, out)
        }
    }
}

/// Writes an NPZ archive that `numpy.load` reads: equal calls give equal bytes.
///
/// Nothing appears at the destination before `commit()`, and then with all others of its set; a writer that is dropped
/// without it removes its temporary file. A writer is used by one thread.
///
/// **Errors.** A folder that does not exist, no permission, a full disk, a pipe without a reader.
public final class ArchiveWriter {
    public enum Destination: Hashable, Sendable {
        case file(path: String)
        /// The archive is spooled into a temporary file first, since headers of members are filled in after the
        /// members.
        case standardOutput
    }

    private let compression: ArchiveCompression
    private let output: OutputHandle
    private let set: OutputSet?
    private let writer: WriterHandle
    private var keys: Set<String> = []
    /// How many bytes the open member still lacks; nil between members.
    private var missingByteCount: Int?

    /// - Parameter set: the outputs that it appears with; nil where it appears alone.
    public init(
        _ destination: Destination, compression: ArchiveCompression, in set: OutputSet? = nil
    ) throws(ArrayFileError) {
        self.compression = compression
        let output =
            switch destination {
            case .file(let path): try OutputHandle(path: path)
            case .standardOutput: try OutputHandle.standardOutput()
            }
        writer = try WriterHandle(output)
        self.output = output
        self.set = set
    }

    /// Writes a whole member.
    public func add(key: String, header: ArrayHeader, bytes: RawSpan) throws(ArrayFileError) {
        precondition(bytes.byteCount == header.byteCount, "the bytes are not those of the header's shape")
        try begin(key: key, header: header)
        // Steps bound the memory that deflating takes.
        let step = 4 << 20
        var at = 0
        while at < bytes.byteCount {
            let end = min(at + step, bytes.byteCount)
            try append(DeflatedChunk(bytes.extracting(at..<end), compression: compression))
            at = end
        }
        try end()
    }

    /// Starts a member whose bytes follow in chunks.
    ///
    /// **Errors.** a key that is no array's, as of `ArrayFile`, or one that another member has.
    public func begin(key: String, header: ArrayHeader) throws(ArrayFileError) {
        precondition(missingByteCount == nil, "the member before was not ended")
        if let fault = MemberName.fault(ofKey: key) {
            throw ArrayFileError(.memberName, file: output.name, member: escapedForTerminal(key), text: fault)
        }
        guard keys.insert(key).inserted else {
            throw ArrayFileError(.duplicateKey, file: output.name, text: escapedForTerminal(key))
        }
        let start = header.bytes
        let size = UInt64(start.count) + UInt64(header.byteCount)
        let name = Array((key + ".npy").utf8)
        try writer.begin(name: name, isDeflated: compression == .deflated, size: size, file: output.name)
        missingByteCount = start.count + header.byteCount
        try append(DeflatedChunk(start.span, compression: compression))
    }

    public func append(_ chunk: DeflatedChunk) throws(ArrayFileError) {
        precondition(chunk.compression == compression, "chunk of another compression than the archive's")
        guard let missing = missingByteCount, chunk.uncompressedByteCount <= missing else {
            preconditionFailure("more bytes than the header's shape has, or no member begun")
        }
        try writer.append(chunk, file: output.name)
        missingByteCount = missing - chunk.uncompressedByteCount
    }

    public func end() throws(ArrayFileError) {
        precondition(missingByteCount == 0, "fewer bytes than the header's shape has, or no member begun")
        try writer.end(file: output.name)
        missingByteCount = nil
    }

    /// Writes the directory; the archive appears at its destination now or with its set.
    public func commit() throws(ArrayFileError) {
        precondition(missingByteCount == nil, "the last member was not ended")
        try writer.finish(file: output.name)
        try OutputSet.add(output, to: set)
    }
}

/// The C writer, freed when this goes.
@safe private struct WriterHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Borrows the output, which must outlive it.
    init(_ output: OutputHandle) throws(ArrayFileError) {
        let target = unsafe output.pointer
        unsafe pointer = try ArrayFileError.made(file: output.name) { unsafe npio_writer_open(target, &$0, &$1) }
    }

    deinit { unsafe npio_writer_close(pointer) }

    func begin(name: [UInt8], isDeflated: Bool, size: UInt64, file: String) throws(ArrayFileError) {
        try unsafe call(file: file) { handle, failure in
            unsafe name.withUnsafeBytes { bytes in
                guard let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else {
                    preconditionFailure("a member without a name")
                }
                return unsafe npio_writer_begin(handle, start, bytes.count, isDeflated, size, &failure)
            }
        }
    }

    func append(_ chunk: DeflatedChunk, file: String) throws(ArrayFileError) {
        try unsafe call(file: file) { handle, failure in
            unsafe chunk.bytes.withUnsafeBufferPointer { bytes in
                unsafe npio_writer_append(
                    handle, bytes.baseAddress, bytes.count, chunk.crc, UInt64(chunk.uncompressedByteCount), &failure)
            }
        }
    }

    func end(file: String) throws(ArrayFileError) { try unsafe call(file: file) { unsafe npio_writer_end($0, &$1) } }

    func finish(file: String) throws(ArrayFileError) {
        try unsafe call(file: file) { unsafe npio_writer_finish($0, &$1) }
    }

    private func call(file: String, _ body: (OpaquePointer, inout host_failure) -> npio_status) throws(ArrayFileError) {
        let pointer = unsafe pointer
        try ArrayFileError.check(file: file) { unsafe body(pointer, &$0) }
    }
}
