import NumPyFiles

/// The surroundings of a region, as arrays.
public struct RegionPicture: Sendable {
    public var region: Region
    /// Where the crop lies in its image.
    public var left: Int
    public var top: Int
    /// The crop; its issues are the region's pixels, and predicted labels are not read.
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
        var labels = ImagePicker(sources: context.dataset.labels, access: context.labelAccess)
        var pictures = photos.map { ImagePicker(sources: $0.sources, access: $0.access) }
        let byImage = Dictionary(grouping: regions.indices, by: { regions[$0].image })
        for index in byImage.keys.sorted() {
            let image = context.dataset.images[index]
            let bytes = try labels.bytes(source: image.labelSource, image: image.labelIndex)
            var photo: [UInt8]?
            if let photos, let place = photos.places[index],
                let raw = try pictures?.bytes(source: place.source, image: place.image)
            {
                photo = photos.pixels(source: place.source, image: place.image, raw)
            }
            for rank in byImage[index] ?? [] {
                try show(crop(regions[rank], rank: rank, of: regions.count, image, bytes, photo))
            }
        }
    }

    private func crop(
        _ region: Region, rank: Int, of count: Int, _ image: ImageEntry, _ bytes: ImageBytes, _ photo: [UInt8]?
    ) throws(AuditError) -> RegionPicture {
        let margin = max(Self.margin, Int(Double(max(region.width, region.height)) * Self.marginShare))
        let rows = max(0, region.top - margin)..<min(image.height, region.top + region.height + margin)
        let columns = max(0, region.left - margin)..<min(image.width, region.left + region.width + margin)
        var picture = ImagePicture(
            rank: rank, rankCount: count,
            image: .init(
                name: context.dataset.imageName(region.image), index: region.image, isNamed: context.dataset.hasNames,
                issues: region.area, pixels: image.pixelCount),
            score: region.score, height: rows.count, width: columns.count, given: [], predicted: [], issues: [],
            photo: photo.map { pixels in
                rows.flatMap { row in
                    pixels[3 * (row * image.width + columns.lowerBound)..<3 * (row * image.width + columns.upperBound)]
                }
            })
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
        picture.issues = region.runs.joined().map { pixel in
            let y = pixel / image.width - rows.lowerBound
            let x = pixel % image.width - columns.lowerBound
            return .init(pixel: y * columns.count + x, given: region.given, suggested: region.suggested)
        }
        return RegionPicture(region: region, left: columns.lowerBound, top: rows.lowerBound, picture: picture)
    }
}
