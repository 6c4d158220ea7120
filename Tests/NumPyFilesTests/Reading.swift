import NumPyFiles
import Testing

/// The error that a block throws, as text; a failed expectation where it throws none.
func message(_ body: () throws(ArrayFileError) -> Void) -> String {
    do throws(ArrayFileError) {
        try body()
        Issue.record("nothing was thrown")
        return ""
    } catch {
        return error.description
    }
}

func error(_ body: () throws(ArrayFileError) -> Void) -> ArrayFileError? {
    do throws(ArrayFileError) {
        try body()
        return nil
    } catch {
        return error
    }
}

func code(_ body: () throws(ArrayFileError) -> Void) -> ArrayFileError.Code? {
    do throws(ArrayFileError) {
        try body()
        return nil
    } catch {
        return error.code
    }
}

/// All data bytes by every way that there is, which must agree.
func allBytes(_ file: ArrayFile, _ entry: ArrayEntry, step: Int = 7, spool: String) throws(ArrayFileError) -> [UInt8] {
    let stream = try file.stream(entry)
    var bytes: [UInt8] = []
    var buffer: [UInt8] = []
    var left = stream.header.byteCount
    while left > 0 {
        let count = min(left, step)
        try stream.read(count: count, into: &buffer)
        bytes += buffer
        left -= count
    }
    let trailing = try stream.finish()
    #expect(trailing == (try file.trailingByteCount(of: entry)))
    let spooled = try file.spooled(entry, folder: spool)
    #expect(mappedBytes(spooled) == bytes)
    if let mapped = try file.mapped(entry) {
        #expect(mappedBytes(mapped) == bytes)
        let size = mapped.checksummedByteCount
        try mapped.verify([mapped.checksum(size / 3..<size), mapped.checksum(0..<size / 3)])
        try mapped.check()
    }
    return bytes
}

func mappedBytes(_ array: MappedArray) -> [UInt8] {
    array.withBytes(0..<array.header.byteCount) { span in
        (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}

func readAll(_ path: String) throws(ArrayFileError) {
    let file = try ArrayFile(path: path)
    for entry in file.arrays { _ = try allBytes(file, entry, spool: folder(of: path)) }
}

func folder(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
}
