import NumPyFiles
import TestSupport
import Testing

/// What every kind of fault names: the file, the member, the byte, what was found and needed, and a remedy. The wording is
/// free; `HeaderTests` and `ArchiveTests` have more cases of each kind.
@Suite struct FaultTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    struct Fault: Sendable, CustomTestStringConvertible {
        let code: ArrayFileError.Code
        let bytes: [UInt8]
        var member: String?
        var byteOffset: Int?
        /// Facts that the line gives as text: what was found, and what is needed.
        let facts: [String]
        let remedy: String

        init(
            _ code: ArrayFileError.Code, _ bytes: [UInt8], member: String? = nil, at byteOffset: Int? = nil,
            _ facts: String...,
            remedy: String
        ) {
            (self.code, self.bytes, self.member, self.byteOffset) = (code, bytes, member, byteOffset)
            (self.facts, self.remedy) = (facts, remedy)
        }

        var testDescription: String { "\(code)" }
    }

    /// A header whose shape, or whatever is put there, starts at byte 60.
    static func header(descr: String = "|u1", order: String = "False", shape: String) -> [UInt8] {
        npy(header: "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape)}", data: Array(0..<6))
    }

    static let array = ZipMember("a.npy", countingNPY([2, 3]))
    static let deflated = ZipMember("a.npy", countingNPY([2, 3]), method: 8)
    static func zip(_ member: ZipMember) -> [UInt8] { ZipBuilder([member]).bytes }
    static let size = array.data.count
    static let directoryStart = 30 + 5 + size
    static let copyAgain = "copy or export it again", npySave = "save it again with numpy.save",
        npzSave = "numpy.savez_compressed"

    static let faults: [Fault] = [
        Fault(.empty, [], "is empty", remedy: copyAgain),
        Fault(.wrongMagic, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0], "gzip", "NPY or NPZ", remedy: "decompress it first"),
        Fault(
            .torchFile, zip(ZipMember("x/data.pkl", [1])), "PyTorch", "NPY or NPZ",
            remedy: "numpy.save(path, tensor.numpy())"),
        // NPY: offsets count from the file's first byte, and from the member's in an archive.
        Fault(
            .unsupportedVersion, npy(header: "{}", version: (4, 1)), at: 6, "4.1", "1.0, 2.0 and 3.0", remedy: npySave),
        Fault(.headerTruncated, npy(header: "{}", statedLength: 70), "12 bytes", "80", remedy: copyAgain),
        Fault(
            .headerTooLong, npy(header: npyDict("|u1", [6]) + String(repeating: " ", count: 10_000)), at: 8, "10057",
            "10000", remedy: npySave),
        Fault(.headerSyntax, header(shape: "(2 3)"), at: 63, "',' or ')'", remedy: npySave),
        Fault(.headerNotDict, npy(header: "[1]"), at: 10, "dict", remedy: npySave),
        Fault(
            .headerNotUTF8, npy(header: Array(npyDict("|u1", [6]).utf8) + [0xFF], version: (3, 0)), at: 12, "UTF-8",
            remedy: npySave),
        Fault(
            .missingHeaderKey, npy(header: "{'descr': '|u1', 'shape': (6,)}"), at: 10, "'fortran_order'",
            remedy: npySave),
        Fault(.unexpectedHeaderKey, npy(header: "{'shaper': (6,)}"), at: 20, "'shaper'", "'shape'", remedy: npySave),
        Fault(
            .repeatedHeaderKey, npy(header: "{'descr': '|u1', 'descr': '|u1'}"), at: 35, "'descr'", "twice",
            remedy: npySave),
        Fault(
            .unsupportedDType, header(descr: "<c8", shape: "(6,)"), at: 20, "'<c8'", "bool, integers or floats",
            remedy: ".astype('float32')"),
        Fault(
            .objectDType, header(descr: "|O", shape: "(6,)"), at: 20, "'|O'", "plain numbers", remedy: "numpy.savez("),
        Fault(
            .structuredDType, npy(header: "{'descr': [('a', '<i4')]"), at: 20, "[('a'", "plain numbers",
            remedy: "one field"),
        Fault(.invalidFortranOrder, header(order: "1", shape: "(6,)"), at: 44, "1", "True or False", remedy: npySave),
        Fault(.shapeNotTuple, header(shape: "[6]"), at: 60, "[6]", "tuple", remedy: npySave),
        Fault(.shapeNotIntegers, header(shape: "(2, 3.5)"), at: 64, "'3.5'", "whole numbers", remedy: npySave),
        Fault(.shapeNegative, header(shape: "(2, -3)"), at: 64, "-3", "negative", remedy: npySave),
        Fault(
            .shapeTooLarge, header(shape: "(2, 99999999999999999999)"), at: 64, "99999999999999999999", remedy: npySave),
        Fault(
            .tooManyAxes, header(shape: "(" + String(repeating: "1,", count: 65) + ")"), at: 189, "64", remedy: npySave),
        Fault(.dataTruncated, header(shape: "(2, 4)"), "6 bytes", "(2, 4)", "8", remedy: copyAgain),
        Fault(
            .dataTruncated, zip(ZipMember("a.npy", header(shape: "(2, 4)"))), member: "a.npy", "6 bytes", "(2, 4)", "8",
            remedy: copyAgain),
        Fault(
            .objectDType, zip(ZipMember("a.npy", header(descr: "|O", shape: "(6,)"))), member: "a.npy", at: 20, "'|O'",
            remedy: "numpy.savez("),
        // The archive
        Fault(
            .noEndRecord, Array(zip(array).dropLast()), at: zip(array).count - 1, "end of central directory",
            remedy: copyAgain),
        Fault(.bytesAfterArchive, zip(array) + [1, 2, 3], at: zip(array).count, "3 bytes", remedy: copyAgain),
        Fault(
            .multiDisk, ZipBuilder([array]).with(\.disk, 1).bytes, at: directoryStart + 51, "several disks",
            remedy: "join the parts"),
        Fault(
            .directoryRange, ZipBuilder([array]).with(\.statedDirectorySize, 1 << 20).bytes, at: directoryStart + 51,
            "\(directoryStart + 1 << 20)", "\(directoryStart + 51)", remedy: copyAgain),
        Fault(.entryCount, ZipBuilder([array]).with(\.statedCount, 7).bytes, "1 entries", "7", remedy: copyAgain),
        Fault(
            .entrySignature, zip(array.with(\.directorySignature, 1)), at: directoryStart, "entry", remedy: copyAgain),
        Fault(
            .entryTruncated,
            ZipBuilder([array]).with(\.statedDirectorySize, 50).with(\.statedDirectoryOffset, UInt64(directoryStart))
                .with(\.cutDirectory, 50).bytes, at: directoryStart, "cut", remedy: copyAgain),
        Fault(
            .zip64Record, ZipBuilder([array]).with(\.hasZip64End, true).with(\.zip64Signature, 1).bytes,
            at: directoryStart + 51 + 56, "zip64", remedy: copyAgain),
        // Its members
        Fault(
            .zip64Extra, zip(array.with(\.size, 0xFFFF_FFFF).with(\.compressedSize, 0xFFFF_FFFF)), member: "a.npy",
            "zip64 extra field", remedy: npzSave),
        Fault(.encrypted, zip(array.with(\.flags, 1)), member: "a.npy", "encrypted", remedy: "without a password"),
        Fault(
            .unsupportedMethod, zip(array.with(\.method, 14)), member: "a.npy", "14 (lzma)", "stored or deflated",
            remedy: npzSave),
        Fault(.patched, zip(array.with(\.flags, 0x20)), member: "a.npy", "patch", remedy: npzSave),
        Fault(
            .localOffset, zip(array.with(\.offset, 1 << 30)), member: "a.npy", "local header", "outside",
            remedy: copyAgain),
        Fault(
            .localSignature, ZipBuilder([array.with(\.localSignature, 1)]).with(\.prefix, [0x50, 0x4B, 3, 4]).bytes,
            member: "a.npy", at: 4, "local header", remedy: copyAgain),
        Fault(
            .localName, zip(array.with(\.localName, Array("b.npy".utf8))), member: "a.npy", at: 0, "another name",
            remedy: npzSave),
        Fault(.localMethod, zip(array.with(\.localMethod, 8)), member: "a.npy", "method 8", "0", remedy: npzSave),
        Fault(
            .membersOverlap,
            ZipBuilder([array.with(\.compressedSize, 150).with(\.size, 150), ZipMember("b.npy", array.data)]).bytes,
            member: "a.npy", at: 0, "overlaps", remedy: npzSave),
        Fault(
            .memberRange, zip(array.with(\.compressedSize, 1 << 30).with(\.size, 1 << 30)), member: "a.npy", at: 0,
            "1073741824", "\(size)", remedy: copyAgain),
        Fault(.storedSizes, zip(array.with(\.size, 20)), member: "a.npy", "\(size)", "20", remedy: npzSave),
        Fault(
            .impossibleSize, zip(deflated.with(\.size, 1 << 30)), member: "a.npy", "1073741824",
            "\(1032 * (size + 5) + 64)", remedy: npzSave),
        Fault(
            .memberName, ZipBuilder([array, ZipMember("b\0.npy", [])]).bytes, member: "b\\u{0}.npy", "holds a NUL",
            remedy: "another name"),
        Fault(.duplicateKey, ZipBuilder([array, array]).bytes, "'a'", remedy: "name of its own"),
        Fault(
            .deflateCorrupt, zip(deflated.with(\.stored, [7] + storedDeflate(array.data).dropFirst())), member: "a.npy",
            at: 36, "invalid block type", remedy: copyAgain),
        Fault(
            .deflateEndsEarly, zip(deflated.with(\.stored, Array(storedDeflate(array.data).dropLast(2)))),
            member: "a.npy", "\(size - 2) of \(size)", remedy: copyAgain),
        Fault(
            .memberTooLong, zip(deflated.with(\.stored, storedDeflate(array.data + [1]))), member: "a.npy", "\(size)",
            remedy: copyAgain),
        Fault(
            .memberTooShort, zip(deflated.with(\.size, UInt64(size) + 4)), member: "a.npy", "\(size)", "\(size + 4)",
            remedy: copyAgain),
        Fault(
            .bytesAfterDeflate, zip(deflated.with(\.stored, storedDeflate(array.data) + [1, 2])), member: "a.npy",
            "2 bytes", remedy: npzSave),
        Fault(
            .checksumMismatch, zip(array.with(\.crc, 0x1234)), member: "a.npy", "00001234", hex(slowCRC32(array.data)),
            remedy: copyAgain),
        Fault(
            .checksumMismatch, zip(deflated.with(\.crc, 0x1234)), member: "a.npy", "00001234",
            hex(slowCRC32(array.data)), remedy: copyAgain),
    ]

    static func hex(_ crc: UInt32) -> String {
        let digits = String(crc, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    @Test("a fault names file, member, byte, what was found and needed, and what to do", arguments: faults)
    func named(fault: Fault) throws {
        let path = try folder.write(fault.bytes, to: "file")
        let found = error { () throws(ArrayFileError) in try readAll(path) }
        let error = try #require(found)
        #expect(error.code == fault.code, "\(error)")
        #expect(error.file == path)
        #expect(error.member == fault.member)
        #expect(error.byteOffset == fault.byteOffset, "\(error)")
        let member = fault.member.map { "[\($0)]" } ?? ""
        let offset = fault.byteOffset.map { " byte \($0)" } ?? ""
        #expect(error.description.hasPrefix("\(path)\(member)\(offset): "), "\(error)")
        let parts = error.description.dropFirst(path.count).split(separator: "; ", maxSplits: 1)
        try #require(parts.count == 2, "\(error) has no remedy")
        for fact in fault.facts { #expect(parts[0].contains(fact), "\(error)") }
        #expect(parts[1].contains(fault.remedy), "\(error)")
        #expect(!error.description.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "one line that prints")
    }

    @Test("every kind of fault has a row here or a test of its own")
    func complete() {
        // Of paths and systems, not of bytes: FileTests, ArchiveWriterTests and the tests of the command.
        let elsewhere: [ArrayFileError.Code] = [
            .missing, .folder, .notRegularFile, .permissionDenied, .outOfSpace, .fileSizeLimit, .brokenPipe, .changed,
            .endsEarly, .textTooLong, .textNotUTF8, .nameTooLong,
        ]
        // Nothing that a file or its name holds leads to these.
        let unreachable: [ArrayFileError.Code] = [.system, .outOfMemory, .internal]
        let named = Set(Self.faults.map(\.code)).union(elsewhere).union(unreachable)
        #expect(ArrayFileError.Code.all.subtracting(named).isEmpty)
    }
}
