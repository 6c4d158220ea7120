import NumPyFiles
import TestSupport
import Testing

/// Headers built by hand around six bytes of data.
@Suite struct HeaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let words: String

        init(_ description: String, _ bytes: [UInt8], _ words: String = "") {
            (testDescription, self.bytes, self.words) = (description, bytes, words)
        }

        init(_ header: String, _ words: String = "") {
            self.init(header, npy(header: header, data: [0, 1, 2, 3, 4, 5]), words)
        }
    }

    @Test(
        "what Python reads as the same dict is read",
        arguments: [
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }"),
            Row("{'shape':(2,3),'descr':'|u1','fortran_order':False}"),
            Row("{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (2, 3,)}"),
            Row("\t{ 'descr' :\n'|u1' ,\r\n 'fortran_order':\tFalse, 'shape' : ( 2 , 3 ) , }\n\n  "),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L)}"),
            Row("{u'descr': u'|u1', u'fortran_order': False, u'shape': (2, 3)}"),
            Row("{'descr': '=u1', 'fortran_order': False, 'shape': (2, 3)}"),
            Row("{'descr': 'u1', 'fortran_order': False, 'shape': (2, 3)}"),
            Row("{'descr': '>u1', 'fortran_order': False, 'shape': (2, 3)}"),
            Row(
                "a header of 10,000 bytes",
                npy(header: npyDict("|u1", [2, 3]) + String(repeating: " ", count: 10_000 - 59), data: Array(0..<6))),
            Row("version 3.0", npy(header: npyDict("|u1", [2, 3]), version: (3, 0), data: Array(0..<6))),
        ])
    func good(row: Row) throws {
        let file = try ArrayFile(path: try folder.write(row.bytes, to: "a.npy"))
        #expect(
            try file.header(of: file.arrays[0])
                == ArrayHeader(dtype: DType(kind: .unsignedInteger, byteCount: 1), shape: [2, 3]))
        #expect(try allBytes(file, file.arrays[0], spool: folder.path) == Array(0..<6))
    }

    @Test(
        "what is wrong with a header is named",
        arguments: [
            Row("", "byte 10: NPY header is not a dict"),
            Row("['|u1', False, (2, 3)]", "byte 10: NPY header is not a dict"),
            Row("{'descr': '|u1', 'fortran_order': False}", "has no key 'shape'"),
            Row("{}", "has no key 'descr'"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
                "byte 72: NPY header has the key 'x', only"),
            Row(
                "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}", "has the key 'descr' twice"
            ),
            Row("{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 3)}", "fortran_order is 0, True or False is needed"),
            Row("{'descr': '|u1', 'fortran_order': Falsey, 'shape': (2, 3)}", "fortran_order is Falsey"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': [2, 3]}", "is not a tuple"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (6)}", "shape (6) is not a tuple"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (2.0, 3)}",
                "byte 61: shape has '2.0', whole numbers are needed"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (03, 2)}", "shape has '03'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (1_6, 2)}", "shape has '1_6'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (1,000, 2)}", "shape has '000'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (1.000, 2)}", "shape has '1.000'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (1'000, 2)}", "',' or ')' is needed here"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (0x2, 3)}", "shape has '0x2'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3.)}", "shape has '3.'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (+2, 3)}", "shape has '+2'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2e0, 3)}", "shape has '2e0'"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (6,,)}", "shape has ''"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2, True)}", "shape has 'True'"),
            Row("{'descr': '|u1', 'fortran_order': False, b'shape': (2, 3)}", "a quoted string is needed here"),
            Row("{'descr': b'|u1', 'fortran_order': False, 'shape': (2, 3)}", "dtype 'b'|u1'' is not supported"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (2 3)}",
                "byte 63: NPY header cannot be parsed, ',' or ')' is needed here"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (-2, -3)}", "the negative length -2"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775808,)}", "too large for any file"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296, 16)}",
                "too large for any file"),
            Row("{'descr': '<i8', 'fortran_order': False, 'shape': (2305843009213693953,)}", "too large for any file"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 9223372036854775807, 2)}",
                "too large for any file"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (\(String(repeating: "1, ", count: 65)))}",
                "more than 64 axes"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (7,)}",
                "holds 6 bytes of data, its shape (7,) needs 7"),
            Row(
                "{'descr': '|O', 'fortran_order': False, 'shape': (6,)}",
                "byte 20: dtype '|O' is object, which needs pickle"),
            Row(
                "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (6,)}",
                "is structured, plain numbers are needed"),
            Row(
                "{'descr': '<c8', 'fortran_order': False, 'shape': (6,)}",
                "dtype '<c8' is not supported, bool, integers or floats of at most 8 bytes are needed; save it with .astype('float32')"
            ),
            Row("{'descr': '<U2', 'fortran_order': False, 'shape': (6,)}", "save it with .astype('int32')"),
            Row("{'descr': '<u16', 'fortran_order': False, 'shape': (6,)}", "dtype '<u16' is not supported"),
            Row("{'descr': 'b8', 'fortran_order': False, 'shape': (6,)}", "dtype 'b8' is not supported"),
            Row("{'descr': '\u{1B}[31m', 'fortran_order': False, 'shape': (6,)}", "dtype '\\x1b[31m' is not supported"),
            Row(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)} x",
                "byte 68: NPY header cannot be parsed, nothing but blanks after the dict is needed here"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}\0", "nothing but blanks after the dict"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)", "',' or '}' is needed here"),
            Row("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3", "',' or ')' is needed here"),
            Row("{'descr", "the end of a quoted string is needed here"),
            Row(
                "10,001 bytes",
                npy(header: npyDict("|u1", [2, 3]) + String(repeating: " ", count: 10_001 - 59), data: Array(0..<6)),
                "byte 8: NPY header of 10001 bytes, at most 10000 are read"),
            Row(
                "a length past the end", npy(header: "{}", version: (2, 0), statedLength: 0xFFFF_FFFF),
                "ends within its NPY header: 14 bytes, 4294967307 are needed"),
            Row("version 2.1", npy(header: "{}", version: (2, 1)), "byte 6: NPY version 2.1"),
            Row("version 4.0", npy(header: "{}", version: (4, 0)), "byte 6: NPY version 4.0"),
            Row(
                "version 3.0, not UTF-8", npy(header: Array(npyDict("|u1", [6]).utf8) + [0xFF], version: (3, 0)),
                "is not UTF-8"),
            Row("nesting", npy(header: String(repeating: "(", count: 9000)), "is not a dict"),
            Row("nested descr", npy(header: "{'descr': " + String(repeating: "[", count: 9000)), "is structured"),
        ])
    func bad(row: Row) throws {
        let path = try folder.write(row.bytes, to: "a.npy")
        let text = message { () throws(ArrayFileError) in try readAll(path) }
        #expect(text.hasPrefix(path))
        #expect(text.contains(row.words), "\(text)")
        #expect(!text.utf8.contains { $0 < 0x20 })
    }

    @Test(
        "a file that is something else is told for what it is",
        arguments: [
            Row("empty", [], "is empty"),
            Row(
                "gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0],
                "is a gzip file, an NPY or NPZ file is needed; decompress it first"),
            Row("PNG", [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], "is a PNG image"),
            Row("pickle", [0x80, 4, 0x95, 1, 0, 0, 0, 0], "is a Python pickle"),
            Row("text", Array("0 1 2 3\n".utf8), "is text"),
            Row("zeros", [UInt8](repeating: 0, count: 100), "is all zero bytes"),
            Row(
                "NPY as UTF-8", [0xC2, 0x93] + Array("NUMPY\u{1}".utf8),
                "re-encoded as text, an NPY or NPZ file is needed; copy it in binary mode"),
            Row(
                "nothing known", [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x58, 1, 0], "does not start as an NPY or NPZ file does"
            ),
        ])
    func otherFiles(row: Row) throws {
        let path = try folder.write(row.bytes, to: "a.npy")
        #expect(message { () throws(ArrayFileError) in try readAll(path) }.contains(row.words))
    }

    @Test("cut at every byte, a file names an error and never reads")
    func cutAnywhere() throws {
        let whole = countingNPY([3, 5])
        for size in 0..<whole.count {
            let path = try folder.write(Array(whole[..<size]), to: "a.npy")
            let found = code { () throws(ArrayFileError) in try readAll(path) }
            #expect(
                [.empty, .headerTruncated, .dataTruncated].contains(found),
                "cut to \(size): \(String(describing: found))")
        }
    }

    @Test("bytes after the array are counted and do not disturb")
    func trailing() throws {
        let path = try folder.write(countingNPY([2, 3]) + [1, 2, 3], to: "a.npy")
        let file = try ArrayFile(path: path)
        #expect(try file.trailingByteCount(of: file.arrays[0]) == 3)
        #expect(try allBytes(file, file.arrays[0], spool: folder.path) == Array(0..<6))
    }
}
