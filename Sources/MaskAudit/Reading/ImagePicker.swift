import NumPyFiles

/// Images out of some arrays, asked for in rising order: in place, or by inflating past what is not wanted.
struct ImagePicker {
    private let sources: [ArraySource]
    private let access: [ArrayAccess]
    private let temporaryFolder: String
    private var streams: [Int: (stream: ArrayStream, next: Int)] = [:]

    init(sources: [ArraySource], access: [ArrayAccess], temporaryFolder: String) {
        self.temporaryFolder = temporaryFolder
        self.sources = sources
        self.access = access
    }

    mutating func bytes(source: Int, image: Int) throws(AuditError) -> ImageBytes {
        let array = sources[source]
        switch access[source] {
        case .mapped(let mapped):
            return .mapped(mapped, array.byteRange(image: image))
        case .onDemand:
            var buffers = BufferPool()
            return try array.readOnDemand(reusing: &buffers, temporaryFolder: temporaryFolder).bytes
        case .stream:
            var buffer: [UInt8] = []
            if (streams[source]?.next ?? Int.max) > image { streams[source] = (try array.stream(), 0) }
            guard let (stream, next) = streams[source] else { preconditionFailure("just opened") }
            try AuditError.wrapping { () throws(ArrayFileError) in
                for _ in next...image { try stream.read(count: array.imageByteCount, into: &buffer) }
            }
            streams[source] = (stream, image + 1)
            return .buffer(buffer)
        }
    }
}

extension RunContext {
    /// Reads labels again.
    var labelPicker: ImagePicker {
        ImagePicker(sources: dataset.labels, access: labelAccess, temporaryFolder: temporaryFolder)
    }

    /// Reads probabilities again.
    var probabilityPicker: ImagePicker {
        ImagePicker(sources: dataset.probabilities, access: probabilityAccess, temporaryFolder: temporaryFolder)
    }
}
