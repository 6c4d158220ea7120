/// The element type of an array, as NPY's `descr` names it.
public struct DType: Hashable, Sendable {
    /// NumPy's `dtype.kind`, for the kinds that can be read.
    public enum Kind: Sendable {
        case bool, signedInteger, unsignedInteger, float
        /// Two bytes without a meaning, as which NumPy saves bfloat16.
        case raw
    }

    public let kind: Kind
    /// Bytes an element: 1, 2, 4 or 8.
    public let byteCount: Int
    /// Always false where an element takes one byte.
    public let isBigEndian: Bool

    public init(kind: Kind, byteCount: Int, isBigEndian: Bool = false) {
        self.kind = kind
        self.byteCount = byteCount
        self.isBigEndian = isBigEndian && byteCount > 1 && kind != .raw
    }

    /// As NumPy writes it: `<f4`, `|u1`.
    public var descr: String {
        let letter =
            switch kind {
            case .bool: "b"
            case .signedInteger: "i"
            case .unsignedInteger: "u"
            case .float: "f"
            case .raw: "V"
            }
        return (byteCount == 1 || kind == .raw ? "|" : isBigEndian ? ">" : "<") + letter + String(byteCount)
    }

    /// NumPy's name without the byte order: `float32`, `uint8`, `bool`.
    public var name: String {
        switch kind {
        case .bool: "bool"
        case .signedInteger: "int\(byteCount * 8)"
        case .unsignedInteger: "uint\(byteCount * 8)"
        case .float: "float\(byteCount * 8)"
        case .raw: "void\(byteCount * 8)"
        }
    }
}
