import NumPyFiles

/// Labels as they stand in the inputs, with regions replaced by what is suggested.
///
/// **Shapes.** As the labels; one-hot labels become class numbers.
/// **Edge cases.** A class is written as the value that `--map-label` turns into it, where there is one. The type is the
/// labels' own, the next wider one where that does not hold all classes, and the widest where arrays differ.
struct CorrectedLabels: Sendable {
    private let context: RunContext
    let elementType: DType
    /// Of each class its value in the file.
    private let values: [Int]

    init(context: RunContext) {
        self.context = context
        var values = Array(0..<context.dataset.classCount)
        // The lowest of several values that become one class.
        for (from, to) in context.plan.dataset.labelMap.sorted(by: { $0.key > $1.key })
        where values.indices.contains(to) {
            values[to] = from
        }
        self.values = values
        elementType = Self.elementType(context, values)
    }

    private static func elementType(_ context: RunContext, _ values: [Int]) -> DType {
        if context.plan.dataset.oneHot { return OutputPass.suggestedType(classCount: context.dataset.classCount) }
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

    /// The key of the one array, where the output is one.
    var key: String {
        let labels = context.dataset.labels
        guard labels.count == 1, let entry = labels[0].entry, entry.memberName != nil else { return "labels" }
        return entry.key
    }

    /// The bytes of a unit's rows, an array for each of its images.
    ///
    /// - Parameters:
    ///   - regions: of the unit's images.
    ///   - isChosen: whether a region is replaced.
    func paint(
        _ unit: WorkUnit, labels: [ImageBytes], regions: [Region], where isChosen: (Region) -> Bool
    ) throws(AuditError) -> [[UInt8]] {
        var rowPixels: [Range<Int>] = []
        var painted: [[UInt8]] = []
        for (number, index) in unit.images.enumerated() {
            let image = context.dataset.images[index]
            let rows = context.rows(of: unit, image: index)
            rowPixels.append(rows.lowerBound * image.width..<rows.upperBound * image.width)
            painted.append(try given(image, rowPixels[number], labels[number]))
        }
        let size = elementType.byteCount
        for region in regions where isChosen(region) {
            let number = region.image - unit.images.lowerBound
            let pixels = rowPixels[number]
            let value = encoded(values[region.suggested])
            for run in region.runs where run.overlaps(pixels) {
                let part = run.clamped(to: pixels)
                var at = (part.lowerBound - pixels.lowerBound) * size
                for _ in part {
                    for byte in 0..<size { painted[number][at + byte] = value[byte] }
                    at += size
                }
            }
        }
        return painted
    }

    private func given(_ image: ImageEntry, _ pixels: Range<Int>, _ bytes: ImageBytes) throws(AuditError) -> [UInt8] {
        let source = context.dataset.labels[image.labelSource]
        let view = context.labelView(image)
        let own = source.header.dtype
        let size = elementType.byteCount
        var out: [UInt8] = []
        out.reserveCapacity(pixels.count * size)
        let isCopied = !context.plan.dataset.oneHot && own.kind == elementType.kind && own.byteCount == size
        let isOneRun = view.axes.columnStride == 1 && view.axes.rowStride == view.axes.width && !own.isBigEndian
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
            case (.float, 2): UInt64(halfBits(value))
            case (.float, 4): UInt64(Float(value).bitPattern)
            case (.float, _): Double(value).bitPattern
            default: UInt64(bitPattern: Int64(value))
            }
        return (0..<elementType.byteCount).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    }

    /// A whole number of at most eleven bits as a half-precision float.
    private func halfBits(_ value: Int) -> UInt16 {
        guard value != 0 else { return 0 }
        let magnitude = value.magnitude
        let exponent = magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount
        let fraction = exponent <= 10 ? magnitude << UInt(10 - exponent) : magnitude >> UInt(exponent - 10)
        return (value < 0 ? 0x8000 : 0) | UInt16(exponent + 15) << 10 | UInt16(fraction & 0x3ff)
    }
}

extension DType {
    /// Whole numbers that it holds exactly, from 0 on as many as an `Int` and a file have.
    fileprivate var wholeNumbers: ClosedRange<Int> {
        switch kind {
        case .bool: 0...1
        case .unsignedInteger: 0...(byteCount == 8 ? Int.max : 1 << (8 * byteCount) - 1)
        case .signedInteger:
            byteCount == 8 ? Int.min...Int.max : (-1 << (8 * byteCount - 1))...(1 << (8 * byteCount - 1) - 1)
        case .float: byteCount == 2 ? -2048...2048 : byteCount == 4 ? -(1 << 24)...(1 << 24) : -(1 << 53)...(1 << 53)
        }
    }
}
