import Foundation
import NumPyFiles
import TestSupport
import Testing

/// Beyond what 32 bits count, in files that are mostly holes.
@Suite struct LargeArchiveTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let gigabyte = 1 << 30

    /// Two stored members, the first of more than 4 GiB, whose zeros are a hole; `b` comes after it.
    func writeSparse() throws -> (path: String, size: Int) {
        let size = 4 * Self.gigabyte + 4096
        let start = npy(header: npyDict("|u1", [size]))
        let b = npy(header: npyDict("|u1", [3]), data: [7, 8, 9])
        func local(_ name: String, _ sizes: UInt32, _ extra: [UInt8]) -> [UInt8] {
            // As numpy.savez: all-ones in the local header, the sizes in a zip64 field.
            little(0x0403_4B50, 4) + little(45, 2) + little(0, 12) + little(0, 0) + little(sizes, 4) + little(sizes, 4)
                + little(name.utf8.count, 2) + little(extra.count, 2) + Array(name.utf8) + extra
        }
        func entry(_ name: String, crc: UInt32, _ wide: [Int], size: UInt32, offset: UInt32) -> [UInt8] {
            let extra = little(1, 2) + little(wide.count * 8, 2) + wide.flatMap { little($0, 8) }
            return little(0x0201_4B50, 4) + little(45, 2) + little(45, 2) + little(0, 8) + little(crc, 4)
                + little(size, 4)
                + little(size, 4) + little(name.utf8.count, 2) + little(extra.count, 2) + little(0, 10)
                + little(offset, 4)
                + Array(name.utf8) + extra
        }
        let memberSize = start.count + size
        let sizes = little(memberSize, 8) + little(memberSize, 8)
        let first = local("a.npy", 0xFFFF_FFFF, little(1, 2) + little(16, 2) + sizes)
        let second = local("b.npy", UInt32(b.count), [])
        let secondOffset = first.count + memberSize
        let directoryOffset = secondOffset + second.count + b.count
        let crc = crc32(slowCRC32(start), thenZeros: size)
        let directory =
            entry("a.npy", crc: crc, [memberSize, memberSize], size: 0xFFFF_FFFF, offset: 0)
            + entry("b.npy", crc: slowCRC32(b), [secondOffset], size: UInt32(b.count), offset: 0xFFFF_FFFF)
        let end64 =
            little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
            + little(2, 8) + little(2, 8) + little(directory.count, 8) + little(directoryOffset, 8)
        let locator =
            little(0x0706_4B50, 4) + little(0, 4) + little(directoryOffset + directory.count, 8) + little(1, 4)
        let end =
            little(0x0605_4B50, 4) + little(0, 4) + little(0xFFFF, 2) + little(0xFFFF, 2) + little(0xFFFF_FFFF, 4)
            + little(0xFFFF_FFFF, 4) + little(0, 2)
        let path = try folder.write(first + start, to: "a.npz")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: UInt64(secondOffset))
        try handle.write(contentsOf: second + b + directory + end64 + locator + end)
        try handle.close()
        return (path, size)
    }

    @Test("a member above 4 GiB and one that starts beyond are read in place")
    func sparse() throws {
        let (path, size) = try writeSparse()
        let file = try ArrayFile(path: path)
        #expect(file.arrays.map(\.key) == ["a", "b"])
        #expect(try file.header(of: file.arrays[0]).shape == [size])
        #expect(try file.trailingByteCount(of: file.arrays[0]) == 0)
        let array = try #require(try file.mapped(file.arrays[0]))
        for place in [0, size - 1] {
            #expect(array.withBytes(place..<place + 1) { unsafe $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self) } == 0)
        }
        // The second member's bytes lie right behind, so a wrong end of the first would show here.
        #expect(try allBytes(file, file.arrays[1], spool: folder.path) == [7, 8, 9])
        #expect(array.checksummedByteCount == file.arrays[0].byteCount)
    }

    @Test("an .npy file above 4 GiB is read to its last byte")
    func sparseArray() throws {
        let size = 4 * Self.gigabyte + 1
        let start = npy(header: npyDict("|u1", [size]))
        let path = try folder.write(start, to: "a.npy")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: UInt64(start.count + size - 1))
        try handle.write(contentsOf: [5])
        try handle.close()
        let file = try ArrayFile(path: path)
        let array = try #require(try file.mapped(file.arrays[0]))
        #expect(array.withBytes(size - 1..<size) { unsafe $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self) } == 5)
    }

    @Test("a deflated member above 4 GiB gets 64-bit sizes and the right CRC-32")
    func written() throws {
        // One chunk, deflated once and appended often.
        let chunk = DeflatedChunk([UInt8](repeating: 0, count: 1 << 24), compression: .deflated)
        let count = 4 * Self.gigabyte / (1 << 24) + 1
        let header = ArrayHeader(dtype: UInt8.dtype, shape: [count, 1 << 24])
        let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: .deflated)
        try writer.begin(key: "a", header: header)
        for _ in 0..<count { try writer.append(chunk) }
        try writer.end()
        try writer.add(key: "b", shape: [1], elements: [3] as [UInt8])
        try writer.commit()
        let file = try ArrayFile(path: folder("a.npz"))
        #expect(try file.header(of: file.arrays[0]) == header)
        #expect(file.arrays[0].byteCount == 128 + header.byteCount)
        #expect(try allBytes(file, file.arrays[1], spool: folder.path) == [3])
        // The directory's entry of `a`, found by its signature: CRC-32 at 16, sizes at 20 and 24.
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder("a.npz")))
        try handle.seek(toOffset: UInt64(file.byteCount - 200))
        let bytes = [UInt8](try #require(try handle.readToEnd()))
        let entry = try #require((0..<196).first { bytes[$0..<$0 + 4].elementsEqual(little(0x0201_4B50, 4)) })
        #expect(Array(bytes[entry + 20..<entry + 28]) == [UInt8](repeating: 0xFF, count: 8))
        let npyStart = Array(try firstBytes(file.arrays[0], of: file))
        let crc = crc32(slowCRC32(npyStart), thenZeros: header.byteCount)
        #expect(Array(bytes[entry + 16..<entry + 20]) == little(crc, 4))
    }

    /// The header of a member, as NumPy would write it.
    private func firstBytes(_ entry: ArrayEntry, of file: ArrayFile) throws -> [UInt8] {
        let shape = try file.header(of: entry).shape
        let dict = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(shape[0]), \(shape[1])), }"
        return npy(header: dict + String(repeating: " ", count: 128 - 10 - dict.utf8.count - 1) + "\n")
    }
}
