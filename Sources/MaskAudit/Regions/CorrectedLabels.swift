import NumPyFiles

/// Writes the labels of the inputs with the pixels of regions replaced by their suggested class.
///
/// **Shapes.** Those of the labels; one-hot labels become class numbers.
/// **Edge cases.** A class is written as the value that stands for it in the files (`LabelMapping`). The type is the
/// labels' own, the next wider one where that does not hold all classes, and the widest where arrays differ.
struct CorrectedLabels: Sendable {
    private let context: RunContext
    private let elementType: DType
    /// The value of each class in the file.
    private let values: [Int]
    private let writer: UnitOutputWriter

    init(context: RunContext, archive: OutputArchive) throws(AuditError) {
        self.context = context
        values = context.labelMapping.writtenValues
        elementType = Self.elementType(context, values)
        writer = try UnitOutputWriter(
            context: context, archive: archive, key: Self.key(context.dataset), elementType: elementType, isPlain: true)
    }

    private static func elementType(_ context: RunContext, _ values: [Int]) -> DType {
        if context.plan.dataset.oneHot { return context.labelMapping.writtenType }
        let types = Set(
            context.dataset.labels.map { DType(kind: $0.header.dtype.kind, byteCount: $0.header.dtype.byteCount) })
        guard types.count == 1, let own = types.first else {
            return DType(kind: types.contains { $0.kind == .float } ? .float : .signedInteger, byteCount: 8)
        }
        func holds(_ type: DType) -> Bool { values.allSatisfy { type.wholeNumbers.contains($0) } }
        if holds(own) { return own }
        let kind: DType.Kind = own.kind == .bool ? .unsignedInteger : own.kind
        return [1, 2, 4, 8].filter { $0 >= own.byteCount && ($0 > 1 || kind != .float) }
            .map { DType(kind: kind, byteCount: $0) }.first(where: holds) ?? DType(kind: .signedInteger, byteCount: 8)
    }

    /// The key of the array where the output is a single one: that of the labels, or `labels` where they have none.
    private static func key(_ dataset: Dataset) -> String {
        guard dataset.labels.count == 1, let entry = dataset.labels[0].entry, entry.memberName != nil else {
            return "labels"
        }
        return entry.key
    }

    /// Writes the rows of a unit.
    ///
    /// - Parameters:
    ///   - labels: the bytes of each of its images.
    ///   - regions: those whose labels are replaced, in any of its images.
    func write(_ number: Int, labels: [ImageBytes], regions: [Region]) throws(AuditError) {
        let unit = context.units[number]
        var pixels: [Range<Int>] = []
        var painted: [[UInt8]] = []
        for (bytes, index) in zip(labels, unit.images) {
            let image = context.dataset.images[index]
            let rows = context.rows(of: unit, image: index)
            let rowPixels = rows.lowerBound * image.width..<rows.upperBound * image.width
            pixels.append(rowPixels)
            painted.append(given(image, rowPixels, bytes))
        }
        let size = elementType.byteCount
        for region in regions {
            let at = region.image - unit.images.lowerBound
            let value = encoded(values[region.suggested])
            for run in region.runs where run.overlaps(pixels[at]) {
                for pixel in run.clamped(to: pixels[at]) {
                    let start = (pixel - pixels[at].lowerBound) * size
                    for byte in 0..<size { painted[at][start + byte] = value[byte] }
                }
            }
        }
        try writer.write(painted, unit: number)
    }

    /// Ends the output once every unit was written.
    func end() throws(AuditError) { try writer.end() }

    /// The labels of some pixels of an image, lowest byte first.
    private func given(_ image: ImageEntry, _ pixels: Range<Int>, _ bytes: ImageBytes) -> [UInt8] {
        // The place of a pixel in the file divides by the width, which may be 0.
        guard !pixels.isEmpty else { return [] }
        let source = context.dataset.labels[image.labelSource]
        let view = context.labelView(image)
        let own = source.header.dtype
        let size = elementType.byteCount
        var out: [UInt8] = []
        out.reserveCapacity(pixels.count * size)
        let isCopied = !context.plan.dataset.oneHot && own.kind == elementType.kind && own.byteCount == size
        let isOneRun = view.axes.columnStride == 1 && view.axes.isOneRun && !own.isBigEndian
        bytes.withBytes { raw in
            if isCopied && isOneRun {
                let start = view.element(pixels.lowerBound) * size
                unsafe raw.extracting(start..<start + pixels.count * size).withUnsafeBytes {
                    unsafe out.append(contentsOf: $0)
                }
                return
            }
            for pixel in pixels {
                if isCopied {
                    let start = view.element(pixel) * size
                    for byte in 0..<size { out.append(raw.byte(start + (own.isBigEndian ? size - 1 - byte : byte))) }
                } else if context.plan.dataset.oneHot {
                    out += encoded(view.integer(raw, pixel: pixel) ?? 0)
                } else {
                    out += encoded(Int(exactly: loadNumber(raw, dtype: own, element: view.element(pixel))) ?? 0)
                }
            }
        }
        return out
    }

    /// A whole number in the element type, lowest byte first.
    private func encoded(_ value: Int) -> [UInt8] {
        let bits: UInt64 =
            switch (elementType.kind, elementType.byteCount) {
            case (.float, 2): UInt64(Self.halfBits(value))
            case (.float, 4): UInt64(Float(value).bitPattern)
            case (.float, _): Double(value).bitPattern
            default: UInt64(bitPattern: Int64(value))
            }
        return (0..<elementType.byteCount).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    }

    /// A whole number from -2048 to 2048 as a half-precision float.
    ///
    /// Both formats hold it exactly: the half has the sign, the exponent with a bias less by 112, and the ten upper bits of
    /// the fraction.
    static func halfBits(_ value: Int) -> UInt16 {
        guard value != 0 else { return 0 }
        let bits = Float(value).bitPattern
        return UInt16((bits >> 16 & 0x8000) + ((bits & 0x7fff_ffff) >> 13) - 112 << 10)
    }
}
