import NumPyFiles

/// Writes an array of the dataset's form, unit by unit: threads finish units in any order, the file gets them in dataset
/// order.
///
/// **Shapes.** One member `key` of shape (N,H,W), or for datasets with one array per image `key/NAME` of shape (H,W) each;
/// just `NAME` where `isPlain`. Volumes have (D,H,W) in place of (H,W).
final class UnitOutputWriter: Sendable {
    private let context: RunContext
    private let archive: OutputArchive
    /// Takes one chunk per image of a unit, or one of all its images where the output is one array.
    private let sink: OrderedSink<[DeflatedChunk], AuditError>

    /// Begins the member where the output is one array.
    init(
        context: RunContext, archive: OutputArchive, key: String, elementType: DType, isPlain: Bool = false
    ) throws(AuditError) {
        self.context = context
        self.archive = archive
        if case .dense(let shape) = context.dataset.form {
            try archive.begin(key: key, header: ArrayHeader(dtype: elementType, shape: shape))
        }
        sink = OrderedSink { number, chunks throws(AuditError) in
            guard case .named(let names) = context.dataset.form else {
                for chunk in chunks { try archive.append(chunk) }
                return
            }
            let unit = context.units[number]
            for (chunk, index) in zip(chunks, unit.images) {
                let image = context.dataset.images[index]
                let rows = context.rows(of: unit, image: index)
                if rows.lowerBound == 0 {
                    try archive.begin(
                        key: isPlain ? names[index] : "\(key)/\(names[index])",
                        header: ArrayHeader(dtype: elementType, shape: image.shape))
                }
                try archive.append(chunk)
                if rows.upperBound == image.height { try archive.end() }
            }
        }
    }

    /// Hands in the elements of a unit, one array per image, and writes those units whose turn has come.
    func write<Element: ArrayElement>(_ parts: [[Element]], unit number: Int) throws(AuditError) {
        try sink.put(chunks(parts), number)
    }

    /// Ends the member once every unit was handed in.
    func end() throws(AuditError) {
        if case .dense = context.dataset.form { try archive.end() }
    }

    private func chunks<Element: ArrayElement>(_ parts: [[Element]]) -> [DeflatedChunk] {
        if case .dense = context.dataset.form, parts.count > 1 {
            // Appended one by one: a joined sequence would be copied element by element.
            var all: [Element] = []
            all.reserveCapacity(parts.reduce(0) { $0 + $1.count })
            for part in parts { all += part }
            return [DeflatedChunk(all, compression: archive.compression)]
        }
        return parts.map { DeflatedChunk($0, compression: archive.compression) }
    }
}
