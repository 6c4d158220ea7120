import ConfidentLearning
import NumPyFiles

/// A label that cannot be used, with its place in the run of pixels that was read.
struct LabelFault: Error, Equatable {
    enum Kind: Equatable {
        /// Not in 0..<K and not ignored.
        case outOfRange
        /// A float that is no whole number.
        case notAnInteger
        /// One-hot labels with no 1, several, or another value, at a class.
        case notOneHot(classIndex: Int)
    }

    var kind: Kind
    var pixel: Int
    /// The value as it stands in the file.
    var value: String
    /// The value as an integer, where it is one and fits.
    var integer: Int?
}

/// Turns label values of any integer, bool or whole-number float dtype into given classes: 0..<K, or -1 where ignored.
struct LabelDecoder: Sendable {
    let dtype: DType
    let mapping: LabelMapping
    /// Classes of the 256 bytes as values of a dtype of one byte.
    private let byteLabels: ByteLabels

    init(dtype: DType, mapping: LabelMapping) {
        self.dtype = dtype
        self.mapping = mapping
        let ofBytes = (0..<256).map { byte in
            let value =
                switch dtype.kind {
                case .bool: byte == 0 ? 0 : 1
                case .signedInteger: Int(Int8(truncatingIfNeeded: byte))
                default: byte
                }
            return mapping.classOf(value)
        }
        byteLabels = ByteLabels(ofBytes, unusable: LabelMapping.unusable)
    }

    /// Replaces `labels` by the classes of a run of pixels.
    ///
    /// **Units.** `offset` and `stride` in elements of `dtype`.
    /// **Errors.** The first value that is no class and not ignored.
    func decode(
        _ bytes: RawSpan, offset: Int, stride: Int, count: Int, into labels: inout [Int32]
    ) throws(LabelFault) {
        labels.removeAll(keepingCapacity: true)
        guard count > 0 else { return }
        let size = dtype.byteCount
        if size == 1 && stride == 1 {
            // The usual case, by one look-up a pixel; where something is wrong the loops below say what.
            let isBad = PlaneLoading.lookUp(
                bytes, offset: offset, count: count, table: byteLabels, into: &labels)
            if !isBad { return }
            labels.removeAll(keepingCapacity: true)
        }
        labels.reserveCapacity(count)
        precondition(offset >= 0 && (offset + (count - 1) * stride + 1) * size <= bytes.byteCount, "beyond the bytes")
        switch (dtype.kind, size) {
        case (.bool, _):
            // NumPy takes any byte but 0 for true.
            try run(bytes, UInt8.self, offset, stride, count, &labels) { $0 == 0 ? 0 : 1 }
        case (.unsignedInteger, 1): try run(bytes, UInt8.self, offset, stride, count, &labels) { Int($0) }
        case (.signedInteger, 1): try run(bytes, Int8.self, offset, stride, count, &labels) { Int($0) }
        case (.unsignedInteger, 2): try runSwapping(bytes, UInt16.self, offset, stride, count, &labels)
        case (.signedInteger, 2): try runSwapping(bytes, Int16.self, offset, stride, count, &labels)
        case (.unsignedInteger, 4): try runSwapping(bytes, UInt32.self, offset, stride, count, &labels)
        case (.signedInteger, 4): try runSwapping(bytes, Int32.self, offset, stride, count, &labels)
        case (.unsignedInteger, _): try runSwapping(bytes, UInt64.self, offset, stride, count, &labels)
        case (.signedInteger, _): try runSwapping(bytes, Int64.self, offset, stride, count, &labels)
        case (.raw, _): preconditionFailure("labels without a type are refused when headers are checked")
        case (.float, _): try decodeFloats(bytes, offset, stride, count, &labels)
        }
    }

    private func runSwapping<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: RawSpan, _ type: Value.Type, _ offset: Int, _ stride: Int, _ count: Int, _ labels: inout [Int32]
    ) throws(LabelFault) {
        if dtype.isBigEndian {
            try run(bytes, type, offset, stride, count, &labels) { Int(exactly: Value(bigEndian: $0)) }
        } else {
            try run(bytes, type, offset, stride, count, &labels) { Int(exactly: Value(littleEndian: $0)) }
        }
    }

    @inline(__always)
    private func run<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: RawSpan, _ type: Value.Type, _ offset: Int, _ stride: Int, _ count: Int, _ labels: inout [Int32],
        _ integer: (Value) -> Int?
    ) throws(LabelFault) {
        let size = MemoryLayout<Value>.size
        for pixel in 0..<count {
            let raw = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: (offset + pixel * stride) * size, as: type)
            let value = integer(raw)
            let label = value.map { mapping.classOf($0) } ?? LabelMapping.unusable
            if label == LabelMapping.unusable {
                let text = value.map(String.init) ?? String(dtype.isBigEndian ? Value(bigEndian: raw) : raw)
                throw LabelFault(kind: .outOfRange, pixel: pixel, value: text, integer: value)
            }
            labels.append(label)
        }
    }

    private func decodeFloats(
        _ bytes: RawSpan, _ offset: Int, _ stride: Int, _ count: Int, _ labels: inout [Int32]
    ) throws(LabelFault) {
        for pixel in 0..<count {
            let value = loadFloat(bytes, dtype: dtype, element: offset + pixel * stride)
            guard let whole = Int(exactly: value) else {
                throw LabelFault(kind: .notAnInteger, pixel: pixel, value: "\(value)", integer: nil)
            }
            let label = mapping.classOf(whole)
            if label == LabelMapping.unusable {
                throw LabelFault(kind: .outOfRange, pixel: pixel, value: "\(whole)", integer: whole)
            }
            labels.append(label)
        }
    }

    /// Replaces `labels` by the classes of a run of one-hot pixels.
    ///
    /// **Errors.** The first pixel that has not exactly one 1 and zeros beside it.
    func decodeOneHot(
        _ bytes: RawSpan, offset: Int, pixelStride: Int, classStride: Int, count: Int, into labels: inout [Int32]
    ) throws(LabelFault) {
        labels.removeAll(keepingCapacity: true)
        for pixel in 0..<count {
            var hot: Int?
            for classIndex in 0..<mapping.classCount {
                let value = loadNumber(
                    bytes, dtype: dtype, element: offset + pixel * pixelStride + classIndex * classStride)
                if value == 0 { continue }
                guard value == 1 && hot == nil else {
                    throw LabelFault(
                        kind: .notOneHot(classIndex: classIndex), pixel: pixel,
                        value: value == 1 ? "a second 1" : numberText(value), integer: nil)
                }
                hot = classIndex
            }
            guard let hot else {
                throw LabelFault(kind: .notOneHot(classIndex: 0), pixel: pixel, value: "no 1", integer: nil)
            }
            let label = mapping.classOf(hot)
            if label == LabelMapping.unusable {
                throw LabelFault(kind: .outOfRange, pixel: pixel, value: "\(hot)", integer: hot)
            }
            labels.append(label)
        }
    }
}

/// A whole number without a fraction, any other as it is.
func numberText(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
}
