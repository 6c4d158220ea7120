public import HostSystem

/// A Swift type whose values lie in memory as the elements of an array do, in the byte order of the machine and without
/// gaps.
///
/// Swift cannot know that a type has no gaps. Because these have none, all bytes of their values may be read.
public protocol ArrayElement: BitwiseCopyable, Sendable {
    static var dtype: DType { get }
}

extension Bool: ArrayElement { public static var dtype: DType { DType(kind: .bool, byteCount: 1) } }
extension Int8: ArrayElement { public static var dtype: DType { DType(kind: .signedInteger, byteCount: 1) } }
extension Int16: ArrayElement { public static var dtype: DType { DType(kind: .signedInteger, byteCount: 2) } }
extension Int32: ArrayElement { public static var dtype: DType { DType(kind: .signedInteger, byteCount: 4) } }
extension Int64: ArrayElement { public static var dtype: DType { DType(kind: .signedInteger, byteCount: 8) } }
extension UInt8: ArrayElement { public static var dtype: DType { DType(kind: .unsignedInteger, byteCount: 1) } }
extension UInt16: ArrayElement { public static var dtype: DType { DType(kind: .unsignedInteger, byteCount: 2) } }
extension UInt32: ArrayElement { public static var dtype: DType { DType(kind: .unsignedInteger, byteCount: 4) } }
extension UInt64: ArrayElement { public static var dtype: DType { DType(kind: .unsignedInteger, byteCount: 8) } }
extension Float: ArrayElement { public static var dtype: DType { DType(kind: .float, byteCount: 4) } }
extension Double: ArrayElement { public static var dtype: DType { DType(kind: .float, byteCount: 8) } }

extension Span where Element: ArrayElement {
    /// The elements as bytes, for code that takes `RawSpan` and may not say `unsafe`.
    public func withRawBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try body(unsafe bytes) }
}

extension DeflatedChunk {
    public init<Element: ArrayElement>(_ elements: Span<Element>, compression: ArchiveCompression) {
        self.init(unsafe elements.bytes, compression: compression)
    }

    public init<Element: ArrayElement>(_ elements: [Element], compression: ArchiveCompression) {
        self.init(elements.span, compression: compression)
    }
}

extension ArchiveWriter {
    /// Writes a whole member in C order.
    public func add<Element: ArrayElement>(
        key: String, shape: [Int], elements: Span<Element>
    ) throws(ArrayFileError) {
        let header = ArrayHeader(dtype: Element.dtype, shape: shape)
        precondition(header.elementCount == elements.count, "the elements do not fill the shape")
        try add(key: key, header: header, bytes: unsafe elements.bytes)
    }

    public func add<Element: ArrayElement>(key: String, shape: [Int], elements: [Element]) throws(ArrayFileError) {
        try add(key: key, shape: shape, elements: elements.span)
    }
}

extension SpoolFile {
    /// Appends and gives the offset at which the bytes start.
    public func append<Element: ArrayElement>(_ elements: Span<Element>) throws(ArrayFileError) -> Int {
        try append(unsafe elements.bytes)
    }
}
