import NumPyFiles

/// What the label values of a dataset stand for: the class that each becomes, and the value that each class is written
/// back as.
///
/// A value is first divided by `--label-divisor` and rounded down, then replaced (`--map-label`, `--map-labels`), then
/// compared with the values to ignore, and last counted down by `--reduce-zero-label`. With `--channel` the class of that
/// number is then class 1 and every other class 0.
///
/// **Cost.** One look-up for the values that classes usually have; one array of them is shared by all files.
struct LabelMapping: Sendable {
    let classCount: Int
    /// For each class, the value that stands for it in the files: the lowest where several do. With `--channel` the class
    /// itself, as no one value stands for all others.
    let writtenValues: [Int]
    /// The values that counted pixels may be written back as.
    let countedValues: ClosedRange<Int>
    /// Whether a counted pixel is written back as its class; else as it stands in the file.
    let writesClasses: Bool

    private let divisor: Int
    private let replacements: [Int: LabelTarget]
    private let ignored: Set<Int>
    /// The least label that is a class.
    private let first: Int
    /// How many labels are classes: K, but for `--channel`.
    private let labelCount: Int
    private let foreground: Int?
    /// Classes of the values 0..<table.count.
    private var table: [Int32]

    /// Stands for a value that is no class and not ignored.
    static let unusable: Int32 = -2

    /// The table ends here at the latest: panoptic ids of 150 classes at 1,000 to each fit.
    private static let tableLimit = 1 << 18

    /// - Parameter fileClassCount: how many classes pred_probs have in the file.
    init(_ plan: DatasetPlan, classCount: Int, fileClassCount: Int) {
        self.classCount = classCount
        divisor = plan.labelDivisor
        // No quotient is so large that its product with the divisor overflows.
        replacements = plan.labelMap.filter { !$0.key.multipliedReportingOverflow(by: plan.labelDivisor).overflow }
        ignored = Set(plan.ignoredLabels)
        first = plan.reducesZeroLabel ? 1 : 0
        // One plane of the one-hot labels is read; it holds 0 and 1.
        foreground = plan.oneHot ? nil : plan.channel
        labelCount = foreground == nil ? classCount : fileClassCount

        let isIdentity = divisor == 1 && replacements.isEmpty && first == 0
        writesClasses = isIdentity || foreground != nil
        (writtenValues, countedValues) =
            writesClasses
            ? (Array(0..<classCount), 0...max(0, classCount - 1))
            : Self.written(replacements, classes: first..<first + classCount, divisor: divisor)
        var table: [Int32] = []
        self.table = table
        let count = max(256, min(countedValues.upperBound, Self.tableLimit - 1) + 1)
        table.reserveCapacity(count)
        for value in 0..<count { table.append(classify(value)) }
        self.table = table
    }

    /// The value that stands for each class, and the range of all values that stand for any.
    private static func written(
        _ replacements: [Int: LabelTarget], classes: Range<Int>, divisor: Int
    ) -> ([Int], ClosedRange<Int>) {
        var written = Array(classes)
        var counted = Set(classes)
        for (from, target) in replacements {
            guard case .label(let to) = target, classes.contains(to) else { continue }
            counted.insert(from)
            // A replacement goes before the class's own number, and the lowest of several before the others.
            let other = written[to - classes.lowerBound]
            if replacements[other] == target && other < from { continue }
            written[to - classes.lowerBound] = from
        }
        let least = (counted.min() ?? 0) * divisor
        let (greatest, overflows) = (counted.max() ?? 0).multipliedReportingOverflow(by: divisor)
        let end = greatest.addingReportingOverflow(divisor - 1)
        return (written.map { $0 * divisor }, least...(overflows || end.overflow ? Int.max : end.partialValue))
    }

    /// The class of a value: 0..<K, -1 where it is ignored, or `unusable`.
    @inline(__always)
    func classOf(_ value: Int) -> Int32 {
        if value >= 0 && value < table.count { return table[value] }
        return classify(value)
    }

    private func classify(_ value: Int) -> Int32 {
        var label = value
        if divisor > 1 {
            // Rounded down, so that -1 stays -1.
            let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
            label = rest < 0 ? quotient - 1 : quotient
        }
        switch replacements[label] {
        case .ignored?: return -1
        case .label(let other)?: label = other
        case nil: break
        }
        if ignored.contains(label) || label == 0 && first == 1 { return -1 }
        guard label >= first && label - first < labelCount else { return Self.unusable }
        return foreground.map { label - first == $0 ? 1 : 0 } ?? Int32(label - first)
    }

    /// Classes that are ignored as labels.
    var ignoredClasses: Set<Int32> {
        guard foreground == nil else { return [] }
        return Set(ignored.filter { $0 >= first && $0 - first < classCount }.map { Int32($0 - first) })
    }

    /// The labels that are classes, as messages give them: `0..20`, or `1..21` with `--reduce-zero-label`.
    var labelRangeText: String { "\(first)..\(first + labelCount - 1)" }

    /// The smallest type that holds the labels of counted pixels, K and 255: unsigned unless labels are negative.
    var writtenType: DType {
        let greatest = max(countedValues.upperBound, classCount, 255)
        let isSigned = countedValues.lowerBound < 0
        let byteCount = [1, 2, 4].first {
            let bits = 8 * $0 - (isSigned ? 1 : 0)
            return greatest < 1 << bits && (!isSigned || countedValues.lowerBound >= -1 << bits)
        }
        return DType(kind: isSigned ? .signedInteger : .unsignedInteger, byteCount: byteCount ?? 8)
    }
}
