public import MaskAudit

/// The pictures of one image as PNG files.
public struct EncodedPicture: Sendable {
    /// Issues of one swap as a layer: transparent elsewhere.
    struct Layer: Sendable {
        /// nil for the rarer swaps of the image, all in one layer.
        var swap: (given: Int, suggested: Int)?
        var issues: Int
        var png: [UInt8]
    }

    var rank: Int
    var image: AuditSummary.ImageRow
    /// Which slice of a volume is shown; nil of an image.
    var slice: Int?
    var score: Double?
    /// The size of the image itself; the pictures are `reduction` times smaller.
    var height: Int
    var width: Int
    var reduction: Int
    var photo: [UInt8]?
    var given: [UInt8]
    var predicted: [UInt8]
    var layers: [Layer]
    /// Classes that occur in it.
    var classes: Set<Int>

    var byteCount: Int {
        (photo?.count ?? 0) + given.count + predicted.count + layers.reduce(0) { $0 + $1.png.count }
    }
}

/// Makes pictures of images, small enough for what a page may weigh.
public struct PictureEncoder: Sendable {
    /// Bytes of PNG that one image may take.
    let limitBytes: Int

    /// What a page weighs at most, as long as the gallery is no longer than some sixty images.
    static let pageLimitBytes = 9_500_000
    /// An image gets at least this, however many there are.
    static let leastImageBytes = 100_000
    /// A photograph stands in a CSS variable, of which Chromium takes no more than 2 MiB: of PNG, less the quarter that
    /// goes to base64.
    static let photoLimitBytes = 1_500_000
    /// Swaps of an image with a layer of their own.
    static let layerLimit = 40
    /// Pictures are no larger than this to begin with: a screen shows no more.
    static let longestSide = 1600

    /// - Parameter reservedBytes: of PNG that other pictures of the page take.
    public init(imageCount: Int, reservedBytes: Int = 0) {
        // A quarter goes to base64; the rest of the page is some 100 kB.
        let all = (Self.pageLimitBytes - 200_000) / 4 * 3 - reservedBytes
        limitBytes = max(Self.leastImageBytes, all / max(1, imageCount))
    }

    /// Encodes an image, reduced by a whole number until it fits.
    public func encode(_ picture: ImagePicture) -> EncodedPicture {
        let longest = max(picture.width, picture.height)
        var reduction = (longest + Self.longestSide - 1) / Self.longestSide
        while true {
            let encoded = Self.encode(picture.reduced(by: reduction), original: picture, reduction: reduction)
            let excess = max(
                Double(encoded.byteCount) / Double(limitBytes),
                Double(encoded.photo?.count ?? 0) / Double(Self.photoLimitBytes))
            if excess <= 1 || longest / reduction <= 32 { return encoded }
            // Bytes go with the square of the side.
            reduction = max(reduction + 1, Int(Double(reduction) * excess.squareRoot()))
        }
    }

    private static func encode(_ picture: ImagePicture, original: ImagePicture, reduction: Int) -> EncodedPicture {
        EncodedPicture(
            rank: picture.rank, image: picture.image, slice: picture.slice, score: picture.score,
            height: original.height,
            width: original.width, reduction: reduction,
            photo: picture.photo.map { PNGImage.color(width: picture.width, height: picture.height, pixels: $0) },
            given: mask(picture.given, of: picture), predicted: mask(picture.predicted, of: picture),
            layers: layers(picture, original: original),
            classes: classes(picture.given).union(classes(picture.predicted)))
    }

    private static func classes(_ labels: [UInt16]) -> Set<Int> {
        var found: Set<Int> = []
        var last = ImagePicture.void
        // Neighbours mostly have one class.
        for label in labels where label != last {
            last = label
            if label != ImagePicture.void { found.insert(Int(label)) }
        }
        return found
    }

    /// A mask in the colours of its classes, indexed by those that occur.
    static func mask(_ labels: [UInt16], of picture: ImagePicture) -> [UInt8] {
        var places: [UInt16: UInt8] = [:]
        var palette: [Color] = []
        var last: (label: UInt16, place: UInt8)?
        let pixels = labels.map { label -> UInt8 in
            if let last, last.label == label { return last.place }
            // Colours repeat, so more than 255 classes never need more than there are colours.
            let key = label == ImagePicture.void ? label : label % UInt16(ClassPalette.colors.count)
            let place = places[key] ?? UInt8(palette.count)
            if Int(place) == palette.count {
                places[key] = place
                palette.append(key == ImagePicture.void ? ClassPalette.void : ClassPalette.color(Int(key)))
            }
            last = (label, place)
            return place
        }
        return PNGImage.indexed(width: picture.width, height: picture.height, pixels: pixels, palette: palette)
    }

    private static func layers(_ picture: ImagePicture, original: ImagePicture) -> [EncodedPicture.Layer] {
        var counts: [UInt32: Int] = [:]
        for issue in original.issues { counts[key(issue), default: 0] += 1 }
        let common = counts.keys.sorted { (counts[$1] ?? 0, $0) < (counts[$0] ?? 0, $1) }
        var pixels: [UInt32?: [Int]] = [:]
        let own = Set(common.prefix(layerLimit))
        for issue in picture.issues {
            pixels[own.contains(key(issue)) ? key(issue) : nil, default: []].append(issue.pixel)
        }
        func layer(_ key: UInt32?, issues: Int) -> EncodedPicture.Layer? {
            guard let listed = pixels[key] else { return nil }
            let png = PNGImage.layer(
                width: picture.width, height: picture.height, pixels: listed, color: ClassPalette.issue)
            return .init(swap: key.map { (Int($0 >> 16), Int($0 & 0xffff)) }, issues: issues, png: png)
        }
        let rest = common.dropFirst(layerLimit).reduce(0) { $0 + (counts[$1] ?? 0) }
        var layers = common.prefix(layerLimit).compactMap { layer($0, issues: counts[$0] ?? 0) }
        if let others = layer(nil, issues: rest) { layers.append(others) }
        return layers
    }

    private static func key(_ issue: ImagePicture.Issue) -> UInt32 {
        UInt32(issue.given) << 16 | UInt32(issue.suggested)
    }

    /// The pictures at full size as files: what they are, and their bytes.
    public static func files(_ picture: ImagePicture) -> [(kind: String, png: [UInt8])] {
        var files: [(String, [UInt8])] = []
        if let photo = picture.photo {
            files.append(("image", PNGImage.color(width: picture.width, height: picture.height, pixels: photo)))
        }
        files.append(("given", mask(picture.given, of: picture)))
        files.append(("predicted", mask(picture.predicted, of: picture)))
        files.append(("issues", overlay(picture)))
        return files
    }

    /// Issues over the image, which is dimmed and grey, or over the given mask where there is no photograph.
    static func overlay(_ picture: ImagePicture) -> [UInt8] {
        // 128 greys and one colour take one byte per pixel.
        var palette = (0..<128).map { (level: UInt8) in Color(level * 2, level * 2, level * 2) }
        palette.append(ClassPalette.issue)
        var pixels = [UInt8](repeating: 0, count: picture.given.count)
        for pixel in pixels.indices {
            let color: Color
            if let photo = picture.photo {
                color = Color(photo[3 * pixel], photo[3 * pixel + 1], photo[3 * pixel + 2])
            } else {
                let label = picture.given[pixel]
                color = label == ImagePicture.void ? ClassPalette.void : ClassPalette.color(Int(label))
            }
            // Rec. 709's weights, as the page's grayscale filter has them.
            let light = 0.2126 * Double(color.red) + 0.7152 * Double(color.green) + 0.0722 * Double(color.blue)
            pixels[pixel] = UInt8(light * dimming / 2)
        }
        for issue in picture.issues { pixels[issue.pixel] = 128 }
        return PNGImage.indexed(width: picture.width, height: picture.height, pixels: pixels, palette: palette)
    }

    /// How bright what lies under issues is left.
    static let dimming = 0.55
}

extension ImagePicture {
    /// The picture a whole number of times smaller: photographs averaged, classes of each block's middle, an issue
    /// wherever a block has one.
    func reduced(by factor: Int) -> ImagePicture {
        guard factor > 1 else { return self }
        let small = (height: (height + factor - 1) / factor, width: (width + factor - 1) / factor)
        func middle(_ y: Int, _ x: Int) -> Int {
            min(y * factor + factor / 2, height - 1) * width + min(x * factor + factor / 2, width - 1)
        }
        var out = self
        out.height = small.height
        out.width = small.width
        out.given = []
        out.predicted = []
        for y in 0..<small.height {
            for x in 0..<small.width {
                out.given.append(given[middle(y, x)])
                out.predicted.append(predicted[middle(y, x)])
            }
        }
        out.issues = issues.map {
            .init(
                pixel: $0.pixel / width / factor * small.width + $0.pixel % width / factor, given: $0.given,
                suggested: $0.suggested)
        }
        guard let photo else { return out }
        var pixels: [UInt8] = []
        for y in 0..<small.height {
            let rows = y * factor..<min((y + 1) * factor, height)
            for x in 0..<small.width {
                let columns = x * factor..<min((x + 1) * factor, width)
                var sums = [0, 0, 0]
                for row in rows {
                    for column in columns {
                        let at = 3 * (row * width + column)
                        for channel in 0..<3 { sums[channel] += Int(photo[at + channel]) }
                    }
                }
                let count = rows.count * columns.count
                for sum in sums { pixels.append(UInt8((sum + count / 2) / count)) }
            }
        }
        out.photo = pixels
        return out
    }
}
