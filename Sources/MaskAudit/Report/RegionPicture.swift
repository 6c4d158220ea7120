import NumPyFiles

/// The surroundings of a region, as arrays; of a volume in the slice that holds most of it.
public struct RegionPicture: Sendable {
    public var region: Region
    /// Where the crop lies in its image.
    public var left: Int
    public var top: Int
    /// The crop; its issues are the region's pixels in it, and predicted labels are not read.
    public var picture: ImagePicture
}

/// Reads what is around regions, one image at a time.
///
/// **Cost.** Labels of the crops and the photographs of their images; in deflated arrays of several images also what lies
/// before them.
struct RegionPictureReader {
    let context: RunContext
    let photos: PhotoSource?

    /// Pixels around a region at least, and as a share of its longer side.
    private static let margin = 12
    private static let marginShare = 0.5

    /// Calls `show` for each region in dataset order.
    func read(
        _ regions: [Region], _ show: (RegionPicture) throws(AuditError) -> Void
    ) throws(AuditError) {
        var labels = context.labelPicker
        var pictures = photos.map {
            ImagePicker(sources: $0.sources, access: $0.access, temporaryFolder: context.temporaryFolder)
        }
        let byImage = Dictionary(grouping: regions.indices, by: { regions[$0].image })
        for index in byImage.keys.sorted() {
            let image = context.dataset.images[index]
            let bytes = try labels.bytes(source: image.labelSource, image: image.labelIndex)
            let place = photos?.places[index]
            let photo = try place.flatMap { place throws(AuditError) in
                try pictures?.bytes(source: place.source, image: place.image)
            }
            for rank in byImage[index] ?? [] {
                try show(
                    crop(regions[rank], rank: rank, of: regions.count, image, bytes) { rows, columns in
                        guard let photos, let place, let photo else { return nil }
                        return photos.pixels(
                            source: place.source, image: place.image, rows: rows, columns: columns, photo)
                    })
            }
        }
    }

    /// - Parameter photo: the photograph's pixels in some rows and columns; nil where there is none.
    private func crop(
        _ region: Region, rank: Int, of count: Int, _ image: ImageEntry, _ bytes: ImageBytes,
        photo: (_ rows: Range<Int>, _ columns: Range<Int>) -> [UInt8]?
    ) throws(AuditError) -> RegionPicture {
        let margin = max(Self.margin, Int(Double(max(region.width, region.height)) * Self.marginShare))
        let slice = image.pixelsPerSlice.map { region.slices(pixelsPerSlice: $0).fullest }
        let sliceRow = (slice ?? 0) * image.sliceHeight
        let top = max(0, region.top - margin)
        let rows = sliceRow + top..<sliceRow + min(image.sliceHeight, region.top + region.height + margin)
        let columns = max(0, region.left - margin)..<min(image.width, region.left + region.width + margin)
        var picture = ImagePicture(
            rank: rank, rankCount: count,
            image: .init(
                name: context.dataset.imageName(region.image), index: region.image, isNamed: context.dataset.hasNames,
                issues: region.area, pixels: image.pixelCount),
            score: region.score, height: rows.count, width: columns.count, given: [], predicted: [], issues: [],
            photo: photo(rows, columns))
        picture.slice = slice
        let view = context.labelView(image)
        var labels: [Int32] = []
        for row in rows {
            try bytes.withBytes { raw throws(AuditError) in
                try context.load(
                    view, of: image, raw, pixel: row * image.width + columns.lowerBound, count: columns.count,
                    into: &labels)
            }
            picture.given.append(contentsOf: labels.lazy.map { $0 < 0 ? ImagePicture.void : UInt16($0) })
        }
        picture.predicted = picture.given
        for run in region.runs where rows.contains(run.lowerBound / image.width) {
            for pixel in run {
                let y = pixel / image.width - rows.lowerBound
                let x = pixel % image.width - columns.lowerBound
                picture.issues.append(
                    .init(pixel: y * columns.count + x, given: region.given, suggested: region.suggested))
            }
        }
        return RegionPicture(region: region, left: columns.lowerBound, top: top, picture: picture)
    }
}
