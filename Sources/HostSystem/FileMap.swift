internal import CHostSystem

/// A whole file mapped for reading, from any number of threads at once. Where the file shrinks, the missing bytes read
/// as zero and `isFaulted` becomes true.
@safe package final class FileMap: @unchecked Sendable {
    package let file: OpenFile
    package let byteCount: Int
    private let pointer: OpaquePointer
    private let base: UnsafePointer<UInt8>?

    package init(_ file: OpenFile) throws(FileError) {
        unsafe pointer = try FileError.made(file: file.path) { unsafe host_map_open(file.pointer, &$0, &$1) }
        self.file = file
        unsafe base = host_map_bytes(pointer)
        byteCount = unsafe host_map_size(pointer)
    }

    deinit { unsafe host_map_close(pointer) }

    package var isFaulted: Bool { unsafe host_map_faulted(pointer) }

    package func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes outside the map")
        let start = unsafe base.map { unsafe UnsafeRawPointer($0 + range.lowerBound) }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: range.count)
        return try body(unsafe RawSpan(_unsafeBytes: bytes))
    }

    package func willNeed(_ range: Range<Int>) { unsafe host_map_will_need(pointer, range.lowerBound, range.count) }

    package func fetch(_ range: Range<Int>) {
        unsafe host_map_fetch(pointer, file.pointer, range.lowerBound, range.count)
    }

    package func release(_ range: Range<Int>) { unsafe host_map_release(pointer, range.lowerBound, range.count) }
}
