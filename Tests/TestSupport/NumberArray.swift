/// An array of numbers in C order, to be written as NPY in any dtype, byte order and memory order.
package struct NumberArray: Sendable, Equatable {
    package var shape: [Int]
    package var values: [Double]

    package init(_ shape: [Int], _ values: [Double]) {
        precondition(shape.reduce(1, *) == values.count, "values do not fill the shape")
        self.shape = shape
        self.values = values
    }

    package init(_ shape: [Int], _ values: [Int]) { self.init(shape, values.map(Double.init)) }

    /// As `numpy.transpose`: axis `axes[i]` becomes axis i.
    package func transposed(_ axes: [Int]) -> NumberArray {
        let target = axes.map { shape[$0] }
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        var index = [Int](repeating: 0, count: shape.count)
        var out: [Double] = []
        out.reserveCapacity(values.count)
        for _ in values.indices {
            out.append(values[zip(index, axes).reduce(0) { $0 + $1.0 * strides[$1.1] }])
            for axis in index.indices.reversed() {
                index[axis] += 1
                if index[axis] < target[axis] { break }
                index[axis] = 0
            }
        }
        return NumberArray(target, out)
    }

    /// The array as an NPY file.
    package func npy(_ descr: String, fortran: Bool = false) -> [UInt8] {
        let order = fortran ? transposed(Array(shape.indices.reversed())).values : values
        let encoder = ElementEncoder(descr)
        var data: [UInt8] = []
        data.reserveCapacity(order.count * encoder.size)
        for value in order { encoder.append(value, to: &data) }
        return TestSupport.npy(header: npyDict(descr, shape, fortran: fortran) + "\n", data: data)
    }
}

/// The bytes of one number; integers are exact up to 2^53.
package func elementBytes(_ value: Double, _ descr: String) -> [UInt8] {
    var bytes: [UInt8] = []
    ElementEncoder(descr).append(value, to: &bytes)
    return bytes
}

private struct ElementEncoder {
    let size: Int
    let isFloat: Bool
    let isBigEndian: Bool

    init(_ descr: String) {
        let parts = Array(descr)
        guard parts.count == 3, let size = Int(String(parts[2])) else { preconditionFailure("not a descr: \(descr)") }
        self.size = size
        isFloat = parts[1] == "f"
        isBigEndian = parts[0] == ">"
    }

    func append(_ value: Double, to bytes: inout [UInt8]) {
        var bits: UInt64
        if !isFloat {
            bits = UInt64(bitPattern: Int64(value))
        } else if size == 2 {
            bits = UInt64(halfBits(value))
        } else {
            bits = size == 4 ? UInt64(Float(value).bitPattern) : value.bitPattern
        }
        let shift = UInt64(8 * (8 - size))
        if isBigEndian { bits = bits.byteSwapped >> shift }
        var left = size
        while left > 0 {
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
            left -= 1
        }
    }
}

/// An archive as `numpy.savez` or, deflated, `numpy.savez_compressed` makes it.
package func npz(_ members: [(String, [UInt8])], deflated: Bool = false) -> [UInt8] {
    ZipBuilder(
        members.map { ZipMember($0.0 + ".npy", $0.1, method: deflated ? 8 : 0).with(\.crc, tableCRC32($0.1)) }
    ).bytes
}

/// CRC-32 a byte at a time, for archives of megabytes; the table comes from the definition.
package func tableCRC32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    let table = crcTable
    for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
    return ~crc
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
}
