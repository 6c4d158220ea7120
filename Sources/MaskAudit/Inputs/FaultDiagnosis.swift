import ConfidentLearning
import NumPyFiles

/// Words a fault of an image's contents: the first bad place of the worst kind in some pixels, and how many more there are.
/// Runs once, when a run has failed anyway.
struct FaultDiagnosis {
    let imageText: String
    let labelFile: String
    let probabilityFile: String
    let image: ImageEntry
    /// The pixels that were looked at.
    let pixels: Range<Int>
    let classCount: Int
    /// The labels that are classes, such as `0..20`.
    let labelRange: String
    let form: ProbabilityForm
    let downsample: Int

    private func place(_ pixel: Int) -> String {
        let row = pixel / max(1, image.width)
        let height = max(1, image.sliceHeight)
        let slice = image.depth == nil ? "" : " slice \(row / height)"
        return "\(imageText)\(slice) row \(row % height) column \(pixel % max(1, image.width))"
    }

    private func others(_ count: Int) -> String {
        let place = pixels.count == image.pixelCount ? "this image" : "this part of the image"
        return count > 0 ? " (and \(count) more in \(place))" : ""
    }

    /// What is wrong with some labels, noted one by one in pixel order.
    struct LabelFaults {
        private(set) var first: LabelFault?
        private(set) var count = 0
        /// How often each value that is outside the classes occurs, as far as they are counted.
        private(set) var outside: [Int: Int] = [:]

        /// Values that are told apart at most: more than any set of labels has.
        private static let distinctLimit = 1 << 16

        mutating func note(_ fault: LabelFault) {
            first = first ?? fault
            count += 1
            guard fault.kind == .outOfRange, let value = fault.integer else { return }
            if outside.count < Self.distinctLimit || outside[value] != nil { outside[value, default: 0] += 1 }
        }
    }

    /// The fault of labels; nil where none was noted.
    ///
    /// - Parameter agreement: what ``LabelAdvice`` takes, asked only where labels are outside the classes.
    func labels(_ faults: LabelFaults, agreement: () -> (asNumbered: Int, oneLess: Int)?) -> AuditError? {
        guard let first = faults.first else { return nil }
        let more = others(faults.count - 1)
        switch first.kind {
        case .outOfRange:
            let outside = faults.outside.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                (value: $0.key, count: $0.value)
            }
            let advice = LabelAdvice(
                classCount: classCount, labelRange: labelRange, outside: outside, agreement: agreement())
            return .input(
                labelFile,
                "label \(first.value) at \(place(first.pixel)) is outside \(labelRange)\(more)\(advice.list)",
                remedy: advice.remedy)
        case .notAnInteger:
            return .input(
                labelFile, "label \(first.value) at \(place(first.pixel)) is not an integer\(more)",
                remedy: first.value == "nan"
                    ? "where NaN marks void pixels, save numpy.nan_to_num(labels, nan=255).astype('uint8') and pass "
                        + "--ignore-label=255"
                    : "fractions come from resizing by interpolation: resize labels by the nearest pixel, and save integers"
            )
        case .notOneHot(let classIndex):
            return .input(
                labelFile,
                "one-hot labels have \(first.value) at \(place(first.pixel)) class \(classIndex), exactly one 1 a pixel "
                    + "is needed\(more)",
                remedy:
                    "where a pixel may have several classes or none, pass --binary --channel K for class K alone; else "
                    + "save class numbers and leave --one-hot out")
        }
    }

    /// The fault of pixels whose labels are sound: `labels` of each, `value` by class and pixel of the image as the file has
    /// it.
    func probabilities(labels: [Int32], value: (_ classIndex: Int, _ pixel: Int) -> Double, fileClassCount: Int)
        -> AuditError?
    {
        // Downsampling takes means over whole blocks, ignored pixels included.
        let isJudged = { (pixel: Int) in labels[pixel - pixels.lowerBound] >= 0 || downsample > 1 }
        func find(_ isBad: (Double) -> Bool) -> (classIndex: Int, pixel: Int, count: Int)? {
            var first: (Int, Int)?
            var count = 0
            for classIndex in 0..<fileClassCount {
                for pixel in pixels where isJudged(pixel) && isBad(value(classIndex, pixel)) {
                    first = first ?? (classIndex, pixel)
                    count += 1
                }
            }
            return first.map { ($0.0, $0.1, count) }
        }
        func fault(_ found: (classIndex: Int, pixel: Int, count: Int), _ kind: String, remedy: String) -> AuditError {
            let at = place(found.pixel).split(separator: " row ", maxSplits: 1)
            return .input(
                probabilityFile,
                "\(kind) at \(at[0]) class \(found.classIndex) row \(at[1])\(others(found.count - 1))", remedy: remedy)
        }
        if let found = find(\.isNaN) {
            return fault(found, "NaN", remedy: "mend the export, or mark such pixels with a label to ignore")
        }
        if let found = find({ form == .logits || form == .binaryLogits ? $0 == .infinity : $0.isInfinite }) {
            let number = value(found.classIndex, found.pixel) > 0 ? "infinite value" : "infinite value (negative)"
            return fault(found, number, remedy: "mend the export, or mark such pixels with a label to ignore")
        }
        switch form {
        case .logits, .binaryLogits:
            // Finite, yet softmax failed: every class at minus infinity.
            return find { $0 == -.infinity }.map {
                fault($0, "infinite value (negative) in every class", remedy: "mend the export")
            }
        case .binary:
            return find { $0 < 0 || $0 > 1 }.map {
                fault(
                    $0, "foreground probability \(value($0.classIndex, $0.pixel))",
                    remedy: "probabilities are 0 to 1; if these are logits, pass --logits")
            }
        case .probabilities, .unnormalized:
            if let found = find({ $0 < 0 }) {
                return fault(
                    found, "negative value \(value(found.classIndex, found.pixel))",
                    remedy: "if these are logits, pass --logits")
            }
            if form == .unnormalized {
                return find { $0 > ProbabilityCheck.largestScore }.map {
                    fault(
                        $0, "score \(value($0.classIndex, $0.pixel))",
                        remedy: "scores are at most 65504; divide them, or pass --logits for logits")
                }
            }
            return sum(labels: labels, value: value)
        }
    }

    private func sum(labels: [Int32], value: (_ classIndex: Int, _ pixel: Int) -> Double) -> AuditError? {
        var first: (pixel: Int, sum: Double)?
        var count = 0
        for pixel in pixels where labels[pixel - pixels.lowerBound] >= 0 {
            let sum = (0..<classCount).reduce(0.0) { $0 + value($1, pixel) }
            if abs(sum - 1) > ProbabilityCheck.sumTolerance {
                first = first ?? (pixel, sum)
                count += 1
            }
        }
        guard let first else { return nil }
        let largest = (0..<classCount).map { value($0, first.pixel) }.max() ?? 0
        if largest == 0 {
            return .input(
                probabilityFile,
                "no prediction at \(place(first.pixel)): all probabilities are 0\(others(count - 1))",
                remedy: "to leave pixels without a prediction out, pass --ignore-unpredicted")
        }
        let finding =
            "probabilities sum to \(short(first.sum)), not 1, at \(place(first.pixel))\(others(count - 1))"
            + (largest > 1 ? "; values above 1 (\(short(largest)))" : "")
        return .input(probabilityFile, finding, remedy: sumRemedy(first.sum, largest: largest))
    }

    private func sumRemedy(_ sum: Double, largest: Double) -> String {
        if classCount == 1 { return "if there is one foreground probability a pixel, pass --binary" }
        if abs(sum - 100) <= 100 * ProbabilityCheck.sumTolerance {
            return "these are percentages: divide by 100; for scores that are no probabilities, pass --unnormalized"
        }
        return largest > 1
            ? "if these are logits, pass --logits; for scores that are no probabilities, --unnormalized"
            : "for scores that are no probabilities, pass --unnormalized; for logits, --logits"
    }

    /// Six significant digits.
    private func short(_ value: Double) -> String {
        guard value != 0, value.isFinite, abs(value) < 1e9, abs(value) >= 1e-4 else { return "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 100_000 { scale *= 10 }
        let text = "\((value * scale).rounded() / scale)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
