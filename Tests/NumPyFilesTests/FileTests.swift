import NumPyFiles
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct FileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a file cut while it is mapped reads as zeros and is reported")
    func shrinks() throws {
        let size = 1 << 20
        let path = try folder.write(
            npy(header: npyDict("|u1", [size]), data: [UInt8](repeating: 7, count: size)), to: "a.npy")
        let file = try ArrayFile(path: path)
        let array = try #require(try file.mapped(file.arrays[0]))
        try array.check()
        try setSize(of: path, to: 5000)
        let last = array.withBytes(size - 1..<size) { unsafe $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self) }
        #expect(last == 0)
        #expect(
            message { () throws(ArrayFileError) in try array.check() }.contains(
                "changed while it was read: 5000 bytes now"))
        try setSize(of: path, to: size + 61 + 10)
        #expect(code { () throws(ArrayFileError) in try array.check() } == .changed)
    }

    @Test("a file cut while it is streamed ends early and is reported as changed", arguments: [false, true])
    func shrinksInStream(isArchive: Bool) throws {
        let size = 1 << 18
        let array = npy(
            header: npyDict("|u1", [size]), data: (0..<size).map { UInt8(truncatingIfNeeded: $0 * $0 >> 5) })
        let member = ZipMember("a.npy", array, method: 8).with(\.crc, 0)
        let path = try folder.write(isArchive ? ZipBuilder([member]).bytes : array, to: "a")
        let file = try ArrayFile(path: path)
        let stream = try file.stream(file.arrays[0])
        try setSize(of: path, to: 5000)
        var buffer: [UInt8] = []
        #expect(code { () throws(ArrayFileError) in try stream.read(count: size, into: &buffer) } == .endsEarly)
        #expect(code { () throws(ArrayFileError) in try file.checkUnchanged() } == .changed)
    }

    @Test("maps come and go on several threads while another one faults")
    func concurrentMaps() async throws {
        let size = 1 << 18
        let bytes = npy(header: npyDict("|u1", [size]), data: [UInt8](repeating: 7, count: size))
        let folder = folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<20 {
                        let path = try folder.write(bytes, to: "\(task)-\(round).npy")
                        let file = try ArrayFile(path: path)
                        let array = try #require(try file.mapped(file.arrays[0]))
                        if task % 2 == 0 { try setSize(of: path, to: 4096) }
                        let last = array.withBytes(size - 1..<size) {
                            unsafe $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
                        }
                        #expect(last == (task % 2 == 0 ? 0 : 7))
                        #expect(
                            (code { () throws(ArrayFileError) in try array.check() } == .changed) == (task % 2 == 0))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a file replaced or written to after it was opened is reported")
    func replaced() throws {
        let path = try folder.write(countingNPY([4]), to: "a.npy")
        let file = try ArrayFile(path: path)
        try file.checkUnchanged()
        try folder.write(countingNPY([4]), to: "a.npy")
        #expect(code { () throws(ArrayFileError) in try file.checkUnchanged() } == .changed)
    }

    @Test("advice and release change nothing that is read")
    func advice() throws {
        let size = 100_000
        let path = try folder.write(countingNPY([size]), to: "a.npy")
        let file = try ArrayFile(path: path)
        let array = try #require(try file.mapped(file.arrays[0]))
        array.willNeed(0..<size)
        array.fetch(0..<size)
        array.fetch(size..<size)
        let before = mappedBytes(array)
        array.release(5..<size - 5)
        array.release(0..<size)
        array.release(size..<size)
        #expect(mappedBytes(array) == before)
    }

    #if canImport(Glibc)
    @Test("a file that is on the disk alone is fetched, and one that was cut is not waited for")
    func fetching() throws {
        let size = 1 << 20
        let path = try folder.write(countingNPY([size]), to: "a.npy")
        let file = try ArrayFile(path: path)
        let array = try #require(try file.mapped(file.arrays[0]))
        let descriptor = unsafe open(path, O_RDWR)
        defer { close(descriptor) }
        #expect(fsync(descriptor) == 0)
        #expect(posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
        array.fetch(0..<size)
        #expect(mappedBytes(array) == countingNPY([size]).suffix(size))
        #expect(ftruncate(descriptor, 100_000) == 0)
        array.fetch(0..<size)
        #expect(code { () throws(ArrayFileError) in try array.check() } == .changed)
    }
    #endif

    @Test("paths that lead to no file are told apart")
    func paths() throws {
        let missing = folder("none.npy")
        let place = folder.path
        #expect(
            message { () throws(ArrayFileError) in _ = try ArrayFile(path: missing) }
                == "\(missing): no such file or folder; check the path")
        #expect(
            message { () throws(ArrayFileError) in _ = try ArrayFile(path: place) }
                == "\(place): is a folder, a file is needed; name a file in it")
        #expect(code { () throws(ArrayFileError) in _ = try ArrayFile(path: "/dev/null") } == .notRegularFile)
        #expect(code { () throws(ArrayFileError) in _ = try ArrayFile(path: "a\0b") } == .missing)
        try folder.write([1], to: "b")
        try folder.write([1], to: "a")
        try folder.write([1], to: "B")
        #expect(try fileNames(inFolder: place).map(\.text) == ["B", "a", "b"])
        #expect(pathKind(missing) == .missing)
        #expect(pathKind(place) == .folder)
        #expect(pathKind(folder("a")) == .file)
        try makeSymbolicLink(at: folder("c"), to: "a")
    }

    @Test("text is read up to a limit, as UTF-8, without a byte order mark")
    func text() throws {
        let path = try folder.write([0xEF, 0xBB, 0xBF] + Array("sky\nroad".utf8), to: "names.txt")
        #expect(try readTextFile(path: path, limit: 11) == "sky\nroad")
        #expect(
            message { () throws(ArrayFileError) in _ = try readTextFile(path: path, limit: 10) }.contains(
                "is 11 bytes long, at most 10 are read"))
        try folder.write([0x61, 0xFF], to: "names.txt")
        #expect(code { () throws(ArrayFileError) in _ = try readTextFile(path: path, limit: 10) } == .textNotUTF8)
    }

    @Test("a spool gives back what was put in, from several threads")
    func spool() async throws {
        let spool = try SpoolFile(folder: folder.path)
        #expect(try folder.names == [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: task * 50 + round), count: 100 + task)
                        let offset = try spool.append(bytes.span)
                        var back: [UInt8] = []
                        try spool.read(at: offset, count: bytes.count, into: &back)
                        #expect(back == bytes)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
