import ConfidentLearning

/// Why labels and probabilities agree at fewer than half of the pixels, as far as it can be found out.
enum MismatchCause {
    /// A one-to-one renumbering makes them agree.
    case classOrder(ClassOrder)
    /// An arrangement of the pixels makes them agree.
    case arrangement(MatchSample.Arrangement)
    /// Label images that go with the probabilities of another image; both numbers count from 0.
    case imageOrder([(label: Int, probability: Int)])
    /// None of these; `lookedAtImages` says whether images could be read again.
    case unknown(lookedAtImages: Bool)

    /// From here on two sides are taken to belong together: half of the way from chance to complete agreement.
    static let leastAgreement = 0.5

    init(_ context: RunContext, _ scan: ScanPass.Result, _ records: (any RecordSource)?) throws(AuditError) {
        if let records {
            let order = ClassOrder(try Self.contested(context, records), labelCounts: scan.labelCounts)
            if order.agreementBeyondChance >= Self.leastAgreement {
                self = .classOrder(order)
                return
            }
        }
        guard let sample = try MatchSample(context) else {
            self = .unknown(lookedAtImages: false)
            return
        }
        if let arrangement = sample.arrangement {
            self = .arrangement(arrangement)
        } else if let moved = sample.movedImages {
            self = .imageOrder(moved)
        } else {
            self = .unknown(lookedAtImages: true)
        }
    }

    /// Contested pixels by given and predicted class, over the dataset.
    private static func contested(
        _ context: RunContext, _ records: any RecordSource
    ) throws(AuditError) -> SwapCounts {
        var counts = SwapCounts(classCount: context.dataset.classCount)
        let isDownsampled = context.plan.rule.downsample > 1
        for unit in context.units.indices {
            let (given, predicted) = try records.record(unit: unit).contested(isDownsampled: isDownsampled)
            for (given, predicted) in zip(given, predicted) {
                counts.add(given: Int(given), suggested: Int(predicted))
            }
        }
        return counts
    }

    /// What was found and what to do, as the end of a sentence.
    func text(_ context: RunContext) -> String {
        switch self {
        case .classOrder(let order):
            return order.text(
                canMap: context.plan.dataset.labelMap.isEmpty && !context.plan.dataset.reducesZeroLabel
                    && context.plan.dataset.labelDivisor == 1 && context.plan.dataset.channel == nil
                    && context.labelMapping.ignoredClasses.isEmpty)
        case .arrangement(let arrangement):
            return arrangement.text
        case .imageOrder(let moved):
            let shown = moved.prefix(3).map {
                "the labels of image \(context.dataset.imageName($0.label)) fit the probabilities of image "
                    + context.dataset.imageName($0.probability)
            }
            return
                "images are in another order (\(shown.joined(separator: ", "))); save both in one order, or each image "
                + "under its name in folders or archives, which pairs them"
        case .unknown(let lookedAtImages):
            return
                (lookedAtImages
                ? "no other order of classes or images and no exchange of height and width explains it"
                : "no other order of classes explains it")
                + "; check that both are of the same images and the same classes"
        }
    }
}

/// The one-to-one renumbering of classes under which labels and probabilities agree best.
///
/// Pairs of classes are taken from the commonest to the rarest, each class once. Where most pixels of each class have one
/// predicted class and the other way round, no other renumbering agrees better.
struct ClassOrder {
    /// Label classes that are predicted as another, with it, by label class.
    private(set) var moved: [(label: Int, predicted: Int)] = []
    private(set) var agreeingPixels = 0
    private(set) var countedPixels = 0
    private(set) var agreementBeyondChance = 0.0

    /// Most classes that a warning lists one by one, and most options that it gives.
    private static let listedCount = 8

    /// - Parameters:
    ///   - contested: pixels whose predicted class is not the given one.
    ///   - labelCounts: counted pixels a given class.
    init(_ contested: SwapCounts, labelCounts: [Int]) {
        var agreeing = labelCounts
        for (label, count) in contested.byGiven.enumerated() { agreeing[label] -= count }
        var pairs =
            contested.sorted
            + agreeing.enumerated().filter { $0.element > 0 }
            .map { (given: $0.offset, suggested: $0.offset, pixels: $0.element) }
        pairs.sort { ($1.pixels, $0.given, $0.suggested) < ($0.pixels, $1.given, $1.suggested) }
        var predictedCounts = [Int](repeating: 0, count: labelCounts.count)
        for pair in pairs { predictedCounts[pair.suggested] += pair.pixels }
        countedPixels = labelCounts.reduce(0, +)
        var isLabelTaken = [Bool](repeating: false, count: labelCounts.count)
        var isPredictedTaken = isLabelTaken
        var expected = 0.0
        for (label, predicted, pixels) in pairs where !isLabelTaken[label] && !isPredictedTaken[predicted] {
            (isLabelTaken[label], isPredictedTaken[predicted]) = (true, true)
            agreeingPixels += pixels
            expected +=
                Double(labelCounts[label]) / Double(countedPixels) * Double(predictedCounts[predicted])
                / Double(countedPixels)
            if label != predicted { moved.append((label, predicted)) }
        }
        moved.sort { $0.label < $1.label }
        agreementBeyondChance = MaskAudit.agreementBeyondChance(
            agreeing: agreeingPixels, counted: countedPixels, expected: expected)
    }

    /// - Parameter canMap: whether `--map-label` alone gives labels the probabilities' numbers.
    func text(canMap: Bool) -> String {
        let listed = moved.prefix(Self.listedCount)
        let more = moved.count - listed.count
        let pairs =
            listed.map { "label \($0.label) is predicted as class \($0.predicted)" }.joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
        let options = listed.map { "--map-label \($0.label)=\($0.predicted)" }.joined(separator: " ")
        return "the two have their classes in another order (\(pairs)), and renumbered so they agree at "
            + "\(percentText(agreeingPixels, of: countedPixels)); "
            + (canMap && more == 0 ? "pass \(options), or " : "") + "export both with one order of the classes"
    }
}
