public import MaskAudit

/// What a report shows of a region: the crop around it as a PNG file, and outlines over the crop as SVG paths.
public struct EncodedRegion: Sendable {
    var rank: Int
    var region: Region
    /// Which slice of a volume is shown; nil of an image.
    var slice: Int?
    var width: Int
    var height: Int
    /// The photograph, or the given mask where there is none.
    var crop: [UInt8]
    /// The outlines of the area of the given class, of the area of the suggested class with the region, and of the region.
    /// Their coordinates are pixels of the crop.
    var givenPath: String
    var suggestedPath: String
    var regionPath: String

    /// How many bytes all crops of a page may take as PNG files; more than 120 crops take `leastBytes` each.
    static let allBytes = 1_200_000
    /// How many bytes a crop may take at least.
    static let leastBytes = 10_000
    /// The longest side of a crop in pixels: a page shows several crops beside each other.
    static let longestSide = 240

    public init(_ shown: RegionPicture) {
        let picture = shown.picture
        let limit = max(Self.leastBytes, Self.allBytes / max(1, picture.rankCount))
        let longest = max(picture.width, picture.height)
        var reduction = (longest + Self.longestSide - 1) / Self.longestSide
        var small = picture.reduced(by: reduction)
        crop = Self.crop(small)
        while crop.count > limit && longest / reduction > 24 {
            reduction += 1
            small = picture.reduced(by: reduction)
            crop = Self.crop(small)
        }
        rank = picture.rank
        region = shown.region
        slice = picture.slice
        width = small.width
        height = small.height
        var isRegion = [Bool](repeating: false, count: small.given.count)
        for issue in small.issues { isRegion[issue.pixel] = true }
        let given = small.given
        let width = small.width
        let height = small.height
        func path(_ contains: (Int) -> Bool) -> String {
            PixelOutline(width: width, height: height) { contains($1 * width + $0) }.path
        }
        let from = UInt16(shown.region.given)
        let to = UInt16(shown.region.suggested)
        givenPath = path { given[$0] == from || isRegion[$0] }
        suggestedPath = path { given[$0] == to || isRegion[$0] }
        regionPath = path { isRegion[$0] }
    }

    private static func crop(_ picture: ImagePicture) -> [UInt8] {
        if let photo = picture.photo {
            return PNGImage.color(width: picture.width, height: picture.height, pixels: photo)
        }
        return PictureEncoder.mask(picture.given, of: picture)
    }
}

extension PixelOutline {
    /// The lines as an SVG path.
    var path: String {
        var out = ""
        for line in lines {
            guard var last = line.first else { continue }
            out += "M\(last.x) \(last.y)"
            for point in line.dropFirst() {
                out += point.y == last.y ? "h\(point.x - last.x)" : "v\(point.y - last.y)"
                last = point
            }
            out += "z"
        }
        return out
    }
}
