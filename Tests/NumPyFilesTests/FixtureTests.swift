import Foundation
import NumPyFiles
import TestSupport
import Testing

/// Files written by NumPy; `Scripts/make-npy-fixtures.py` tells their values.
@Suite struct FixtureTests {
    let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    func open(_ name: String) throws -> ArrayFile { try ArrayFile(path: fixturesPath + "/npy/" + name) }

    @Test(
        "every dtype and byte order is read with NumPy's values",
        arguments: [
            ("b1.npy", DType(kind: .bool, byteCount: 1)), ("i1.npy", DType(kind: .signedInteger, byteCount: 1)),
            ("u1.npy", DType(kind: .unsignedInteger, byteCount: 1)),
            ("le-i2.npy", DType(kind: .signedInteger, byteCount: 2)),
            ("be-i2.npy", DType(kind: .signedInteger, byteCount: 2, isBigEndian: true)),
            ("le-u2.npy", DType(kind: .unsignedInteger, byteCount: 2)),
            ("be-u2.npy", DType(kind: .unsignedInteger, byteCount: 2, isBigEndian: true)),
            ("le-i4.npy", DType(kind: .signedInteger, byteCount: 4)),
            ("be-i4.npy", DType(kind: .signedInteger, byteCount: 4, isBigEndian: true)),
            ("le-u4.npy", DType(kind: .unsignedInteger, byteCount: 4)),
            ("be-u4.npy", DType(kind: .unsignedInteger, byteCount: 4, isBigEndian: true)),
            ("le-i8.npy", DType(kind: .signedInteger, byteCount: 8)),
            ("be-i8.npy", DType(kind: .signedInteger, byteCount: 8, isBigEndian: true)),
            ("le-u8.npy", DType(kind: .unsignedInteger, byteCount: 8)),
            ("be-u8.npy", DType(kind: .unsignedInteger, byteCount: 8, isBigEndian: true)),
            ("le-f2.npy", DType(kind: .float, byteCount: 2)),
            ("be-f2.npy", DType(kind: .float, byteCount: 2, isBigEndian: true)),
            ("le-f4.npy", DType(kind: .float, byteCount: 4)),
            ("be-f4.npy", DType(kind: .float, byteCount: 4, isBigEndian: true)),
            ("le-f8.npy", DType(kind: .float, byteCount: 8)),
            ("be-f8.npy", DType(kind: .float, byteCount: 8, isBigEndian: true)),
        ])
    func dtypes(name: String, dtype: DType) throws {
        let file = try open(name)
        #expect(!file.isArchive)
        #expect(try file.header(of: file.arrays[0]) == ArrayHeader(dtype: dtype, shape: [2, 3]))
        #expect(
            try allBytes(file, file.arrays[0], spool: temporary.path) == (0..<6).flatMap { elementBytes($0, dtype) })
    }

    @Test(
        "Fortran order is told, and the bytes come as they lie",
        arguments: [
            ("fortran-u1.npy", DType(kind: .unsignedInteger, byteCount: 1)),
            ("fortran-le-f4.npy", DType(kind: .float, byteCount: 4)),
            ("fortran-be-i2.npy", DType(kind: .signedInteger, byteCount: 2, isBigEndian: true)),
            ("fortran-be-f8.npy", DType(kind: .float, byteCount: 8, isBigEndian: true)),
        ])
    func fortran(name: String, dtype: DType) throws {
        let file = try open(name)
        #expect(try file.header(of: file.arrays[0]) == ArrayHeader(dtype: dtype, shape: [2, 3], isFortranOrder: true))
        // [[0 1 2] [3 4 5]] by columns.
        #expect(
            try allBytes(file, file.arrays[0], spool: temporary.path)
                == [0, 3, 1, 4, 2, 5].flatMap { elementBytes($0, dtype) })
    }

    @Test(
        "shapes of none, one and empty axes are read",
        arguments: [
            ("shape-scalar.npy", [], "()"), ("shape-one-axis.npy", [5], "(5,)"),
            ("shape-empty-axis.npy", [2, 0, 3], "(2, 0, 3)"),
            ("shape-four-axes.npy", [2, 3, 1, 2], "(2, 3, 1, 2)"),
        ])
    func shapes(name: String, shape: [Int], text: String) throws {
        let file = try open(name)
        let header = try file.header(of: file.arrays[0])
        #expect(header.shape == shape)
        #expect(header.shapeText == text)
        #expect(
            try allBytes(file, file.arrays[0], spool: temporary.path) == (0..<UInt8(header.elementCount)).map { $0 })
    }

    @Test("versions 1.0, 2.0 and 3.0 are read", arguments: [1, 2, 3])
    func versions(version: Int) throws {
        let file = try open("version-\(version).npy")
        let dtype = DType(kind: .float, byteCount: 4)
        #expect(
            try allBytes(file, file.arrays[0], spool: temporary.path) == (0..<6).flatMap { elementBytes($0, dtype) })
    }

    @Test(
        "archives of numpy.savez and savez_compressed give the same arrays", arguments: ["stored.npz", "deflated.npz"])
    func archives(name: String) throws {
        let file = try open(name)
        #expect(file.isArchive)
        #expect(file.arrays.map(\.key) == ["labels", "pred_probs"])
        #expect(file.arrays.allSatisfy { $0.isDeflated == (name == "deflated.npz") })
        #expect(try allBytes(file, file.arrays[0], spool: temporary.path) == Array(0..<12))
        let half = DType(kind: .float, byteCount: 2)
        #expect(try file.header(of: file.arrays[1]) == ArrayHeader(dtype: half, shape: [2, 2, 2, 3]))
        #expect(
            try allBytes(file, file.arrays[1], spool: temporary.path) == (0..<24).flatMap { elementBytes($0, half) })
        try file.checkUnchanged()
    }

    @Test("a member that compresses a hundredfold comes out whole")
    func compressible() throws {
        let file = try open("zeros.npz")
        #expect(
            try allBytes(file, file.arrays[0], step: 4096, spool: temporary.path)
                == [UInt8](repeating: 0, count: 100_000))
        let word = DType(kind: .unsignedInteger, byteCount: 4)
        #expect(
            try allBytes(file, file.arrays[1], step: 1001, spool: temporary.path)
                == (0..<2000).flatMap { elementBytes($0, word) })
    }

    @Test(
        "archives that others write are read: data descriptors, zip64, a comment, a prefix",
        arguments: [
            "descriptor-stored.npz", "descriptor-deflated.npz", "zip64-members.npz", "zip64-end.npz", "comment.npz",
            "prefix.npz",
        ])
    func otherWriters(name: String) throws {
        let file = try open(name)
        #expect(file.arrays.map(\.key) == ["labels", "pred_probs"])
        #expect(try allBytes(file, file.arrays[0], spool: temporary.path) == Array(0..<6))
        let single = DType(kind: .float, byteCount: 4)
        #expect(
            try allBytes(file, file.arrays[1], spool: temporary.path) == (0..<4).flatMap { elementBytes($0, single) })
    }

    // Fields of the first local header: flags at 6, CRC-32 at 14, sizes at 18 and 22.
    @Test(
        "what these archives are there for is in them",
        arguments: [
            ("stored.npz", 0, [UInt8](repeating: 0xFF, count: 8)),
            ("descriptor-stored.npz", 8, [UInt8](repeating: 0, count: 8)),
            ("descriptor-deflated.npz", 8, [UInt8](repeating: 0, count: 8)),
            ("zip64-members.npz", 0, [UInt8](repeating: 0xFF, count: 8)),
        ])
    func localHeaders(name: String, flags: UInt8, sizes: [UInt8]) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixturesPath + "/npy/" + name)))
        #expect(bytes[6] == flags)
        #expect(Array(bytes[18..<26]) == sizes)
    }

    @Test("names in UTF-8 and with folders are keys")
    func names() throws {
        #expect(try open("names.npz").arrays.map(\.key) == ["étiquettes", "val/a b"])
    }
}

/// Element `index` of a fixture, as the script's first lines define it.
private func elementBytes(_ index: Int, _ dtype: DType) -> [UInt8] {
    let bits: UInt64 =
        switch (dtype.kind, dtype.byteCount) {
        case (.bool, _): UInt64(index % 2)
        case (.signedInteger, _): UInt64(bitPattern: Int64(index - 3))
        case (.unsignedInteger, _): UInt64(index)
        case (.float, 2): UInt64(halfBits(quarters: index))
        case (.float, 4): UInt64((Float(index) / 4).bitPattern)
        case (.float, _): (Double(index) / 4).bitPattern
        case (.raw, _): preconditionFailure("no fixture is of this type")
        }
    let bytes = little(bits, dtype.byteCount)
    return dtype.isBigEndian ? bytes.reversed() : bytes
}

/// float16 of `quarters / 4`: the number's leading one sits at bit `e`, so the exponent is e - 2 + 15.
private func halfBits(quarters: Int) -> UInt16 {
    if quarters == 0 { return 0 }
    let e = Int.bitWidth - 1 - quarters.leadingZeroBitCount
    return UInt16((e + 13) << 10 | (quarters << (10 - e)) & 0x3FF)
}
