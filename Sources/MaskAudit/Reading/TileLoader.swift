import ConfidentLearning
import NumPyFiles

/// Where the probabilities of one image lie within some bytes, and what they are.
struct ProbabilityView: Sendable {
    var axes: ImageAxes
    var dtype: DType
    /// Elements hold bfloat16, whatever their dtype.
    var isBFloat16 = false
    var form: ProbabilityForm
    /// Element of the image's first value.
    var base: Int
    /// K of the dataset; 2 where the file holds one foreground probability.
    var classCount: Int
    /// Which image these are.
    var place: Place
    /// The size that they are enlarged to; nil where they are as large as their labels.
    var enlarged: Enlarged?

    /// The array, and the image within it.
    struct Place: Sendable, Equatable {
        var source: Int
        var image: Int
    }

    struct Enlarged: Sendable, Equatable {
        var width: Int
        var height: Int
        var alignsCorners: Bool
    }

    /// The same values as they are stored: small, and not yet what the form makes of them.
    var stored: ProbabilityView {
        var view = self
        view.enlarged = nil
        view.form = .unnormalized
        view.classCount = axes.classCount
        return view
    }

    var planeType: PlaneType {
        switch dtype.byteCount {
        case 2 where isBFloat16: .float32
        case 2: .float16
        case 4: .float32
        default: .float64
        }
    }

    /// The type of the tiles that are scanned.
    var tileType: PlaneType {
        isTransformed ? .float64 : planeType
    }

    /// Whether values are not used as they are stored.
    var isTransformed: Bool { isComputed || enlarged != nil }

    /// Whether probabilities are computed from the values.
    var isComputed: Bool { form != .probabilities && form != .unnormalized }

    /// Whether the planes can be used where they lie.
    var isPlanar: Bool {
        axes.columnStride == 1 && axes.isOneRun && !needsSwap && !isTransformed && !isBFloat16
    }

    var needsSwap: Bool {
        #if _endian(little)
        dtype.isBigEndian
        #else
        !dtype.isBigEndian && dtype.byteCount > 1
        #endif
    }

    func element(classIndex: Int, pixel: Int) -> Int {
        base + classIndex * axes.classStride + axes.offset(ofPixel: pixel)
    }

    /// One value as it stands in the file, widened; of probabilities that are enlarged the stored one nearest to a pixel of
    /// the labels.
    func value(classIndex: Int, pixel: Int, in bytes: RawSpan) -> Double {
        var pixel = pixel
        if let enlarged {
            let (row, column) = (pixel / enlarged.width, pixel % enlarged.width)
            pixel = row * axes.height / enlarged.height * axes.width + column * axes.width / enlarged.width
        }
        let element = element(classIndex: classIndex, pixel: pixel)
        return isBFloat16
            ? loadBFloat16(bytes, dtype: dtype, element: element) : loadFloat(bytes, dtype: dtype, element: element)
    }

    /// The plane of one class, as if the file held that alone.
    func plane(_ classIndex: Int) -> ProbabilityView {
        var view = self
        view.base += classIndex * axes.classStride
        view.axes.classCount = 1
        return view
    }
}

/// Turns whatever a file holds into native class planes, one tile at a time. Each thread has its own.
final class TileLoader {
    private lazy var upsampler = Upsampler()

    init() {}

    private var gathered: [UInt8] = []
    /// Planes of bfloat16, as they are gathered.
    private var halves: [UInt8] = []
    private var wide: [Double] = []

    /// Planes are this many elements apart: a tile, and a little more so that planes do not share cache sets.
    private static let gatheredStride = PlaneTile.capacity + 32

    /// Calls `body` with the planes of `count` pixels from `pixel` on, and the bytes that they lie in.
    ///
    /// - Parameter isWide: planes are to be double whatever the file holds.
    func withTile<E: Error>(
        of view: ProbabilityView, in bytes: RawSpan, pixel: Int, count: Int, isWide: Bool,
        _ body: (PlaneTile, RawSpan) throws(E) -> Void
    ) throws(E) {
        let isWidened = isWide && view.tileType != .float64
        if view.isPlanar && !isWidened {
            let tile = PlaneTile(
                type: view.planeType, classCount: view.classCount, offset: view.base + pixel,
                stride: view.classCount == 1 ? 0 : view.axes.classStride, count: count)
            try body(tile, bytes)
            return
        }
        // Taken out of self while in use, so that spans of them have one owner.
        var planes = gathered
        var converted = wide
        (gathered, wide) = ([], [])
        defer { (gathered, wide) = (planes, converted) }
        if view.enlarged != nil {
            upsampler.fill(&converted, of: view, in: bytes, pixel: pixel, count: count)
            if view.isComputed { transform(view, count: count, &converted) }
            let tile = PlaneTile(
                type: .float64, classCount: view.classCount, offset: 0, stride: PlaneTile.capacity, count: count)
            try unsafe body(tile, converted.span.bytes)
            return
        }
        if view.isBFloat16 {
            gather(view, in: bytes, pixel: pixel, count: count, into: &halves)
            PlaneLoading.widen(bfloat16: halves, into: &planes)
        } else {
            gather(view, in: bytes, pixel: pixel, count: count, into: &planes)
        }
        let stored = PlaneTile(
            type: view.planeType, classCount: view.axes.classCount, offset: 0, stride: Self.gatheredStride, count: count
        )
        if !view.isTransformed && !isWidened {
            try unsafe body(stored, planes.span.bytes)
            return
        }
        unsafe PlaneLoading.widen(stored, in: planes.span.bytes, into: &converted)
        if view.isTransformed { transform(view, count: count, &converted) }
        let tile = PlaneTile(
            type: .float64, classCount: view.classCount, offset: 0, stride: PlaneTile.capacity, count: count)
        try unsafe body(tile, converted.span.bytes)
    }

    private func gather(
        _ view: ProbabilityView, in bytes: RawSpan, pixel: Int, count: Int, into gathered: inout [UInt8]
    ) {
        let needed = view.axes.classCount * Self.gatheredStride * view.dtype.byteCount
        if gathered.count < needed { gathered = Array(repeating: 0, count: needed) }
        var done = 0
        while done < count {
            let run = min(count - done, view.axes.runLength(fromPixel: pixel + done))
            PlaneLoading.gather(
                from: bytes, offset: view.element(classIndex: 0, pixel: pixel + done),
                elementByteCount: view.dtype.byteCount, swap: view.needsSwap, classStride: view.axes.classStride,
                pixelStride: view.axes.columnStride, classCount: view.axes.classCount, pixelCount: run,
                into: &gathered, at: done, tileStride: Self.gatheredStride)
            done += run
        }
    }

    private func transform(_ view: ProbabilityView, count: Int, _ wide: inout [Double]) {
        let stride = PlaneTile.capacity
        if view.form != .logits {
            // The file holds the foreground alone: the background is what is left of 1, or a logit of 0.
            if wide.count < 2 * stride { wide += Array(repeating: 0, count: 2 * stride - wide.count) }
            for pixel in 0..<count {
                let value = wide[pixel]
                wide[stride + pixel] = value
                wide[pixel] = view.form == .binary ? 1 - value : 0
            }
        }
        if view.form != .binary {
            PlaneLoading.softmax(&wide, classCount: view.classCount, count: count)
        }
    }
}
