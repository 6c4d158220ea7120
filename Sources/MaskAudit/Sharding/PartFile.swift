import ConfidentLearning
import NumPyFiles

/// The arrays of a file that the tool wrote, read back with everything checked.
struct PartFile: Sendable {
    let path: String
    private let file: ArrayFile
    private let entries: [String: ArrayEntry]

    /// Elements that a deflated array may have whatever its file holds: counts of as many images, which are all alike where
    /// nothing was found in them. They take 128 MiB at most.
    private static let elementLimit = 1 << 24
    /// Beyond that, elements for each byte in the file: values that differ do not compress so well.
    private static let elementsPerByte = 16

    init(path: String) throws(AuditError) {
        self.path = path
        let file = try AuditError.wrapping(try ArrayFile(path: path))
        self.file = file
        entries =
            file.isArchive ? Dictionary(file.arrays.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first }) : [:]
    }

    var byteCount: Int { file.byteCount }

    func has(_ key: String) -> Bool { entries[key] != nil }

    /// Bytes of an array that is stored as it is; nil for one that is deflated or not there.
    func storedByteCount(_ key: String) -> Int? {
        entries[key].flatMap { $0.isDeflated ? nil : $0.storedByteCount }
    }

    /// Whether no array is deflated.
    var isStored: Bool { entries.values.allSatisfy { !$0.isDeflated } }

    /// Whether it holds masks as `find` writes them.
    var hasMasks: Bool {
        file.isArchive && file.arrays.contains { isKey($0.key, under: "label_issues") }
    }

    /// A whole array of the element type, along one axis unless `shape` says otherwise.
    ///
    /// **Errors.** An array that is not there, of another type or shape.
    func values<Element: ArrayElement>(
        _ key: String, _ type: Element.Type, shape: [Int]? = nil
    ) throws(AuditError) -> [Element] {
        guard let entry = entries[key] else {
            throw .input(
                path, "is no part: there is no array with key \(quoted(key))",
                remedy: "name a file that masklint thresholds or merge wrote")
        }
        let stream = try AuditError.wrapping(try file.stream(entry))
        let header = stream.header
        let isFit = shape.map { header.shape == $0 } ?? (header.shape.count == 1 || header.shape.count == 2)
        guard header.dtype == Element.dtype, isFit,
            !header.isFortranOrder || header.shape.count == 1
        else { throw damaged(key) }
        guard !entry.isDeflated || header.elementCount <= Self.mostElements(in: entry.storedByteCount) else {
            throw .input(
                "\(path)[\(key).npy]",
                "has \(header.elementCount) elements in \(entry.storedByteCount) bytes, at most "
                    + "\(Self.mostElements(in: entry.storedByteCount)) are read", remedy: "make the file again")
        }
        var values: [Element] = []
        var bytes: [UInt8] = []
        while values.count < header.elementCount {
            let count = min(header.elementCount - values.count, Self.stepElementCount)
            try AuditError.wrapping(try stream.read(count: count * MemoryLayout<Element>.stride, into: &bytes))
            var reader = RecordCoding.Reader()
            guard let more: [Element] = unsafe reader.take(count, from: bytes.span.bytes) else { throw damaged(key) }
            values += more
        }
        _ = try AuditError.wrapping(try stream.finish())
        return values
    }

    /// Elements that are read at once, so that the bytes of an array are not held beside its values.
    private static let stepElementCount = 1 << 17

    private static func mostElements(in storedByteCount: Int) -> Int {
        max(elementLimit, storedByteCount.multipliedReportingOverflow(by: elementsPerByte).partialValue)
    }

    /// Pixels by class: no negative numbers, and not more than `limit` together.
    func counts(_ key: String, limit: Int) throws(AuditError) -> [Int] {
        let counts = try values(key, Int64.self)
        var left = Int64(limit)
        for count in counts {
            guard count >= 0, count <= left else { throw damaged(key) }
            left -= count
        }
        return counts.map { Int($0) }
    }

    /// Throws where the array of a key is not this version.
    func checkVersion(_ key: String, _ version: Int64) throws(AuditError) {
        let found = try values(key, Int64.self)
        guard found == [version] else {
            throw .input(
                path, "is of format \(found.first.map { String($0) } ?? "?"), format \(version) is needed",
                remedy: "make all files with one version of masklint")
        }
    }

    func options() throws(AuditError) -> PartOptions {
        let text = String(validating: try values("options", UInt8.self), as: UTF8.self)
        guard let options = text.flatMap({ PartOptions(text: $0) }) else { throw damaged("options") }
        return options
    }

    /// What `OutputArchive.addTotals` wrote, of at most `limit` pixels.
    func totals(limit: Int) throws(AuditError) -> (totals: ThresholdAccumulator, labelCounts: [Int]) {
        let labelCounts = try counts("class_counts", limit: limit)
        let exampleCounts = try counts("threshold_counts", limit: limit)
        let words = try values("threshold_sums", UInt64.self, shape: [labelCounts.count, 2])
        let sums = labelCounts.indices.map { UInt128(words[2 * $0]) | UInt128(words[2 * $0 + 1]) << 64 }
        guard (1...Dataset.maximumClassCount).contains(labelCounts.count),
            let totals = ThresholdAccumulator(sums: sums, counts: exampleCounts)
        else { throw damaged("threshold_sums") }
        return (totals, labelCounts)
    }

    static let seenKey = "calibrated_seen"
    static let givenKey = "calibrated_given"

    /// What `calibrated` counted; nil in files that were made for other rules.
    func cells(classCount: Int) throws(AuditError) -> CellCounts? {
        guard has(Self.seenKey) else { return nil }
        let shape = [classCount, classCount, CellCounts.binCount]
        let seen = try values(Self.seenKey, Int64.self, shape: shape).map { Int($0) }
        let given = try values(Self.givenKey, Int64.self, shape: shape).map { Int($0) }
        guard let cells = CellCounts(classCount: classCount, seen: seen, given: given) else {
            throw damaged(Self.seenKey)
        }
        return cells
    }

    /// The lists that `ThresholdPart` writes under a name, of at most `limit` pixels.
    func keyCounts(_ name: String, limit: Int) throws(AuditError) -> [KeyCounts] {
        let lengths = try values("\(name)_lists", Int64.self)
        let values = try values("\(name)_values", Double.self)
        let counts = try self.values("\(name)_counts", Int64.self, shape: [values.count])
        var lists: [KeyCounts] = []
        var at = 0
        var left = UInt64(limit)
        for length in lengths {
            guard length >= 0, length <= Int64(values.count - at) else { throw damaged("\(name)_lists") }
            let range = at..<at + Int(length)
            // A negative value's bits are above all others, and a negative count's are above the limit.
            let keys = values[range].map(\.bitPattern)
            guard let list = KeyCounts(keys: keys, counts: counts[range].map { UInt64(bitPattern: $0) }, limit: left),
                keys.last.map({ $0 <= Double.infinity.bitPattern }) ?? true
            else { throw damaged("\(name)_values") }
            left -= UInt64(list.total)
            lists.append(list)
            at = range.upperBound
        }
        guard at == values.count else { throw damaged("\(name)_lists") }
        return lists
    }

    func damaged(_ key: String) -> AuditError {
        .input(
            "\(path)[\(key).npy]", "is not what masklint writes in a part", remedy: "make the part again")
    }
}
