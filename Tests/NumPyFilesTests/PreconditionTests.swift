import NumPyFiles
import TestSupport
import Testing

/// Mistakes of our own callers end the process; nothing in a file does.
@Suite struct PreconditionTests {
    static func array() throws -> (TemporaryFolder, ArrayFile, MappedArray) {
        let folder = try TemporaryFolder()
        let path = try folder.write(ZipBuilder([ZipMember("a.npy", countingNPY([6]))]).bytes, to: "a.npz")
        let file = try ArrayFile(path: path)
        return (folder, file, try #require(try file.mapped(file.arrays[0])))
    }

    @Test("bytes outside a mapped array")
    func mapped() async {
        await #expect(processExitsWith: .failure) {
            let (_, _, array) = try PreconditionTests.array()
            array.withBytes(0..<7) { _ in }
        }
    }

    @Test("bytes outside a member in a checksum")
    func checksum() async {
        await #expect(processExitsWith: .failure) {
            let (_, _, array) = try PreconditionTests.array()
            _ = array.checksum(0..<array.checksummedByteCount + 1)
        }
    }

    @Test("checksums that leave a gap")
    func gap() async {
        await #expect(processExitsWith: .failure) {
            let (_, _, array) = try PreconditionTests.array()
            try array.verify([array.checksum(0..<10), array.checksum(11..<array.checksummedByteCount)])
        }
    }

    @Test("more bytes of a stream than its array has")
    func stream() async {
        await #expect(processExitsWith: .failure) {
            let (_, file, _) = try PreconditionTests.array()
            var buffer: [UInt8] = []
            try file.stream(file.arrays[0]).read(count: 7, into: &buffer)
        }
    }

    @Test("bytes of a spool that were never put in")
    func spool() async {
        await #expect(processExitsWith: .failure) {
            let folder = try TemporaryFolder()
            var buffer: [UInt8] = []
            try SpoolFile(folder: folder.path).read(at: 0, count: 1, into: &buffer)
        }
    }

    @Test("a member ended before its bytes are complete")
    func member() async {
        await #expect(processExitsWith: .failure) {
            let folder = try TemporaryFolder()
            let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: .stored)
            try writer.begin(key: "a", header: ArrayHeader(dtype: UInt8.dtype, shape: [2]))
            try writer.append(DeflatedChunk([1] as [UInt8], compression: .stored))
            try writer.end()
        }
    }

    @Test("a shape with a negative length")
    func shape() async {
        await #expect(processExitsWith: .failure) { _ = ArrayHeader(dtype: UInt8.dtype, shape: [-1]) }
    }
}
