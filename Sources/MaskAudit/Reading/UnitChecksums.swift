import NumPyFiles

/// Which stored arrays of probabilities are checked part by part while they are scanned. Checking them afterwards would
/// read them from memory once more.
struct UnitChecksums: Sendable {
    private let context: RunContext
    /// Whether a source's units lie in runs.
    private let isByUnit: [Bool]

    init(context: RunContext) {
        self.context = context
        var isByUnit = context.probabilityAccess.enumerated().map { number, access in
            guard case .mapped(let array) = access else { return false }
            // Rows of units are the labels'; what is enlarged is small, and read again where it has to be checked.
            return array.checksummedByteCount > 0 && context.dataset.probabilities[number].axes.isImageContiguous
                && context.plan.dataset.upsampling == nil
        }
        if isByUnit.contains(true) {
            // A whole image is always one run; rows of one may not be.
            for unit in context.units {
                guard let rows = unit.rows else { continue }
                let source = context.dataset.images[unit.images.lowerBound].probabilitySource
                if isByUnit[source], context.dataset.probabilities[source].axes.runs(ofRows: rows) == nil {
                    isByUnit[source] = false
                }
            }
        }
        self.isByUnit = isByUnit
    }

    /// Images below this size are still in cache as a whole once they are scanned.
    private static let smallByteCount = 512 << 10

    /// Where the rows of an image lie in the member, and whether the member's header is checked with the first of them:
    /// touching it later would map pages again that were given back. Nil where units do not check the member.
    fileprivate func runs(
        of image: Int, rows: Range<Int>, _ bytes: ImageBytes
    ) -> (source: Int, array: MappedArray, ranges: [Range<Int>], takesHeader: Bool)? {
        let place = context.place(of: image, .predProbs)
        guard isByUnit[place.source], case .mapped(let array, let range) = bytes else { return nil }
        let source = context.dataset.probabilities[place.source]
        let size = source.header.dtype.byteCount
        let runs =
            source.imageByteCount > Self.smallByteCount
            ? source.axes.planes(ofRows: rows) ?? source.axes.runs(ofRows: rows) : source.axes.runs(ofRows: rows)
        return (
            place.source, array,
            (runs ?? []).map {
                array.memberRange(
                    ofData: range.lowerBound + $0.lowerBound * size..<range.lowerBound + $0.upperBound * size)
            }, place.image == 0 && rows.lowerBound == 0
        )
    }

    /// What units leave unchecked of each source that they check, in order: images outside the dataset, and trailing bytes.
    func rests() -> [Int: [Range<Int>]] {
        var rests: [Int: [Range<Int>]] = [:]
        guard isByUnit.contains(true) else { return rests }
        for (source, images) in Dictionary(grouping: context.dataset.images, by: \.probabilitySource) {
            guard isByUnit[source], case .mapped(let array) = context.probabilityAccess[source] else { continue }
            var rest: [Range<Int>] = []
            var end = 0
            for image in images.map(\.probabilityIndex).sorted() {
                let range = array.memberRange(ofData: context.dataset.probabilities[source].byteRange(image: image))
                // The header goes with the first image.
                if image > 0 && range.lowerBound > end { rest.append(end..<range.lowerBound) }
                end = range.upperBound
            }
            if end < array.checksummedByteCount { rest.append(end..<array.checksummedByteCount) }
            rests[source] = rest
        }
        return rests
    }
}

/// Takes the CRC-32 of what a thread scans, while it is in cache.
///
/// **Cost.** The CRC-32 of each byte; one part for each plane of a unit.
final class UnitChecker {
    private let checksums: UnitChecksums
    /// The parts of finished images, with their sources.
    private var parts: [(source: Int, part: PartialChecksum)] = []
    private var source = 0
    private var array: MappedArray?
    private var planes: [(part: PartialChecksum, start: Int, end: Int)] = []

    /// How many bytes of all planes are checked at once: fewer would cost more than they save, more would leave the cache.
    private static let groupByteCount = 512 << 10

    init(_ checksums: UnitChecksums) {
        self.checksums = checksums
    }

    /// Begins some rows of an image.
    func begin(_ image: Int, rows: Range<Int>, _ bytes: ImageBytes) {
        guard let (source, array, ranges, takesHeader) = checksums.runs(of: image, rows: rows, bytes) else { return }
        self.source = source
        self.array = array
        planes = ranges.map { (PartialChecksum(from: $0.lowerBound), $0.lowerBound, $0.upperBound) }
        if takesHeader, !planes.isEmpty { planes[0].part = PartialChecksum(from: 0) }
        // Small images that follow one another in one array are one part.
        if planes.count == 1, let last = parts.last, last.source == source,
            last.part.range.upperBound == planes[0].part.range.lowerBound
        {
            planes[0].part = last.part
            parts.removeLast()
        }
    }

    /// Takes what was scanned of the rows: `pixels` of `count`.
    func advance(_ pixels: Int, of count: Int) {
        guard let array, let last = planes.last, planes.count > 1 else { return }
        let done = (last.end - last.start) / count * pixels
        guard (done - last.part.range.count) * planes.count >= Self.groupByteCount else { return }
        for index in planes.indices {
            array.extend(&planes[index].part, to: planes[index].start + done)
        }
    }

    /// Takes the rest of the rows.
    func end() {
        guard let array else { return }
        for index in planes.indices {
            array.extend(&planes[index].part, to: planes[index].end)
            parts.append((source, planes[index].part))
        }
        planes = []
        self.array = nil
    }

    /// The parts since the last call.
    func take() -> [(source: Int, part: PartialChecksum)] {
        defer { parts = [] }
        return parts
    }
}
