import NumPyFiles

/// Labels and probabilities of unlike shapes, and what may be meant by them.
struct SizeMismatch {
    let labels: ArraySource
    let probabilities: ArraySource

    /// Height and width.
    private var labelSize: [Int] { [labels.axes.height, labels.axes.width] }

    /// As the axes were read.
    private var size: [Int] { [probabilities.axes.height, probabilities.axes.width] }

    /// As they would be with the classes on the last axis; nil where they were read so, or there is no such axis.
    private var channelsLastSize: [Int]? {
        let shape = Array(probabilities.header.shape.suffix(3))
        guard shape.count == 3, Array(shape[1...]) == size else { return nil }
        return Array(shape[..<2])
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
        guard labels.imageCount == probabilities.imageCount else { return "export both from the same images" }
        if size == labelSize.reversed() {
            return
                "height and width are exchanged; exchange them in one of the two, as with numpy.swapaxes(labels, -1, -2)"
        }
        if isChannelsLastAndSmaller {
            return
                "for predictions smaller than the labels, with the classes on the last axis, pass --layout nhwc --upsample"
        }
        return isSmaller(size)
            ? "for predictions smaller than the labels, pass --upsample" : "export both from the same images"
    }

    /// Where both readings are smaller than the labels, the last axis holds the classes if it is the shorter one of the two
    /// and the proportions of the image are then kept better.
    private var isChannelsLastAndSmaller: Bool {
        guard let other = channelsLastSize, isSmaller(other) else { return false }
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
