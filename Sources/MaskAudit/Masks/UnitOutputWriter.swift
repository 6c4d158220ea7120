import Locking
import NumPyFiles

/// Writes an array of the dataset's form, unit by unit: threads finish units in any order, the file gets them in
/// dataset order.
///
/// **Shapes.** One member `key` of shape (N,H,W), or for datasets with an array an image `key/NAME` of shape (H,W) each;
/// just `NAME` where `isPlain`.
final class UnitOutputWriter: Sendable {
    private struct State {
        var nextWrite = 0
        /// Of units whose turn has not come: a chunk an image, or one of all images where the output is one array.
        var waiting: [Int: [DeflatedChunk]] = [:]
        /// Whether a member is begun and not ended.
        var isInMember = false
    }

    private let context: RunContext
    private let archive: OutputArchive
    private let key: String
    private let elementType: DType
    private let isPlain: Bool
    private let state = Mutex(State())

    /// Begins the member where the output is one array.
    init(
        context: RunContext, archive: OutputArchive, key: String, elementType: DType, isPlain: Bool = false
    ) throws(AuditError) {
        self.context = context
        self.archive = archive
        self.key = key
        self.elementType = elementType
        self.isPlain = isPlain
        if case .dense(let shape) = context.dataset.form {
            try archive.begin(key: key, header: ArrayHeader(dtype: elementType, shape: shape))
        }
    }

    /// Hands in the elements of a unit, an array an image, and writes those units whose turn has come.
    func write<Element: ArrayElement>(_ parts: [[Element]], unit number: Int) throws(AuditError) {
        let chunks = chunks(parts)
        let failure = state.withLock { state -> AuditError? in
            state.waiting[number] = chunks
            while let next = state.waiting.removeValue(forKey: state.nextWrite) {
                do throws(AuditError) {
                    try write(next, unit: context.units[state.nextWrite], &state.isInMember)
                } catch {
                    return error
                }
                state.nextWrite += 1
            }
            return nil
        }
        if let failure { throw failure }
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

    private func write(_ chunks: [DeflatedChunk], unit: WorkUnit, _ isInMember: inout Bool) throws(AuditError) {
        guard case .named(let names) = context.dataset.form else {
            for chunk in chunks { try archive.append(chunk) }
            return
        }
        for (number, index) in unit.images.enumerated() {
            let image = context.dataset.images[index]
            if !isInMember {
                try archive.begin(
                    key: isPlain ? names[index] : "\(key)/\(names[index])",
                    header: ArrayHeader(dtype: elementType, shape: [image.height, image.width]))
                isInMember = true
            }
            try archive.append(chunks[number])
            if context.rows(of: unit, image: index).upperBound == image.height {
                try archive.end()
                isInMember = false
            }
        }
    }
}
