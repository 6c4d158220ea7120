public import MaskAudit
import NumPyFiles

extension FileInspection {
    /// The object that `inspect --json` prints for a file. Keys are stable; new ones may be added.
    public var json: JSONText {
        .object([
            ("file", .string(path)),
            ("kind", .string(isFolder ? "folder" : isArchive ? "npz" : "npy")),
            ("bytes", .integer(byteCount)),
            ("arrays", .array(arrays.map(\.json))),
            ("other_members", .array(otherMembers.map { .string($0) })),
            ("fault", fault.map { .string("\($0)") } ?? .null),
        ])
    }
}

extension ArrayInspection {
    var json: JSONText {
        var pairs: [(String, JSONText)] = [("key", .string(key))]
        pairs += headerPairs
        pairs.append(("compression", isDeflated.map { JSONText.string($0 ? "deflated" : "stored") } ?? .null))
        pairs.append(("bytes", .integer(byteCount)))
        pairs.append(("stored_bytes", .integer(storedByteCount)))
        pairs.append(("ratio", byteCount > 0 ? .number(Double(storedByteCount) / Double(byteCount)) : .null))
        pairs.append(("min", statistics?.minimum?.json ?? .null))
        pairs.append(("max", statistics?.maximum?.json ?? .null))
        pairs.append(("nan", statistics.map { JSONText.integer($0.nanCount) } ?? .null))
        pairs.append(("infinite", statistics.map { JSONText.integer($0.infiniteCount) } ?? .null))
        pairs.append(("values", values))
        pairs.append(("taken_for", reading.isEmpty ? .null : .string(reading)))
        pairs.append(("hints", .array(hints.map { .string($0) })))
        pairs.append(("fault", fault.map { JSONText.string("\($0)") } ?? .null))
        return .object(pairs)
    }

    private var headerPairs: [(String, JSONText)] {
        guard let header else {
            return ["dtype", "descr", "fortran_order", "shape"].map { ($0, .null) }
        }
        return [
            ("dtype", .string(header.dtype.name)),
            ("descr", .string(header.dtype.descr)),
            ("fortran_order", .bool(header.isFortranOrder)),
            ("shape", .array(header.shape.map { .integer($0) })),
        ]
    }

    private var values: JSONText {
        guard let occurrences = statistics?.occurrences else { return .null }
        return .array(
            occurrences.map { .object([("value", .integer($0.value)), ("count", .integer($0.count))]) })
    }
}

extension ValueStatistics.Value {
    var json: JSONText {
        switch self {
        case .integer(let value): .integer(value)
        case .real(let value): .number(value)
        }
    }
}
