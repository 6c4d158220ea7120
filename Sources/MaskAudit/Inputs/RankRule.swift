import NumPyFiles

/// Which shapes an input may have: how axes are named for an array with and without an axis over images.
struct RankRule: Sendable {
    let side: InputSide
    /// Axis names by number of axes.
    private let orders: [Int: [ImageAxes.Axis]]
    /// Whether an axis of length 1 stands where classes would: it is dropped.
    private let hasOneChannel: Bool
    private let isBFloat16: Bool
    /// In words, for messages: `(N, K, H, W)`.
    let wanted: String
    /// Number of axes of one image.
    let imageRank: Int

    init(plan: DatasetPlan, side: InputSide) {
        self.side = side
        let isChannelsLast = plan.layout == .nhwc
        isBFloat16 = plan.isBFloat16
        hasOneChannel = side == .predProbs && plan.isBinary && plan.channel == nil
        let planes: [ImageAxes.Axis] = isChannelsLast ? [.row, .column, .classes] : [.classes, .row, .column]
        switch side {
        case .labels where !plan.oneHot:
            orders = [3: [.image, .row, .column], 2: [.row, .column]]
            wanted = "(N, H, W), or (H, W) for one image"
            imageRank = 2
        case .predProbs where plan.isBinary && plan.channel == nil:
            // (N,1,H,W) is told from (N,H,W) by its rank; (1,H,W) reads the same either way.
            orders = [4: [.image] + planes, 3: [.image, .row, .column], 2: [.row, .column]]
            wanted = "(N, H, W) or (N, 1, H, W), or (H, W) for one image"
            imageRank = 2
        case .images:
            orders = [4: [.image, .row, .column, .classes], 3: [.row, .column, .classes]]
            wanted = "(N, H, W, 3), or (H, W, 3) for one image"
            imageRank = 3
        default:
            orders = [4: [.image] + planes, 3: planes]
            wanted =
                isChannelsLast ? "(N, H, W, K), or (H, W, K) for one image" : "(N, K, H, W), or (K, H, W) for one image"
            imageRank = 3
        }
    }

    /// The axis names for a shape; nil where the number of axes is none of those that are read.
    ///
    /// Foregrounds of shape (N,1,H,W) and (N,H,W,1) are read as (N,H,W).
    private func order(_ shape: [Int]) -> [ImageAxes.Axis]? {
        guard hasOneChannel && shape.count == 4 && (shape[1] == 1) != (shape[3] == 1) else {
            return orders[shape.count]
        }
        return shape[1] == 1 ? [.image, .classes, .row, .column] : [.image, .row, .column, .classes]
    }

    /// Whether an array can be one image among others: the axis over images is left out, or kept with length 1.
    func isOneImage(_ header: ArrayHeader) -> Bool {
        guard let order = order(header.shape) else { return false }
        return (side != .predProbs || holdsFloats(header.dtype))
            && ImageAxes(header: header, order: order).imageCount == 1
    }

    /// The axes of an array, or what is wrong with it.
    func axes(of header: ArrayHeader, name: String) throws(AuditError) -> ImageAxes {
        guard let order = order(header.shape) else {
            throw .input(
                name,
                "\(side.noun) have shape \(header.shapeText) with \(header.shape.count) "
                    + "\(header.shape.count == 1 ? "axis" : "axes"); \(wanted) is needed",
                remedy: remedy(header))
        }
        try check(header.dtype, name)
        let axes = ImageAxes(header: header, order: order)
        if side == .images {
            guard header.dtype.kind == .unsignedInteger && header.dtype.byteCount == 1 && axes.classCount == 3 else {
                throw .input(
                    name, "images are \(header.dtype.name) of shape \(header.shapeText), uint8 \(wanted) is needed",
                    remedy: "save them as red, green and blue from 0 to 255")
            }
        }
        if imageRank == 2 && side == .predProbs && axes.classCount != 1 {
            throw .input(
                name,
                "with --binary, pred_probs of shape \(header.shapeText) have \(axes.classCount) classes, 1 is needed",
                remedy: "leave --binary out when there is a probability a class")
        }
        return axes
    }

    /// Whether elements of a type are probabilities: floats, or with `--bfloat16` two bytes that are not float16.
    private func holdsFloats(_ dtype: DType) -> Bool {
        isBFloat16 ? dtype.byteCount == 2 && dtype.kind != .float : dtype.kind == .float
    }

    private func check(_ dtype: DType, _ name: String) throws(AuditError) {
        if side == .labels && dtype.kind == .raw {
            throw .input(
                name, "labels are \(dtype.name), integers are needed", remedy: "save them with .astype('int32')")
        }
        guard side == .predProbs && !holdsFloats(dtype) else { return }
        guard !isBFloat16 else {
            throw .input(
                name, "pred_probs are \(dtype.name), with --bfloat16 elements of type V2, uint16 or int16 are needed",
                remedy: "leave --bfloat16 out")
        }
        let mayBeBFloat16 = dtype.byteCount == 2 ? "if the two bytes hold bfloat16, pass --bfloat16; else " : ""
        throw .input(
            name, "pred_probs are \(dtype.name), floats are needed",
            remedy: mayBeBFloat16 + "save the softmax output as float16, float32 or float64, not classes or masks")
    }

    private func remedy(_ header: ArrayHeader) -> String? {
        switch (side, header.shape.count) {
        case (.labels, 4) where header.mayHoldColours:
            ArraySource.colourRemedy + "; for one-hot labels, pass --one-hot --layout nhwc"
        case (.labels, 4):
            "if these are one-hot labels, pass --one-hot; if labels and pred_probs are interchanged, swap them"
        case (.predProbs, 2), (.predProbs, 3): "save a probability a class, not the argmax"
        default: nil
        }
    }
}
