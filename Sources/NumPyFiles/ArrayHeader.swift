/// The element type, shape and memory order of an array, as an NPY header gives them.
public struct ArrayHeader: Hashable, Sendable {
    public let dtype: DType
    public let shape: [Int]
    public let isFortranOrder: Bool

    /// The product of `shape`; 1 for a scalar. It cannot overflow for a header that was read from a file.
    public let elementCount: Int

    public init(dtype: DType, shape: [Int], isFortranOrder: Bool = false) {
        precondition(shape.allSatisfy { $0 >= 0 }, "a shape has no negative lengths")
        self.dtype = dtype
        self.shape = shape
        self.isFortranOrder = isFortranOrder
        elementCount = shape.contains(0) ? 0 : shape.reduce(1, *)
    }

    /// Bytes of the elements, not counting the header.
    public var byteCount: Int { elementCount * dtype.byteCount }

    /// The shape as NumPy writes it: `(3, 12, 16)`, `(5,)`, `()`.
    public var shapeText: String {
        "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    }

    /// Magic, version 1.0, length and dict, padded as NumPy does so that the data start at a multiple of 64 bytes.
    ///
    /// **Source.** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    package var bytes: [UInt8] {
        let order = isFortranOrder ? "True" : "False"
        let dict = "{'descr': '\(dtype.descr)', 'fortran_order': \(order), 'shape': \(shapeText), }"
        let prefixCount = 10
        let unpadded = prefixCount + dict.utf8.count + 1
        let count = (unpadded + 63) / 64 * 64
        var bytes: [UInt8] = [0x93]
        bytes.append(contentsOf: "NUMPY".utf8)
        bytes.append(contentsOf: [1, 0, UInt8((count - prefixCount) & 0xFF), UInt8((count - prefixCount) >> 8)])
        bytes.append(contentsOf: dict.utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count - unpadded))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
