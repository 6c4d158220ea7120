public import MaskAudit

/// The crop around a region as a PNG file, and outlines over it as paths.
public struct EncodedRegion: Sendable {
    var rank: Int
    var region: Region
    var width: Int
    var height: Int
    /// The photograph, or the given mask where there is none.
    var crop: [UInt8]
    /// SVG paths in the crop's pixels: the area of the given class, that of the suggested class with the region, and the
    /// region.
    var givenPath: String
    var suggestedPath: String
    var regionPath: String

    /// Bytes of PNG that all crops of a page take at most, as long as there are no more than some hundred.
    static let allBytes = 1_200_000
    /// A crop gets at least this, however many there are.
    static let leastBytes = 10_000
    /// Crops are no larger than this: a page shows several beside each other.
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
