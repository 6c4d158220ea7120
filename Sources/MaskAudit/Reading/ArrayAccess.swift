import NumPyFiles

/// How the bytes of an array are reached while a run lasts.
enum ArrayAccess: Sendable {
    /// The array is read in place, and rows can be read on their own.
    case mapped(MappedArray)
    /// Inflated or piped, image after image.
    case stream
    /// One image in a file or member of its own, opened by the thread that scans it.
    case onDemand
}

/// Bytes of one image's array: in place, or in a buffer of the thread.
enum ImageBytes: Sendable {
    case mapped(MappedArray, Range<Int>)
    case buffer([UInt8])

    func withBytes<E: Error>(_ body: (RawSpan) throws(E) -> Void) throws(E) {
        switch self {
        case .mapped(let array, let range): try array.withBytes(range, body)
        case .buffer(let bytes): unsafe try body(bytes.span.bytes)
        }
    }
}

/// Buffers of images already scanned. The next images reuse them, so that the kernel need not zero fresh pages each time.
struct BufferPool {
    private var buffers: [[UInt8]] = []

    /// Smaller buffers are not kept: they are cheap to make, and a unit may have hundreds.
    private static let smallest = 1 << 20
    /// Most buffers that are kept. What is given back is taken again soon; more would be memory that nobody uses.
    private static let limit = 4

    mutating func take() -> [UInt8] { buffers.popLast() ?? [] }

    mutating func reuse(_ images: [ImageBytes]) {
        for case .buffer(let bytes) in images where bytes.count >= Self.smallest && buffers.count < Self.limit {
            buffers.append(bytes)
        }
    }
}

extension ArraySource {
    /// Chooses how the array is reached.
    ///
    /// A deflated Fortran-order array of several images has no image in one piece: it is inflated into an unlinked
    /// temporary file and read there. So are images that are too large for memory.
    func access(temporaryFolder: String) throws(AuditError) -> ArrayAccess {
        if pipe != nil { return .stream }
        guard let file, let entry else { return .onDemand }
        if let mapped = try AuditError.wrapping(try file.mapped(entry)) {
            return .mapped(mapped)
        }
        if imageCount == 1 { return .onDemand }
        guard axes.isImageContiguous && imageByteCount <= Self.bufferedByteCount else {
            return .mapped(
                try AuditError.wrapping(try file.spooled(entry, folder: temporaryFolder)))
        }
        return .stream
    }

    /// Whether rows are read where they lie in the file, which `access(temporaryFolder:)` will find too.
    var isReadInPlace: Bool {
        guard pipe == nil, file != nil, let entry else { return false }
        return !entry.isDeflated || !axes.isImageContiguous
    }

    var imageByteCount: Int { axes.elementsPerImage * header.dtype.byteCount }

    /// Where an image lies in the mapped array; the whole array where images are not contiguous.
    func byteRange(image: Int) -> Range<Int> {
        guard axes.isImageContiguous else { return 0..<header.byteCount }
        return image * imageByteCount..<(image + 1) * imageByteCount
    }

    /// The image's first element within `byteRange(image:)`.
    func base(image: Int) -> Int {
        axes.isImageContiguous ? 0 : image * axes.imageStride
    }

    /// Smaller files are read and closed at once: a unit may have hundreds of them, and mapping one costs more than reading it.
    private static var mappedByteCount: Int { 1 << 20 }

    /// Larger images are inflated into a temporary file instead of memory: a deflated one may be a thousand times as large
    /// as its file.
    private static var bufferedByteCount: Int { 512 << 20 }

    /// Reads an array of one image on its own.
    func readOnDemand(
        reusing buffers: inout BufferPool, temporaryFolder: String
    ) throws(AuditError) -> (bytes: ImageBytes, fileBytesRead: Int) {
        let file = try open()
        guard let entry else { preconditionFailure("a pipe is read in order") }
        var buffer = buffers.take()
        return try AuditError.wrapping { () throws(ArrayFileError) in
            if imageByteCount >= Self.mappedByteCount, let mapped = try file.mapped(entry) {
                // No other thread reads this file, so this one checks it.
                try mapped.verify([mapped.checksum(0..<mapped.checksummedByteCount)])
                return (.mapped(mapped, 0..<header.byteCount), header.byteCount)
            }
            if imageByteCount > Self.bufferedByteCount {
                let mapped = try file.spooled(entry, folder: temporaryFolder)
                return (.mapped(mapped, 0..<header.byteCount), entry.storedByteCount)
            }
            let stream = try file.stream(entry)
            try stream.read(count: header.byteCount, into: &buffer)
            _ = try stream.finish()
            try file.checkUnchanged()
            return (.buffer(buffer), stream.bytesRead)
        }
    }
}
