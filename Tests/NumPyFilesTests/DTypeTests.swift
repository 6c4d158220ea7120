import NumPyFiles
import Testing

@Suite struct DTypeTests {
    @Test(
        "descr is what NumPy writes",
        arguments: [
            (DType(kind: .float, byteCount: 4), "<f4", "float32"),
            (DType(kind: .signedInteger, byteCount: 8, isBigEndian: true), ">i8", "int64"),
            (DType(kind: .unsignedInteger, byteCount: 1, isBigEndian: true), "|u1", "uint8"),
            (DType(kind: .bool, byteCount: 1), "|b1", "bool"),
        ])
    func descr(dtype: DType, descr: String, name: String) {
        #expect(dtype.descr == descr)
        #expect(dtype.name == name)
    }
}
