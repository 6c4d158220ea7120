import NumPyFiles
import TestSupport
import Testing

private let labels = ZipMember("labels.npy", countingNPY([2, 3]))
private let other = ZipMember("other.npy", countingNPY([4]), method: 8)

/// Archives built in code: a good one plus one edit.
@Suite struct ArchiveTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let words: String

        init(_ description: String, _ bytes: [UInt8], _ words: String = "") {
            (testDescription, self.bytes, self.words) = (description, bytes, words)
        }
    }

    @Test(
        "odd but valid archives are read",
        arguments: [
            Row("plain", ZipBuilder([labels, other]).bytes),
            Row("a comment", ZipBuilder([labels, other]).with(\.comment, Array("PK\u{5}\u{6} hello".utf8)).bytes),
            Row(
                "a comment that holds an end record",
                ZipBuilder([labels, other]).with(
                    \.comment, little(0x0605_4B50, 4) + [UInt8](repeating: 0, count: 18) + [1]
                ).bytes),
            Row(
                "a prefix that offsets count",
                ZipBuilder([labels, other]).with(\.prefix, Array("#!/bin/sh\n".utf8)).bytes),
            Row(
                "a prefix that offsets do not count",
                ZipBuilder([labels, other]).with(\.prefix, Array("#!/bin/sh\n".utf8)).with(\.isPrefixCounted, false)
                    .bytes),
            Row("zip64 sizes", ZipBuilder([labels.with(\.isZip64, true), other.with(\.isZip64, true)]).bytes),
            Row(
                "zip64 after another field",
                ZipBuilder([
                    labels.with(\.isZip64, true), other.with(\.localExtra, little(0x5455, 2) + little(1, 2) + [1]),
                ]).bytes),
            Row("a zip64 end record", ZipBuilder([labels, other]).with(\.hasZip64End, true).bytes),
            Row(
                "a zip64 end record after a prefix",
                ZipBuilder([labels, other]).with(\.hasZip64End, true).with(\.prefix, [1, 2, 3]).with(
                    \.isPrefixCounted, false
                ).bytes),
            Row(
                "many deflate blocks",
                ZipBuilder([labels.with(\.method, 8).with(\.stored, storedDeflate(labels.data, blockSize: 5)), other])
                    .bytes),
            Row(
                "others beside them, whatever they are called",
                ZipBuilder([
                    ZipMember("../up", []), ZipMember("a\0b", []), ZipMember("", []), ZipMember("\u{1B}[31m", []),
                    ZipMember("__MACOSX/labels.npy", labels.data), ZipMember("._labels.npy", [0]),
                    ZipMember("a/._x", other.data),
                    ZipMember("x", []).with(\.name, [0xFF, 0xFE]).with(\.flags, 0x800), labels, other,
                ]).bytes),
        ])
    func good(row: Row) throws {
        let file = try ArrayFile(path: try folder.write(row.bytes, to: "a.npz"))
        #expect(file.arrays.map(\.key) == ["labels", "other"])
        #expect(!file.otherMembers.contains { $0.unicodeScalars.contains { $0.value < 0x20 } })
        #expect(try allBytes(file, file.arrays[0], spool: folder.path) == Array(0..<6))
        #expect(try allBytes(file, file.arrays[1], spool: folder.path) == Array(0..<4))
    }

    @Test(
        "what is wrong with an archive is named",
        arguments: [
            Row("cut end record", Array(ZipBuilder([labels]).bytes.dropLast()), "no end of central directory record"),
            Row("bytes after the end", ZipBuilder([labels]).bytes + [1, 2, 3], "3 bytes follow the archive's end"),
            Row(
                "comment past the end", ZipBuilder([labels]).with(\.statedCommentSize, 5).bytes,
                "no end of central directory record"),
            Row("several disks", ZipBuilder([labels]).with(\.disk, 1).bytes, "one part of an archive on several disks"),
            Row(
                "more entries", ZipBuilder([labels]).with(\.statedCount, 2).bytes,
                "has 1 entries, the end record says 2"),
            Row(
                "fewer entries", ZipBuilder([labels, other]).with(\.statedCount, 1).bytes,
                "has 2 entries, the end record says 1"),
            Row(
                "2^60 entries", ZipBuilder([labels]).with(\.hasZip64End, true).with(\.statedCount, 1 << 60).bytes,
                "has 1 entries"),
            Row(
                "directory size", ZipBuilder([labels]).with(\.statedDirectorySize, 0xFFFF_FFF0).bytes,
                "central directory would end at byte"),
            Row(
                "directory size 2^62",
                ZipBuilder([labels]).with(\.hasZip64End, true).with(\.statedDirectorySize, 1 << 62).bytes,
                "central directory would end at byte"),
            Row(
                "directory sums past 2^64",
                ZipBuilder([labels]).with(\.hasZip64End, true).with(\.statedDirectorySize, .max).bytes,
                "central directory would end at byte"),
            Row(
                "directory offset", ZipBuilder([labels]).with(\.statedDirectoryOffset, 0x7FFF_FFFF).bytes,
                "central directory would end at byte"),
            Row(
                "zip64 locator",
                ZipBuilder([labels]).with(\.hasZip64End, true).with(\.zip64Locator, 0).with(\.prefix, [1]).with(
                    \.isPrefixCounted, false
                ).with(\.statedDirectoryOffset, 1 << 50).bytes, "central directory would end at byte"),
            Row(
                "entry signature", ZipBuilder([labels.with(\.directorySignature, 1)]).bytes,
                "no central directory entry where one is needed"),
            Row(
                "local signature",
                ZipBuilder([labels.with(\.localSignature, 1)]).with(\.prefix, [0x50, 0x4B, 3, 4]).bytes,
                "[labels.npy] byte 4: no local header"),
            Row("local name", ZipBuilder([labels.with(\.localName, Array("labelz.npy".utf8))]).bytes, "another name"),
            Row(
                "local method", ZipBuilder([labels.with(\.localMethod, 8)]).bytes,
                "local header says compression method 8, the directory 0"),
            Row("local offset", ZipBuilder([labels.with(\.offset, 0x7FFF_FFFF)]).bytes, "outside the members' part"),
            Row(
                "shared local header",
                ZipBuilder([labels, labels.with(\.name, Array("shadow.npy".utf8)).with(\.offset, 0)]).bytes,
                "[labels.npy]: overlaps another member"),
            Row(
                "overlap", ZipBuilder([labels.with(\.compressedSize, 150).with(\.size, 150), other]).bytes,
                "[labels.npy] byte 0: overlaps another member"),
            Row(
                "past the directory", ZipBuilder([labels.with(\.compressedSize, 1 << 30).with(\.size, 1 << 30)]).bytes,
                "1073741824 bytes do not fit before the directory"),
            Row(
                "2^63 bytes",
                ZipBuilder([labels.with(\.isZip64, true).with(\.compressedSize, 1 << 63).with(\.size, 1 << 63)]).bytes,
                "do not fit before the directory"),
            Row(
                "zip64 field missing",
                ZipBuilder([labels.with(\.compressedSize, 0xFFFF_FFFF).with(\.size, 0xFFFF_FFFF)]).bytes,
                "zip64 extra field is missing or too short"),
            Row(
                "zip64 field cut",
                ZipBuilder([
                    labels.with(\.compressedSize, 0xFFFF_FFFF).with(
                        \.directoryExtra, little(1, 2) + little(4, 2) + little(5, 4))
                ]).bytes, "zip64 extra field is missing or too short"),
            Row(
                "encrypted", ZipBuilder([labels.with(\.flags, 1)]).bytes,
                "[labels.npy]: is encrypted; save it without a password"),
            Row("strongly encrypted", ZipBuilder([labels.with(\.flags, 0x41)]).bytes, "is encrypted"),
            Row("AES", ZipBuilder([labels.with(\.method, 99)]).bytes, "is encrypted"),
            Row("patch data", ZipBuilder([labels.with(\.flags, 0x20)]).bytes, "patch data"),
            Row(
                "bzip2", ZipBuilder([labels.with(\.method, 12)]).bytes,
                "compression method 12 (bzip2), stored or deflated is needed; save it with numpy.savez_compressed"),
            Row("CRC", ZipBuilder([labels.with(\.crc, 0x1234)]).bytes, "the directory says 00001234"),
            Row(
                "CRC, deflated", ZipBuilder([labels.with(\.method, 8).with(\.crc, 7)]).bytes,
                "the directory says 00000007"),
            Row("stored sizes", ZipBuilder([labels.with(\.size, 20)]).bytes, "said to hold 20"),
            Row(
                "impossible size", ZipBuilder([other.with(\.size, 1 << 30)]).bytes,
                "sizes disagree: said to hold 1073741824 bytes"),
            Row(
                "member too short", ZipBuilder([other.with(\.size, UInt64(other.data.count) + 1)]).bytes,
                "sizes disagree"),
            Row(
                "member too long",
                ZipBuilder([other.with(\.data, other.data + [9]).with(\.size, UInt64(other.data.count))]).bytes,
                "more than the stated"),
            Row(
                "deflate ends early",
                ZipBuilder([other.with(\.stored, Array(storedDeflate(other.data).dropLast()))]).bytes,
                "deflate stream ends early"),
            Row(
                "bytes after deflate", ZipBuilder([other.with(\.stored, storedDeflate(other.data) + [1, 2])]).bytes,
                "2 bytes follow the end of the deflate stream"),
            Row(
                "deflate corrupt",
                ZipBuilder([other.with(\.stored, [7] + storedDeflate(other.data).dropFirst())]).bytes,
                "deflate stream is corrupt (invalid block type)"),
            Row("same key twice", ZipBuilder([labels, labels]).bytes, "several members have the key 'labels'"),
            Row(
                "same key with and without suffix", ZipBuilder([labels, ZipMember("labels", labels.data)]).bytes,
                "several members have the key 'labels'"),
            Row(
                "a name that is not UTF-8",
                ZipBuilder([labels, other.with(\.name, [0x61, 0xFF, 0x0A] + Array(".npy".utf8)).with(\.flags, 0x800)])
                    .bytes,
                "[a\\xff\\x0a.npy]: the array's name is not UTF-8, though the archive says so; save the array under another name"
            ),
            Row(
                "a name that is not UTF-8 of an array without a suffix",
                ZipBuilder([labels, other.with(\.name, [0xFF]).with(\.flags, 0x800)]).bytes,
                "[\\xff]: the array's name is not UTF-8"),
            Row(
                "a NUL in a name", ZipBuilder([labels, ZipMember("a\0b.npy", other.data)]).bytes,
                "[a\\u{0}b.npy]: the array's name holds a NUL; save the array under another name"),
            Row("not an array", ZipBuilder([ZipMember("a.npy", Array("0 1 2\n".utf8))]).bytes, "[a.npy]: is text"),
            Row("no bytes", ZipBuilder([ZipMember("a.npy", [])]).bytes, "[a.npy]: is empty"),
            Row("PyTorch", ZipBuilder([ZipMember("archive/data.pkl", [1])]).bytes, "is a PyTorch file"),
        ])
    func bad(row: Row) throws {
        let path = try folder.write(row.bytes, to: "a.npz")
        let text = message { () throws(ArrayFileError) in try readAll(path) }
        #expect(text.hasPrefix(path))
        #expect(text.contains(row.words), "\(text)")
        #expect(!text.utf8.contains { $0 < 0x20 })
    }

    @Test(
        "a bad member does not spoil its neighbours",
        arguments: [
            labels.with(\.flags, 1), labels.with(\.method, 14), labels.with(\.crc, 1),
            labels.with(\.offset, 0x7FFF_FFFF),
        ])
    func neighbours(bad: ZipMember) throws {
        let file = try ArrayFile(path: try folder.write(ZipBuilder([bad, other]).bytes, to: "a.npz"))
        let good = try #require(file.arrays.first { $0.key == "other" })
        #expect(try allBytes(file, good, spool: folder.path) == Array(0..<4))
    }

    @Test("members without .npy are arrays when they start as one, code page 437 names are decoded")
    func names() throws {
        let members = [
            ZipMember("plain", countingNPY([1])), ZipMember("notes", Array("hello".utf8)), ZipMember("dir/", []),
            ZipMember("a.txt", []), ZipMember("a.png", countingNPY([1])), ZipMember("A.NPY", countingNPY([1])),
            ZipMember("", countingNPY([1])).with(\.name, [0x82, 0x2E, 0x6E, 0x70, 0x79]),
        ]
        let file = try ArrayFile(path: try folder.write(ZipBuilder(members).bytes, to: "a.npz"))
        #expect(file.arrays.map(\.key) == ["plain", "a.png", "A.NPY", "é"])
        #expect(file.otherMembers == ["notes", "dir/", "a.txt"])
    }

    @Test("a key is the name without .npy, wherever it would lead as a path and whatever it shows")
    func keys() throws {
        let keys = [
            "../up", "/root", "a\\b", "C:x", "", "a//b", "a/", ".", "./.npy", "\u{1B}[31m", "\n", "\u{301}", "a.npy",
            "\u{600}", ".hidden", String(repeating: "x", count: 65_531),
        ]
        let members = keys.map { ZipMember($0 + ".npy", countingNPY([1])).with(\.flags, 0x800) }
        let file = try ArrayFile(path: try folder.write(ZipBuilder(members).bytes, to: "a.npz"))
        #expect(file.arrays.map { Array($0.key.utf8) } == keys.map { Array($0.utf8) })
        let writer = try ArchiveWriter(.file(path: folder("b.npz")), compression: .stored)
        for key in keys { try writer.add(key: key, shape: [1], elements: ([7] as [UInt8]).span) }
        try writer.commit()
        let copy = try ArrayFile(path: folder("b.npz"))
        #expect(copy.arrays.map { Array($0.key.utf8) } == keys.map { Array($0.utf8) })
        let odd = try ArchiveWriter(.file(path: folder("c.npz")), compression: .stored)
        #expect(
            message { () throws(ArrayFileError) in
                try odd.add(key: "a\0b", shape: [1], elements: ([7] as [UInt8]).span)
            } == "\(folder("c.npz"))[a\\u{0}b]: the array's name holds a NUL; save the array under another name")
    }

    @Test("cut at every byte, an archive names an error and never reads")
    func cutAnywhere() throws {
        let whole = ZipBuilder([labels, other]).bytes
        for size in 0..<whole.count {
            let path = try folder.write(Array(whole[..<size]), to: "a.npz")
            let found = code { () throws(ArrayFileError) in try readAll(path) }
            #expect(
                [.empty, .wrongMagic, .noEndRecord].contains(found), "cut to \(size): \(String(describing: found))")
        }
    }

    @Test("every single flipped bit of an archive gives the same arrays or an error")
    func flippedBits() throws {
        let whole = ZipBuilder([labels, other]).bytes
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let path = try folder.write(bytes, to: "a.npz")
            guard let file = try? ArrayFile(path: path) else { continue }
            for entry in file.arrays {
                guard let read = try? allBytes(file, entry, spool: folder.path) else { continue }
                #expect(read == Array(0..<6) || read == Array(0..<4), "bit \(bit)")
            }
        }
    }
}
