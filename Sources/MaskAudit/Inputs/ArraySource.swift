import NumPyFiles

/// Which of the inputs an array belongs to, and what that input is called.
enum InputSide: Sendable {
    case labels, predProbs
    /// Photographs, for pictures alone.
    case images

    /// The option that names its files, and the key that is taken without being named.
    var option: String {
        switch self {
        case .labels: "--labels"
        case .predProbs: "--pred-probs"
        case .images: "--images"
        }
    }
    var keyOption: String { option + "-key" }
    var defaultKey: String { noun }
    var noun: String {
        switch self {
        case .labels: "labels"
        case .predProbs: "pred_probs"
        case .images: "images"
        }
    }
}

/// One array of a dataset: where it is and how its axes lie.
struct ArraySource: Sendable {
    /// The file; `/dev/stdin` for standard input.
    let path: String
    /// The path that was given for it: the file's own, or its folder's.
    let givenPath: String
    /// Nil for standard input.
    let entry: ArrayEntry?
    let header: ArrayHeader
    /// What messages call the array: `file.npy`, or `file.npz[member.npy]`.
    let displayName: String
    /// The name that pairs it with its partner, where it is one image with a name: its key, or its file's stem.
    let imageName: String?
    let axes: ImageAxes
    /// The key of one image that is alone in its archive: a name if its partner has the same, else of no meaning.
    var loneKey: String?
    /// Standard input.
    var pipe: PipedArray?
    /// Open for the whole run; nil where there are so many files that each is opened when its turn comes.
    var file: ArrayFile?
    /// The file as it was when it was opened first; nil for standard input.
    var stamp: FileStamp?
    /// Bytes after the array, which NumPy does not read either.
    let trailingByteCount: Int

    var imageCount: Int { axes.imageCount }

    static let colourRemedy = "colours are no class numbers: save the class of each pixel"

    /// Whether it was found in a folder, where a file's name is an image's name.
    var isInFolder: Bool { givenPath != path && pipe == nil }

    /// The array from front to back.
    func stream() throws(AuditError) -> ArrayStream {
        if let pipe { return try pipe.take() }
        let file = try open()
        guard let entry else { preconditionFailure("a file without an entry") }
        return try AuditError.wrapping(try file.stream(entry))
    }

    /// The file, opened if it is not.
    ///
    /// **Errors.** A file that is no longer what it was.
    func open() throws(AuditError) -> ArrayFile {
        if let file { return file }
        let reopened = try AuditError.wrapping(try ArrayFile(path: path))
        guard reopened.stamp == stamp else {
            throw .input(displayName, "the file changed while it was read", remedy: "run again when it is complete")
        }
        return reopened
    }
}

/// How the axes of an array map to images, classes, rows and columns.
///
/// A volume is read as one image with the rows of all its slices, one slice after another.
///
/// **Units.** Strides in elements; an axis that is not there has extent 1 and stride 0.
struct ImageAxes: Sendable, Equatable {
    var imageCount: Int
    var classCount: Int
    /// Slices of a volume; nil for an image.
    var depth: Int?
    /// Rows, of all slices together.
    var height: Int
    var width: Int
    var imageStride: Int
    var classStride: Int
    var sliceStride: Int
    /// Elements from one row to the next of its slice.
    var rowStride: Int
    var columnStride: Int
    /// Whether the array has an axis over images.
    var hasImageAxis: Bool

    enum Axis { case image, classes, slice, row, column }

    /// Reads the extents and strides of `header` along the axes named, outermost first.
    init(header: ArrayHeader, order: [Axis]) {
        precondition(header.shape.count == order.count, "one name an axis")
        var strides = [Int](repeating: 1, count: order.count)
        var step = 1
        for axis in header.isFortranOrder ? Array(0..<order.count) : Array((0..<order.count).reversed()) {
            strides[axis] = step
            // Cannot overflow: the header's reader has multiplied the extents; zeros make the strides meaningless.
            step = step.multipliedReportingOverflow(by: header.shape[axis]).partialValue
        }
        func extent(_ axis: Axis) -> Int { order.firstIndex(of: axis).map { header.shape[$0] } ?? 1 }
        func stride(_ axis: Axis) -> Int { order.firstIndex(of: axis).map { strides[$0] } ?? 0 }
        imageCount = extent(.image)
        classCount = extent(.classes)
        depth = order.contains(.slice) ? extent(.slice) : nil
        // The header's reader has checked the product of all extents.
        height = extent(.slice).multipliedReportingOverflow(by: extent(.row)).partialValue
        width = extent(.column)
        imageStride = stride(.image)
        classStride = stride(.classes)
        sliceStride = stride(.slice)
        rowStride = stride(.row)
        columnStride = stride(.column)
        hasImageAxis = order.contains(.image)
    }

    /// (H,W), or (D,H,W) of a volume.
    var shape: [Int] { imageShape(depth: depth, height: height, width: width) }

    var pixelCount: Int { height * width }
    var elementsPerImage: Int { classCount * height * width }

    /// Rows of a slice, or of the image.
    var sliceHeight: Int { height / max(1, depth ?? 1) }

    /// Where a pixel lies, counted from the first of its image and plane.
    func offset(ofPixel pixel: Int) -> Int {
        let row = pixel / width
        let place = pixel % width * columnStride
        guard depth != nil else { return row * rowStride + place }
        return row / sliceHeight * sliceStride + row % sliceHeight * rowStride + place
    }

    /// Whether all pixels of a plane follow one another at the stride of columns: always in C order.
    var isOneRun: Bool {
        rowStride == width * columnStride && (depth ?? 1 <= 1 || sliceStride == sliceHeight * rowStride)
    }

    /// How many pixels from one on follow one another at the stride of columns.
    func runLength(fromPixel pixel: Int) -> Int {
        isOneRun ? pixelCount - pixel : width - pixel % width
    }

    /// Whether an image's elements are one contiguous run of the array: true in C order.
    var isImageContiguous: Bool {
        imageCount <= 1 || imageStride == elementsPerImage
    }

    /// Where the elements of some rows of a contiguous image lie, counted from its first: a run a plane, or one where
    /// classes come last or the rows are all; nil where they lie in pieces.
    func runs(ofRows rows: Range<Int>) -> [Range<Int>]? {
        if rows == 0..<height { return [0..<elementsPerImage] }
        if let planes = planes(ofRows: rows) { return planes }
        if columnStride == classCount && isOneRun && classStride <= 1 {
            return [rows.lowerBound * rowStride..<rows.upperBound * rowStride]
        }
        return nil
    }

    /// Whether each class plane holds its rows one after another, and planes follow one another.
    var isPlanar: Bool {
        columnStride == 1 && isOneRun && (classCount == 1 || classStride == pixelCount)
    }

    /// The same plane by plane, also where the rows are all; nil where the array is not planar.
    func planes(ofRows rows: Range<Int>) -> [Range<Int>]? {
        guard isPlanar else { return nil }
        return (0..<classCount).map {
            $0 * classStride + rows.lowerBound * width..<$0 * classStride + rows.upperBound * width
        }
    }
}

/// (H,W) of an image, or (D,H,W) of a volume whose slices have `height` rows together.
func imageShape(depth: Int?, height: Int, width: Int) -> [Int] {
    depth.map { [$0, height / max(1, $0), width] } ?? [height, width]
}

extension ArrayHeader {
    /// Whether the last axis may hold red, green and blue, and the opacity.
    var mayHoldColours: Bool {
        dtype == DType(kind: .unsignedInteger, byteCount: 1) && (3...4).contains(shape.last ?? 0)
    }
}
