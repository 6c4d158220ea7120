import NumPyFiles

/// Labels and probabilities of unlike shapes, and what may be meant by them.
struct SizeMismatch {
    let labels: ArraySource
    let probabilities: ArraySource

    /// Height and width, after the slices of a volume.
    private var labelSize: [Int] { labels.axes.shape }

    /// Height and width of the predictions, as their axes were read.
    private var size: [Int] { probabilities.axes.shape }

    private var areVolumes: Bool { labels.axes.depth != nil }

    /// Height and width of the predictions if the classes are on the last axis; nil where they were read so, or there is no
    /// such axis.
    private var channelsLastSize: [Int]? {
        let shape = probabilities.header.shape.suffix(size.count + 1)
        guard shape.count == size.count + 1, Array(shape.dropFirst()) == size else { return nil }
        return Array(shape.dropLast())
    }

    var remedy: String {
        // One image of K classes was read; N images of one class may be meant.
        if probabilities.header.shape == labels.header.shape {
            return "if there is one foreground probability a pixel, pass --binary"
        }
        if channelsLastSize == labelSize { return "if the last axis holds the classes, pass --layout nhwc" }
        if labels.header.mayHoldColours, Array(labels.header.shape.prefix(2)) == size {
            return ArraySource.colourRemedy
        }
        if isVolume { return "if this is a volume (D, H, W) with pred_probs (K, D, H, W), pass --volumes" }
        if labels.header.shape.last == 1, Array(labels.header.shape.dropLast()) == size {
            return "drop the last axis of the labels, as with labels[..., 0]"
        }
        guard labels.imageCount == probabilities.imageCount else { return "export both from the same images" }
        if size == labelSize.dropLast(2) + labelSize.suffix(2).reversed() {
            return
                "height and width are exchanged; exchange them in one of the two, as with numpy.swapaxes(labels, -1, -2)"
        }
        if areVolumes && size == labelSize.reversed() {
            return "slices, rows and columns are in reverse order in one of the two; turn them round in it, as with "
                + "numpy.swapaxes(labels, -1, -3)"
        }
        if isChannelsLastAndSmaller {
            return
                "for predictions smaller than the labels, with the classes on the last axis, pass --layout nhwc --upsample"
        }
        return !areVolumes && isSmaller(size)
            ? "for predictions smaller than the labels, pass --upsample" : "export both from the same images"
    }

    /// Whether labels (D,H,W) were read as D images, and probabilities (K,D,H,W) as K.
    private var isVolume: Bool {
        !areVolumes && labels.header.shape.count == 3 && probabilities.header.shape.count == 4
            && labels.header.shape == Array(probabilities.header.shape.dropFirst())
    }

    /// Where both readings are smaller than the labels, the last axis holds the classes if it is the shorter one of the two
    /// and the proportions of the image are then kept better.
    private var isChannelsLastAndSmaller: Bool {
        guard !areVolumes, let other = channelsLastSize, isSmaller(other) else { return false }
        return !isSmaller(size) || size[1] < other[0] && skew(other) < skew(size)
    }

    private func isSmaller(_ size: [Int]) -> Bool {
        zip(size, labelSize).allSatisfy { $0 >= 1 && $0 <= $1 }
    }

    /// How unlike the factors along the two sides are, 1 for equal ones.
    private func skew(_ size: [Int]) -> Double {
        let ratio = Double(size[0]) * Double(labelSize[1]) / (Double(size[1]) * Double(labelSize[0]))
        return max(ratio, 1 / ratio)
    }
}
