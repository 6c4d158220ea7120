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
        let width = product == .masks ? 1 : OutputPass.suggestedType(classCount: context.dataset.classCount).byteCount
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
                Self.store(issue.suggested, in: &painted[at], pixel: issue.pixel, byteWidth: width)
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
        bytes[pixel * byteWidth] = UInt8(value & 0xff)
        if byteWidth == 2 { bytes[pixel * 2 + 1] = UInt8(value >> 8) }
    }

    /// The given classes of a unit; an ignored pixel keeps its own value, or the type's largest where that does not fit.
    private func givenLabels(
        _ unit: WorkUnit, _ labels: [ImageBytes], byteWidth: Int
    ) throws(AuditError) -> [[UInt8]] {
        let largest = byteWidth == 1 ? 255 : 65_535
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
                    let value = label >= 0 ? Int(label) : view.integer(raw, pixel: first + pixel) ?? largest
                    Self.store(
                        value >= 0 && value <= largest ? value : largest, in: &bytes, pixel: pixel, byteWidth: byteWidth
                    )
                }
            }
            painted.append(bytes)
        }
        return painted
    }
}

extension LabelView {
    /// The value of an ignored label, after replacement; nil where it is no small integer.
    func integer(_ bytes: RawSpan, pixel: Int) -> Int? {
        var value: Int?
        if isOneHot {
            // The class whose plane is 1.
            value = (0..<decoder.classCount).first {
                loadNumber(bytes, dtype: decoder.dtype, element: element(pixel) + $0 * axes.classStride) == 1
            }
        } else {
            value = Int(exactly: loadNumber(bytes, dtype: decoder.dtype, element: element(pixel)))
        }
        return value.map { decoder.map[$0] ?? $0 }
    }

    func element(_ pixel: Int) -> Int {
        base + pixel / axes.width * axes.rowStride + pixel % axes.width * axes.columnStride
    }
}
