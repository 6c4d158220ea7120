import NumPyFiles

/// Which shapes an input may have: how axes are named for an array with and without an axis over images.
struct RankRule: Sendable {
    let side: InputSide
    /// Axis names by number of axes.
    private let orders: [Int: [ImageAxes.Axis]]
    /// Axis names of one image's pixels: rows and columns, after the slices of a volume.
    private let pixels: [ImageAxes.Axis]
    /// Whether an axis of length 1 may stand where classes would: it is dropped.
    private let hasOneChannel: Bool
    private let isBFloat16: Bool
    /// In words, for messages: `(N, K, H, W)`.
    let wanted: String

    init(plan: DatasetPlan, side: InputSide) {
        self.side = side
        isBFloat16 = plan.isBFloat16
        let areVolumes = plan.volumes
        let isForeground = side == .predProbs && plan.isBinary && plan.channel == nil
        // Of images (N,1,H,W) and (N,H,W,1) are more likely one-hot labels or volumes, and refused.
        hasOneChannel = isForeground || side == .labels && areVolumes && !plan.oneHot
        let pixels: [ImageAxes.Axis] = areVolumes ? [.slice, .row, .column] : [.row, .column]
        let size = areVolumes ? "D, H, W" : "H, W"
        let one = areVolumes ? "for one volume" : "for one image"
        let isChannelsLast = plan.layout == .nhwc || side == .images
        let planes = isChannelsLast ? pixels + [.classes] : [.classes] + pixels
        let allOrders: [[ImageAxes.Axis]]
        switch side {
        case .labels where !plan.oneHot:
            allOrders = [[.image] + pixels, pixels]
            wanted = "(N, \(size)), or (\(size)) \(one)"
        case .predProbs where isForeground:
            // (N,1,H,W) is told from (N,H,W) by its rank; (1,H,W) reads the same either way.
            allOrders = [[.image] + planes, [.image] + pixels, pixels]
            wanted = "(N, \(size)) or (N, 1, \(size)), or (\(size)) \(one)"
        default:
            let classes = side == .images ? "3" : "K"
            allOrders = [[.image] + planes, planes]
            wanted =
                isChannelsLast
                ? "(N, \(size), \(classes)), or (\(size), \(classes)) \(one)"
                : "(N, K, \(size)), or (K, \(size)) \(one)"
        }
        self.pixels = pixels
        orders = Dictionary(uniqueKeysWithValues: allOrders.map { ($0.count, $0) })
    }

    private var areVolumes: Bool { pixels.contains(.slice) }

    /// The axis names for a shape; nil where the number of axes is none of those that are read.
    ///
    /// Foregrounds of shape (N,1,H,W) and (N,H,W,1) are read as (N,H,W), and those of volumes and their labels likewise.
    ///
    /// - Parameter isAlone: whether the array has to be one image: (H,W,1) is no row of images then.
    private func order(_ shape: [Int], isAlone: Bool) -> [ImageAxes.Axis]? {
        if isAlone, orders[pixels.count] != nil, shape.count == pixels.count + 1, shape[0] > 1, shape.last == 1 {
            return pixels + [.classes]
        }
        guard hasOneChannel && shape.count == pixels.count + 2 && (shape[1] == 1) != (shape.last == 1) else {
            return orders[shape.count]
        }
        return shape[1] == 1 ? [.image, .classes] + pixels : [.image] + pixels + [.classes]
    }

    /// Whether an array can be one image among others: the axis over images is left out, or kept with length 1.
    func isOneImage(_ header: ArrayHeader) -> Bool {
        guard let order = order(header.shape, isAlone: true) else { return false }
        return (side != .predProbs || holdsFloats(header.dtype))
            && ImageAxes(header: header, order: order).imageCount == 1
    }

    /// The axes of an array, or what is wrong with it.
    ///
    /// - Parameter isAlone: whether the array has to be one image, as in folders and as one member of many.
    func axes(of header: ArrayHeader, name: String, isAlone: Bool = false) throws(AuditError) -> ImageAxes {
        guard let order = order(header.shape, isAlone: isAlone) else {
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
        if areVolumes && axes.depth == 0 {
            throw .input(name, "\(side.noun) of shape \(header.shapeText) have no slices")
        }
        if hasOneChannel && axes.classCount != 1 {
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
        let rank = header.shape.count
        guard !areVolumes else { return volumeRemedy(rank) }
        switch (side, rank) {
        case (.labels, 4) where header.mayHoldColours:
            return ArraySource.colourRemedy + "; for one-hot labels, pass --one-hot --layout nhwc"
        case (.labels, 4):
            return "if these are one-hot labels, pass --one-hot; for volumes (N, D, H, W), pass --volumes; "
                + "if labels and pred_probs are interchanged, swap them"
        case (.labels, 5): return "for one-hot labels of volumes, pass --volumes --one-hot"
        case (.predProbs, 5): return "for volumes, pass --volumes"
        case (.predProbs, 2), (.predProbs, 3): return "save a probability a class, not the argmax"
        default: return nil
        }
    }

    /// The same where volumes are asked for.
    private func volumeRemedy(_ rank: Int) -> String? {
        switch (side, rank) {
        case (.labels, 5): "for one-hot labels, pass --one-hot"
        case (.labels, 2), (.predProbs, 2), (.predProbs, 3): "leave --volumes out if these are images"
        default: nil
        }
    }

    /// Whether each of some arrays would be one volume, where images are asked for.
    func wouldBeVolumes(_ headers: [ArrayHeader]) -> Bool {
        let rank = (orders.keys.min() ?? 0) + 1
        return !areVolumes && side != .images && headers.allSatisfy { $0.shape.count == rank }
    }
}
