import NumPyFiles

/// One image of a dataset: where its labels and probabilities are.
struct ImageEntry: Sendable {
    /// Index of the array, and of the image within it.
    var labelSource: Int
    var labelIndex: Int
    var probabilitySource: Int
    var probabilityIndex: Int
    var height: Int
    var width: Int

    var pixelCount: Int { height * width }
}

/// How the output's masks are keyed.
enum OutputForm: Sendable, Equatable {
    /// One array of a shape: (N,H,W), or (H,W) where the labels were one image without an axis over images.
    case dense(shape: [Int])
    /// One array an image, keyed by its name.
    case named([String])
}

/// Labels and probabilities, paired image by image.
struct Dataset: Sendable {
    var labels: [ArraySource]
    var probabilities: [ArraySource]
    var images: [ImageEntry]
    var form: OutputForm
    /// K.
    var classCount: Int
    /// What the user may want to know, in sentences.
    var warnings: [String]

    var pixelCount: Int { images.reduce(0) { $0 + $1.pixelCount } }

    /// What a message calls an image: `image 3`, or `image img_003`.
    func imageText(_ index: Int) -> String {
        switch form {
        case .dense: "image \(index)"
        case .named(let names): "image \(names[index])"
        }
    }

    func imageName(_ index: Int) -> String {
        switch form {
        case .dense: String(index)
        case .named(let names): names[index]
        }
    }
}

extension Dataset {
    /// Opens the inputs of `plan`, pairs them and checks their headers. No data is read.
    init(plan: AuditPlan) throws(AuditError) {
        let labelRanks = RankRule(plan: plan, side: .labels)
        let probabilityRanks = RankRule(plan: plan, side: .predProbs)
        let given = try InputResolver(side: .labels, ranks: labelRanks, selection: plan.labels).resolve()
        let predicted = try InputResolver(side: .predProbs, ranks: probabilityRanks, selection: plan.predProbs)
            .resolve()
        var pairing = Pairing(labels: given, probabilities: predicted)
        try pairing.pair()
        labels = pairing.labels
        probabilities = pairing.probabilities
        warnings = (labels + probabilities).filter { $0.trailingByteCount > 0 }.map {
            "\($0.displayName): \($0.trailingByteCount) bytes after the array were left unread"
        }

        classCount = try Self.classCount(of: probabilities, form: plan.form)
        images = []
        for (labelAt, probabilityAt) in pairing.pairs {
            let label = labels[labelAt.source], probability = probabilities[probabilityAt.source]
            guard label.axes.height == probability.axes.height && label.axes.width == probability.axes.width else {
                throw Self.shapesDisagree(label, probability, plan: plan)
            }
            images.append(
                ImageEntry(
                    labelSource: labelAt.source, labelIndex: labelAt.image, probabilitySource: probabilityAt.source,
                    probabilityIndex: probabilityAt.image, height: label.axes.height, width: label.axes.width))
        }
        form = pairing.form(images: images)
        if plan.oneHot, let label = labels.first(where: { $0.axes.classCount != classCount }) {
            throw .input(
                label.displayName,
                "one-hot labels of shape \(label.header.shapeText) have \(label.axes.classCount) classes, "
                    + "pred_probs \(probabilities[0].header.shapeText) have \(classCount)")
        }
        try checkDownsample(plan.downsample)
    }

    private static func classCount(of sources: [ArraySource], form: ProbabilityForm) throws(AuditError) -> Int {
        if form == .binary || form == .binaryLogits { return 2 }
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

    static func shapesDisagree(_ labels: ArraySource, _ probabilities: ArraySource, plan: AuditPlan) -> AuditError {
        let shape = probabilities.header.shape
        var remedy = "export both from the same images"
        let isChannelsLast =
            plan.layout == .nchw && shape.count >= 3
            && Array(shape.suffix(3).prefix(2)) == [labels.axes.height, labels.axes.width]
        if isChannelsLast { remedy = "if the last axis holds the classes, pass --layout nhwc" }
        return .input(
            probabilities.displayName,
            "shapes disagree: pred_probs \(probabilities.header.shapeText), \(labels.displayName) labels "
                + labels.header.shapeText,
            remedy: remedy)
    }

    private func checkDownsample(_ factor: Int) throws(AuditError) {
        guard factor > 1 else { return }
        for image in images where image.height % factor != 0 || image.width % factor != 0 {
            let divisors = (1...max(1, min(image.height, image.width))).filter {
                image.height % $0 == 0 && image.width % $0 == 0
            }
            let nearest = divisors.min { (abs($0 - factor), $0) < (abs($1 - factor), $1) } ?? 1
            throw .input(
                labels[image.labelSource].displayName,
                "height \(image.height) and width \(image.width) are not both divisible by --downsample \(factor)",
                remedy: "the nearest that divides both is --downsample \(nearest)")
        }
    }
}
