import ConfidentLearning

/// Given and predicted classes of a few images on a grid of points, to try out how labels and probabilities fit.
struct MatchSample {
    /// Ways to lay the predictions on the labels.
    enum Arrangement: CaseIterable {
        case transposed, upsideDown, mirrored

        /// The finding as the end of a sentence.
        var text: String {
            switch self {
            case .transposed:
                "height and width are exchanged in one of the two; exchange them back, as with numpy.swapaxes(labels, -1, -2)"
            case .upsideDown:
                "one of the two is upside down; turn it over, as with labels[..., ::-1, :]"
            case .mirrored:
                "one of the two is mirrored; turn it over, as with labels[..., ::-1]"
            }
        }
    }

    private struct Image {
        var index: Int
        var rows: Int
        var columns: Int
        var isSquare: Bool
        /// Size of the image itself.
        var size: [Int]
        /// Points row by row; -1 where ignored.
        var given: [Int32] = []
        var predicted: [Int32] = []
    }

    /// Images that are read, and points along a side of each.
    static let imageCount = 16
    private static let lastImageCount = 4
    private static let pointsPerSide = 128
    /// Fewer points may agree by chance.
    private static let leastPointCount = 64

    private let images: [Image]
    private let classCount: Int

    /// Reads the images; nil where nothing can be read again.
    ///
    /// **Cost.** Those images: the first ones, and the last where arrays need not be inflated from their start.
    init?(_ context: RunContext) throws(AuditError) {
        let sources = context.dataset.labels + context.dataset.probabilities
        guard !sources.isEmpty, !sources.contains(where: { $0.pipe != nil }) else { return nil }
        let access = context.labelAccess + context.probabilityAccess
        let isStreamed = access.contains { if case .stream = $0 { true } else { false } }
        let count = context.dataset.images.count
        let first = min(count, isStreamed ? Self.imageCount : Self.imageCount - Self.lastImageCount)
        let last = isStreamed ? count..<count : max(first, count - Self.lastImageCount)..<count
        var labels = context.labelPicker
        var probabilities = context.probabilityPicker
        let predictor = LabelPredictor(context: context)
        var images: [Image] = []
        for index in Array(0..<first) + Array(last) where context.dataset.images[index].pixelCount > 0 {
            let image = context.dataset.images[index]
            let labelBytes = try labels.bytes(source: image.labelSource, image: image.labelIndex)
            let bytes = try probabilities.bytes(source: image.probabilitySource, image: image.probabilityIndex)
            images.append(try Self.read(index, labelBytes, bytes, context, predictor))
        }
        self.images = images
        classCount = context.dataset.classCount
    }

    private static func read(
        _ index: Int, _ labelBytes: ImageBytes, _ bytes: ImageBytes, _ context: RunContext, _ predictor: LabelPredictor
    ) throws(AuditError) -> Image {
        let image = context.dataset.images[index]
        let view = context.labelView(image)
        // A volume is judged by its middle slice, where there is most to see.
        let firstRow = (image.depth ?? 1) / 2 * image.sliceHeight
        let rows = points(along: image.sliceHeight).map { firstRow + $0 }
        let columns = points(along: image.width)
        var sample = Image(
            index: index, rows: rows.count, columns: columns.count, isSquare: image.sliceHeight == image.width,
            size: image.shape)
        var labels: [Int32] = []
        for row in rows {
            // A row in runs of a tile at most, each with its points.
            for start in stride(from: 0, to: image.width, by: PlaneTile.capacity) {
                let run = start..<min(start + PlaneTile.capacity, image.width)
                let pixel = row * image.width + start
                try labelBytes.withBytes { raw throws(AuditError) in
                    try context.load(view, of: image, raw, pixel: pixel, count: run.count, into: &labels)
                }
                let predicted = try predictor.predicted(
                    image: index, pixel: pixel, labels: labels, probabilities: bytes)
                for column in columns where run.contains(column) {
                    sample.given.append(labels[column - start])
                    sample.predicted.append(predicted[column - start])
                }
            }
        }
        return sample
    }

    /// Places spread evenly over an extent, the same from both of its ends but for rounding.
    private static func points(along extent: Int) -> [Int] {
        let count = min(extent, pointsPerSide)
        return (0..<count).map { (2 * $0 + 1) * extent / (2 * count) }
    }

    /// The arrangement under which the images agree; nil for none.
    var arrangement: Arrangement? {
        Arrangement.allCases.first { arrangement in
            var agreement = PointAgreement(classCount: classCount)
            for image in images where arrangement != .transposed || image.isSquare {
                agreement.add(image.given, Self.arranged(image, arrangement))
            }
            return agreement.isMatch(leastPointCount: Self.leastPointCount)
        }
    }

    private static func arranged(_ image: Image, _ arrangement: Arrangement) -> [Int32] {
        let (rows, columns) = (image.rows, image.columns)
        return image.predicted.indices.map { point in
            let (row, column) = (point / columns, point % columns)
            return switch arrangement {
            case .transposed: image.predicted[column * columns + row]
            case .upsideDown: image.predicted[(rows - 1 - row) * columns + column]
            case .mirrored: image.predicted[row * columns + columns - 1 - column]
            }
        }
    }

    /// Label images that fit the predictions of another image and not their own; nil for fewer than two.
    var movedImages: [(label: Int, probability: Int)]? {
        var moved: [(label: Int, probability: Int)] = []
        for image in images where !isMatch(image, image) {
            if let other = images.first(where: { $0.size == image.size && isMatch(image, $0) }) {
                moved.append((image.index, other.index))
            }
        }
        return moved.count >= 2 ? moved : nil
    }

    private func isMatch(_ labels: Image, _ predictions: Image) -> Bool {
        var agreement = PointAgreement(classCount: classCount)
        agreement.add(labels.given, predictions.predicted)
        return agreement.isMatch(leastPointCount: Self.leastPointCount)
    }
}

/// Agreement of given and predicted classes over some points.
private struct PointAgreement {
    private var givenCounts: [Int]
    private var predictedCounts: [Int]
    private var agreeing = 0
    private var counted = 0

    init(classCount: Int) {
        givenCounts = Array(repeating: 0, count: classCount)
        predictedCounts = givenCounts
    }

    /// Adds points that have both classes.
    mutating func add(_ given: [Int32], _ predicted: [Int32]) {
        for (given, predicted) in zip(given, predicted) where given >= 0 && predicted >= 0 {
            givenCounts[Int(given)] += 1
            predictedCounts[Int(predicted)] += 1
            counted += 1
            if given == predicted { agreeing += 1 }
        }
    }

    func isMatch(leastPointCount: Int) -> Bool {
        guard counted >= leastPointCount else { return false }
        let total = Double(counted)
        let expected = zip(givenCounts, predictedCounts).reduce(0.0) {
            $0 + Double($1.0) / total * Double($1.1) / total
        }
        return agreementBeyondChance(agreeing: agreeing, counted: counted, expected: expected)
            >= MismatchCause.leastAgreement
    }
}
