/// The bytes of an NPY file, any part of which may be wrong.
package func npy(
    header: String, version: (UInt8, UInt8) = (1, 0), data: [UInt8] = [], statedLength: Int? = nil
) -> [UInt8] {
    npy(header: Array(header.utf8), version: version, data: data, statedLength: statedLength)
}

package func npy(
    header: [UInt8], version: (UInt8, UInt8) = (1, 0), data: [UInt8] = [], statedLength: Int? = nil
) -> [UInt8] {
    let length = statedLength ?? header.count
    let width = version.0 == 1 ? 2 : 4
    let lengthBytes = (0..<width).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version.0, version.1] + lengthBytes + header + data
}

/// A dict as NumPy writes it, without padding.
package func npyDict(_ descr: String, _ shape: [Int], fortran: Bool = false) -> String {
    let tuple = "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    return "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(tuple), }"
}

/// A good file of bytes 0, 1, 2, ... as uint8.
package func countingNPY(_ shape: [Int]) -> [UInt8] {
    npy(header: npyDict("|u1", shape) + "\n", data: (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0) })
}
