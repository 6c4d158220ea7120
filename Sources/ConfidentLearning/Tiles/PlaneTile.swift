internal import CPixelKernels

/// The element type of class planes.
public enum PlaneType: Sendable, Equatable {
    case float16, float32, float64

    public var byteCount: Int {
        switch self {
        case .float16: 2
        case .float32: 4
        case .float64: 8
        }
    }

    var kernelType: mlk_type {
        switch self {
        case .float16: MLK_FLOAT16
        case .float32: MLK_FLOAT32
        case .float64: MLK_FLOAT64
        }
    }
}

/// Where the class planes of a tile lie: class k of pixel x is element `offset + k * stride + x` of some bytes.
///
/// **Shapes.** K planes of `count` pixels each, all of one image.
/// **Units.** `offset` and `stride` in elements; elements are native-endian and may lie at any byte.
public struct PlaneTile: Sendable, Equatable {
    /// Most pixels in one tile: its state then stays in the first-level cache.
    public static let capacity = Int(MLK_TILE)

    public var type: PlaneType
    public var classCount: Int
    public var offset: Int
    public var stride: Int
    public var count: Int

    public init(type: PlaneType, classCount: Int, offset: Int, stride: Int, count: Int) {
        self.type = type
        self.classCount = classCount
        self.offset = offset
        self.stride = stride
        self.count = count
    }

    /// Stops the process where the tile leaves `bytes`, which is its caller's fault and never that of a file.
    func check(in bytes: RawSpan) {
        precondition(
            offset >= 0 && stride >= 0 && count >= 0 && count <= Self.capacity && classCount > 0, "not a tile")
        precondition(
            (offset + (classCount - 1) * stride + count) * type.byteCount <= bytes.byteCount, "planes beyond the bytes")
    }

    /// The tile as the kernels take it, within bytes that start at `base`.
    ///
    /// - Parameter isCollected: whether the tile's candidates are collected next, before another tile is looked at.
    func kernelTile(at base: UnsafeRawPointer, isCollected: Bool) -> mlk_tile {
        unsafe mlk_tile(
            planes: base + offset * type.byteCount, type: type.kernelType, stride: stride, classes: UInt32(classCount),
            count: UInt32(count), is_collected: isCollected)
    }

    /// The value of one class at one pixel, widened.
    func value(classIndex: Int, pixel: Int, in bytes: RawSpan) -> Double {
        let at = (offset + classIndex * stride + pixel) * type.byteCount
        precondition(at >= 0 && at <= bytes.byteCount - type.byteCount, "beyond the bytes")
        switch type {
        case .float16:
            return Double(mlk_half_to_float(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self)))
        case .float32:
            return Double(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: Float.self))
        case .float64:
            return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: Double.self)
        }
    }

    /// All K values of one pixel, widened.
    public func vector(pixel: Int, in bytes: RawSpan) -> [Double] {
        (0..<classCount).map { value(classIndex: $0, pixel: pixel, in: bytes) }
    }
}
