import NumPyFiles
import TestSupport
import Testing

@Suite struct ArchiveWriterTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("what is written is read back", arguments: [ArchiveCompression.stored, .deflated])
    func roundTrip(compression: ArchiveCompression) throws {
        let ramp = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) }
        let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: compression)
        try writer.add(key: "étiq/x", shape: [2, 2], elements: [1.5, -2, .infinity, 0] as [Double])
        try writer.add(key: "empty", shape: [0, 3], elements: [] as [Bool])
        try writer.begin(
            key: "ramp", header: ArrayHeader(dtype: UInt8.dtype, shape: [300, 1000], isFortranOrder: true))
        for start in stride(from: 0, to: ramp.count, by: 70_001) {
            let piece = Array(ramp[start..<min(start + 70_001, ramp.count)])
            try writer.append(DeflatedChunk(piece.span, compression: compression))
        }
        try writer.end()
        try writer.commit()
        #expect(try folder.names == ["a.npz"])

        let file = try ArrayFile(path: folder("a.npz"))
        #expect(file.arrays.map(\.key) == ["étiq/x", "empty", "ramp"])
        #expect(try file.header(of: file.arrays[0]) == ArrayHeader(dtype: Double.dtype, shape: [2, 2]))
        #expect(
            try allBytes(file, file.arrays[0], spool: folder.path)
                == [1.5, -2, .infinity, 0].flatMap { little($0.bitPattern, 8) })
        #expect(try file.header(of: file.arrays[1]).shape == [0, 3])
        #expect(try file.header(of: file.arrays[2]).isFortranOrder)
        #expect(try allBytes(file, file.arrays[2], step: 65_537, spool: folder.path) == ramp)
    }

    @Test("equal calls write equal bytes")
    func reproducible() throws {
        for name in ["a.npz", "b.npz"] {
            let writer = try ArchiveWriter(.file(path: folder(name)), compression: .deflated)
            try writer.add(key: "x", shape: [3], elements: [1, 2, 3] as [Int64])
            try writer.commit()
        }
        #expect(try folder.read("a.npz") == folder.read("b.npz"))
    }

    @Test("more than 65,535 members are written and read by zip64")
    func manyMembers() throws {
        let count = 65_537
        let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: .stored)
        for i in 0..<count { try writer.add(key: "m\(i)", shape: [1], elements: [UInt8(truncatingIfNeeded: i)]) }
        try writer.commit()
        let file = try ArrayFile(path: folder("a.npz"))
        #expect(file.arrays.count == count)
        #expect(try allBytes(file, file.arrays[count - 1], spool: folder.path) == [0])
        #expect(try allBytes(file, file.arrays[65_535], spool: folder.path) == [255])
    }

    @Test("without commit the old file stays and no temporary is left")
    func dropped() throws {
        try folder.write([1, 2, 3], to: "a.npz")
        do {
            let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: .stored)
            try writer.add(key: "x", shape: [1], elements: [1] as [UInt8])
            #expect(try folder.names.count == 2)
        }
        #expect(try folder.names == ["a.npz"])
        #expect(try folder.read("a.npz") == [1, 2, 3])
    }

    @Test("the replaced file's mode is kept, and a link still leads to it")
    func replaced() throws {
        try folder.write([1], to: "real.npz")
        try setPermissions(of: folder("real.npz"), to: 0o640)
        try makeSymbolicLink(at: folder("link.npz"), to: "real.npz")
        let writer = try ArchiveWriter(.file(path: folder("link.npz")), compression: .stored)
        try writer.add(key: "x", shape: [1], elements: [1] as [UInt8])
        try writer.commit()
        #expect(try ArrayFile(path: folder("real.npz")).arrays.map(\.key) == ["x"])
        #expect(try permissions(of: folder("real.npz")) == 0o640)
        #expect(try folder.names == ["link.npz", "real.npz"])
    }

    @Test("a folder that is missing, and one in the file's place, are named")
    func noFolder() throws {
        let missing = folder("none/a.npz")
        let place = folder.path
        #expect(
            message { () throws(ArrayFileError) in _ = try ArchiveWriter(.file(path: missing), compression: .stored) }
                == "\(missing): cannot be created, its folder does not exist; create the folder first")
        #expect(
            message { () throws(ArrayFileError) in _ = try ArchiveWriter(.file(path: place), compression: .stored) }
                == "\(place): is a folder, a file name is needed; name a file in it")
    }

    @Test("a full disk is an error that names path and cause, and a device stays a device")
    func fullDisk() throws {
        guard pathKind("/dev/full") == .other else { return }
        let writer = try ArchiveWriter(.file(path: "/dev/full"), compression: .stored)
        try writer.add(key: "x", shape: [1], elements: [1] as [UInt8])
        #expect(
            message { () throws(ArrayFileError) in try writer.commit() }
                == "/dev/full: cannot write: No space left on device; free some space or write to another disk")
        #expect(pathKind("/dev/full") == .other)
    }

    @Test("the same key twice is an error")
    func repeatedKey() throws {
        let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: .stored)
        try writer.add(key: "x", shape: [1], elements: [1] as [UInt8])
        #expect(
            code { () throws(ArrayFileError) in try writer.add(key: "x", shape: [1], elements: [1] as [UInt8]) }
                == .duplicateKey)
    }

    @Test("a text file appears whole at commit and not before")
    func textFile() throws {
        let text = String(repeating: "zeile\n", count: 20_000)
        do {
            let file = try AtomicTextFile(path: folder("a.json"))
            try file.write(text)
            #expect(pathKind(folder("a.json")) == .missing)
            try file.write("end")
            try file.commit()
        }
        #expect(try folder.names == ["a.json"])
        #expect(try readTextFile(path: folder("a.json"), limit: 1 << 20) == text + "end")
    }
}
