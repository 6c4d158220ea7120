import NumPyFiles

/// One image of a dataset: where its labels and probabilities are.
struct ImageEntry: Sendable {
    /// Index of the array, and of the image within it.
    var labelSource: Int
    var labelIndex: Int
    var probabilitySource: Int
    var probabilityIndex: Int
    /// Rows; of a volume the rows of all its slices.
    var height: Int
    var width: Int
    /// Slices of a volume; nil for an image.
    var depth: Int?

    var pixelCount: Int { height * width }
    /// Rows of a slice, or of the image.
    var sliceHeight: Int { height / (depth ?? 1) }
    /// Nil for an image.
    var pixelsPerSlice: Int? { depth == nil ? nil : sliceHeight * width }
    /// (H,W), or (D,H,W) of a volume.
    var shape: [Int] { imageShape(depth: depth, height: height, width: width) }
}

/// How the output's masks are keyed.
enum OutputForm: Sendable, Equatable {
    /// One array of a shape: (N,H,W), or (H,W) where the labels were one image without an axis over images; of volumes
    /// (N,D,H,W) or (D,H,W).
    case dense(shape: [Int])
    /// One array per image, keyed by its name.
    case named([String])
}

/// Labels and probabilities, paired image by image.
struct Dataset: Sendable {
    var labels: [ArraySource]
    var probabilities: [ArraySource]
    var images: [ImageEntry]
    var form: OutputForm
    /// Whether names, and not positions, pair labels with probabilities.
    var isPairedByName: Bool
    /// K.
    var classCount: Int
    /// What the user may want to know, in sentences.
    var warnings: [String]
    /// The digest of the inputs that records stand for; nil where the inputs are read themselves.
    var keptDigest: InputDigest?

    /// Bytes of a pixel's probabilities, the most that any array has.
    var bytesPerPixel: Int {
        probabilities.map { $0.axes.classCount * $0.header.dtype.byteCount }.max() ?? 1
    }

    var pixelCount: Int { images.reduce(0) { $0 + $1.pixelCount } }

    /// What a message calls an image: `image 3`, or `image img_003`.
    func imageText(_ index: Int) -> String {
        switch form {
        case .dense: "image \(index)"
        case .named(let names): "image \(names[index])"
        }
    }

    /// Whether images have names; else they are known by their position.
    var hasNames: Bool { if case .named = form { true } else { false } }

    func imageName(_ index: Int) -> String {
        switch form {
        case .dense: String(index)
        case .named(let names): names[index]
        }
    }
}

extension Dataset {
    /// Opens the inputs of `plan`, pairs them and checks their headers. No data is read.
    ///
    /// - Parameter rule: what the dataset has to serve, such as blocks that divide every image.
    init(_ plan: DatasetPlan, for rule: RulePlan) throws(AuditError) {
        let labelRanks = RankRule(plan: plan, side: .labels)
        let probabilityRanks = RankRule(plan: plan, side: .predProbs)
        let labelResolver = InputResolver(side: .labels, ranks: labelRanks, selection: plan.labels)
        let probabilityResolver = InputResolver(side: .predProbs, ranks: probabilityRanks, selection: plan.predProbs)
        let given = try labelResolver.resolve()
        let predicted = try probabilityResolver.resolve()
        var pairing = Pairing(labels: given, probabilities: predicted)
        try pairing.pair()
        labels = pairing.labels
        probabilities = pairing.probabilities
        warnings = [pairing.note].compactMap { $0 } + Self.trailing(labels + probabilities)

        let fileClassCount = try Self.classCount(of: probabilities)
        classCount = plan.isBinary ? 2 : fileClassCount
        images = []
        for (labelAt, probabilityAt) in pairing.pairs {
            let label = labels[labelAt.source]
            let probability = probabilities[probabilityAt.source]
            let (height, width) = (probability.axes.height, probability.axes.width)
            let isEnlarged = plan.upsampling != nil && (height * width > 0 || label.axes.pixelCount == 0)
            guard isEnlarged || label.axes.shape == probability.axes.shape else {
                throw Self.shapesDisagree(label, probability)
            }
            images.append(
                ImageEntry(
                    labelSource: labelAt.source, labelIndex: labelAt.image, probabilitySource: probabilityAt.source,
                    probabilityIndex: probabilityAt.image, height: label.axes.height, width: label.axes.width,
                    depth: label.axes.depth))
        }
        form = pairing.form(images: images)
        isPairedByName = pairing.isByName
        let labelClassCount = plan.channel == nil ? classCount : fileClassCount
        if plan.oneHot, let label = labels.first(where: { $0.axes.classCount != labelClassCount }) {
            throw .input(
                label.displayName,
                "one-hot labels of shape \(label.header.shapeText) have \(label.axes.classCount) classes, "
                    + "pred_probs \(probabilities[0].header.shapeText) have \(labelClassCount)")
        }
        if let channel = plan.channel, let first = probabilities.first, channel >= fileClassCount {
            throw .input(
                first.displayName,
                "--channel \(channel) is no class of pred_probs of shape \(first.header.shapeText)",
                remedy: "name one from 0 to \(fileClassCount - 1)")
        }
        try checkCounts(rule)
        try checkDownsample(rule.downsample)
        try checkClass(rule.onlyClass, option: "--only-class")
        try checkJoint(rule)
    }

    /// Bytes that follow arrays, at most so many lines of them.
    private static func trailing(_ sources: [ArraySource]) -> [String] {
        let listedCount = 3
        let trailing = sources.filter { $0.trailingByteCount > 0 }
        return trailing.prefix(listedCount).map {
            "\(escaped($0.displayName)): \($0.trailingByteCount) bytes after the array were left unread"
        }
            + (trailing.count > listedCount
                ? ["bytes after the array in \(trailing.count - listedCount) more files"] : [])
    }

    /// How many classes the arrays have in their files.
    private static func classCount(of sources: [ArraySource]) throws(AuditError) -> Int {
        guard let first = sources.first else { return 0 }
        for source in sources {
            guard source.axes.classCount > 0 else {
                throw .input(source.displayName, "pred_probs of shape \(source.header.shapeText) have no classes")
            }
            guard source.axes.classCount == first.axes.classCount else {
                throw .input(
                    source.displayName,
                    "class counts differ: this array has \(source.axes.classCount), \(first.displayName) has "
                        + "\(first.axes.classCount)",
                    remedy: "export all images with the same classes")
            }
        }
        guard first.axes.classCount <= maximumClassCount else {
            throw .input(
                first.displayName,
                "pred_probs of shape \(first.header.shapeText) have \(first.axes.classCount) classes, at most "
                    + "\(maximumClassCount) are supported",
                remedy: "if the last axis holds the classes, pass --layout nhwc")
        }
        return first.axes.classCount
    }

    /// Classes are kept as 16-bit numbers.
    static let maximumClassCount = 65_535

    /// Two arrays that cannot be paired, with what may be meant.
    static func shapesDisagree(_ labels: ArraySource, _ probabilities: ArraySource) -> AuditError {
        .input(
            probabilities.displayName,
            "shapes disagree: pred_probs \(probabilities.header.shapeText), \(labels.displayName) labels "
                + labels.header.shapeText,
            remedy: SizeMismatch(labels: labels, probabilities: probabilities).remedy)
    }

    private func checkDownsample(_ factor: Int) throws(AuditError) {
        guard factor > 1 else { return }
        // Blocks lie within slices.
        for image in images where image.sliceHeight % factor != 0 || image.width % factor != 0 {
            let height = image.sliceHeight
            let divisors = (1...max(1, min(height, image.width))).filter {
                height % $0 == 0 && image.width % $0 == 0
            }
            let nearest = divisors.min { (abs($0 - factor), $0) < (abs($1 - factor), $1) } ?? 1
            throw .input(
                labels[image.labelSource].displayName,
                "height \(height) and width \(image.width) are not both divisible by --downsample \(factor)",
                remedy: "the nearest that divides both is --downsample \(nearest)")
        }
    }
}
