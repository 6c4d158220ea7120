import NumPyFiles

/// The images of one side, unit after unit: located where arrays are in place, inflated in order where they are not.
///
/// **Threads.** Used only under the lock that hands out units.
struct SideReader {
    let side: InputSide
    let context: RunContext
    private var streams: [Int: ArrayStream] = [:]
    /// Buffers of images already scanned, for those to come.
    private var buffers = BufferPool()
    /// How many images of each source have been read ahead from the disk.
    private var fetchedCounts: [Int: Int] = [:]
    private(set) var bytesRead = 0
    /// Bytes after the array of standard input; those of a file are known from the start.
    private(set) var pipedTrailingByteCount = 0

    init(side: InputSide, context: RunContext) {
        self.side = side
        self.context = context
    }

    /// Bytes of a unit's images. On-demand images come back empty: the thread that needs them opens them.
    mutating func read(_ unit: WorkUnit) throws(AuditError) -> [ImageBytes] {
        var images: [ImageBytes] = []
        for index in unit.images {
            let (source, image) = context.place(of: index, side)
            switch context.access(side)[source] {
            case .onDemand:
                images.append(.buffer([]))
            case .mapped(let mapped):
                let array = context.sources(side)[source]
                // An image is counted, and read ahead from the disk, with its first rows.
                if (unit.rows?.lowerBound ?? 0) == 0 {
                    bytesRead += array.imageByteCount
                    readAhead(mapped, array, source: source, image: image)
                }
                images.append(.mapped(mapped, array.byteRange(image: image)))
            case .stream:
                images.append(try next(source: source, image: image))
            }
        }
        return images
    }

    /// Images up to this size are read whole before they are scanned, one after another as suits a disk, while other threads
    /// scan the image before. Larger ones are read as they are scanned.
    private static let fetchedByteCount = 256 << 20
    /// Small images are read many at a time: asking whether each is in memory would take longer than scanning it.
    private static let fetchedAtOnceByteCount = 4 << 20

    private mutating func readAhead(_ mapped: MappedArray, _ array: ArraySource, source: Int, image: Int) {
        guard array.axes.isImageContiguous, array.imageByteCount > 0, image >= fetchedCounts[source, default: 0] else {
            return
        }
        guard array.imageByteCount <= Self.fetchedByteCount else {
            return mapped.willNeed(array.byteRange(image: image))
        }
        let end = min(array.imageCount, image + max(1, Self.fetchedAtOnceByteCount / array.imageByteCount))
        mapped.fetch(array.byteRange(image: image).lowerBound..<array.byteRange(image: end - 1).upperBound)
        fetchedCounts[source] = end
    }

    /// Takes back the bytes of scanned images. Nothing else may hold them any more.
    mutating func reuse(_ images: [ImageBytes]) { buffers.reuse(images) }

    /// Opens the stream at the first image, ends it (size and CRC are checked) after the last.
    private mutating func next(source: Int, image: Int) throws(AuditError) -> ImageBytes {
        let array = context.sources(side)[source]
        if streams[source] == nil { streams[source] = try array.stream() }
        guard let stream = streams[source] else { preconditionFailure("just opened") }
        return try AuditError.wrapping { () throws(ArrayFileError) in
            var buffer = buffers.take()
            try stream.read(count: array.imageByteCount, into: &buffer)
            if image == array.imageCount - 1 {
                let trailing = try stream.finish()
                if array.pipe != nil && trailing > 0 { pipedTrailingByteCount += trailing }
                bytesRead += stream.bytesRead
                streams[source] = nil
            }
            return .buffer(buffer)
        }
    }
}
