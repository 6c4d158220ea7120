import ConfidentLearning
import NumPyFiles

/// Draws a unit's part of the output and counts its issues. Each thread has its own.
final class UnitPainter {
    private let context: RunContext
    private let resolver: IssueResolver
    private let product: OutputPass.Product
    private(set) var byImage: [Int: Int] = [:]
    private(set) var swaps: SwapCounts

    init(context: RunContext, resolver: IssueResolver, product: OutputPass.Product) {
        self.context = context
        self.resolver = resolver
        self.product = product
        swaps = SwapCounts(classCount: context.dataset.classCount)
    }

    /// Bytes of a unit's rows of each of its images, in the output's element type.
    ///
    /// - Parameter labels: the unit's label bytes, for suggestions; else empty.
    func paint(_ number: Int, labels: [ImageBytes]) throws(AuditError) -> [[UInt8]] {
        if product == .masks, let issues = try resolver.flaggedPixels(unit: number) {
            return paint(issues, unit: context.units[number])
        }
        let unit = context.units[number]
        var painted: [[UInt8]] = []
        let width = product == .masks ? 1 : context.labelMapping.writtenType.byteCount
        if product == .masks {
            painted = unit.images.map { [UInt8](repeating: 0, count: pixelCount(of: $0, in: unit)) }
        } else {
            painted = try givenLabels(unit, labels, byteWidth: width)
        }
        // Counted in local variables: checking exclusive access to properties for each issue would cost more than counting.
        var byImage = [Int](repeating: 0, count: unit.images.count)
        var swaps = self.swaps
        self.swaps = SwapCounts(classCount: 0)
        defer { self.swaps = swaps }
        try resolver.forEachIssue(unit: number) { issue in
            let at = issue.image - unit.images.lowerBound
            if product == .masks {
                painted[at][issue.pixel] = 1
                byImage[at] += 1
                swaps.add(given: issue.given, suggested: issue.suggested)
            } else {
                Self.store(
                    context.labelMapping.writtenValues[issue.suggested], in: &painted[at], pixel: issue.pixel,
                    byteWidth: width)
            }
        }
        for (at, index) in unit.images.enumerated() where byImage[at] > 0 {
            self.byImage[index, default: 0] += byImage[at]
        }
        return painted
    }

    private func paint(_ issues: FlaggedPixels, unit: WorkUnit) -> [[UInt8]] {
        swaps.add(issues)
        var first = 0
        return unit.images.map { index in
            let range = first..<first + pixelCount(of: index, in: unit)
            first = (range.upperBound + 63) / 64 * 64
            let count = issues.count(in: range)
            if count > 0 { byImage[index, default: 0] += count }
            return issues.mask(of: range)
        }
    }

    private func pixelCount(of image: Int, in unit: WorkUnit) -> Int {
        context.rows(of: unit, image: image).count * context.dataset.images[image].width
    }

    private static func store(_ value: Int, in bytes: inout [UInt8], pixel: Int, byteWidth: Int) {
        for byte in 0..<byteWidth { bytes[pixel * byteWidth + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }

    /// The given labels of a unit as they stand in the files; an ignored one that does not fit becomes the type's largest.
    private func givenLabels(
        _ unit: WorkUnit, _ labels: [ImageBytes], byteWidth: Int
    ) throws(AuditError) -> [[UInt8]] {
        let mapping = context.labelMapping
        let fitting = mapping.writtenType.wholeNumbers
        let largest = fitting.upperBound
        var painted: [[UInt8]] = []
        for (number, index) in unit.images.enumerated() {
            let image = context.dataset.images[index]
            let view = context.labelView(image)
            let rows = context.rows(of: unit, image: index)
            let first = rows.lowerBound * image.width
            let count = rows.count * image.width
            var bytes = [UInt8](repeating: 0, count: count * byteWidth)
            try labels[number].withBytes { raw throws(AuditError) in
                var classes: [Int32] = []
                do throws(LabelFault) {
                    try view.load(raw, pixel: first, count: count, into: &classes)
                } catch {
                    throw .changedWhileRead(context.dataset.labels[image.labelSource].displayName)
                }
                for (pixel, label) in classes.enumerated() {
                    let isClass = mapping.writesClasses && label >= 0
                    let value = isClass ? Int(label) : view.integer(raw, pixel: first + pixel) ?? largest
                    Self.store(
                        fitting.contains(value) ? value : largest, in: &bytes, pixel: pixel, byteWidth: byteWidth)
                }
            }
            painted.append(bytes)
        }
        return painted
    }
}

extension LabelView {
    /// A label as it stands in the file; nil where it is no small integer.
    func integer(_ bytes: RawSpan, pixel: Int) -> Int? {
        guard isOneHot else {
            return Int(exactly: loadNumber(bytes, dtype: decoder.dtype, element: element(pixel)))
        }
        // The class whose plane is 1.
        return (0..<decoder.mapping.classCount).first {
            loadNumber(bytes, dtype: decoder.dtype, element: element(pixel) + $0 * axes.classStride) == 1
        }
    }
}
