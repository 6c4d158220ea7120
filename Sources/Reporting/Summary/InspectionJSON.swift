public import MaskAudit
import NumPyFiles

extension FileInspection {
    /// What `inspect --json` prints.
    public static func json(_ files: [FileInspection]) -> JSONText { .result([("files", .array(files.map(\.json)))]) }

    /// The object that `inspect --json` prints for a file. Keys are stable; new ones may be added.
    var json: JSONText {
        .object([
            ("file", .string(path)),
            ("kind", .string(isFolder ? "folder" : isArchive ? "npz" : "npy")),
            ("bytes", .integer(byteCount)),
            ("arrays", .array(arrays.map(\.json))),
            ("other_members", .strings(otherMembers)),
            ("fault", .optional(fault.map { "\($0)" })),
        ])
    }
}

extension ArrayInspection {
    var json: JSONText {
        .object([
            ("key", .string(key)),
            ("dtype", .optional(header?.dtype.name)),
            ("descr", .optional(header?.dtype.descr)),
            ("fortran_order", header.map { .bool($0.isFortranOrder) } ?? .null),
            ("shape", header.map { .integers($0.shape) } ?? .null),
            ("compression", .optional(isDeflated.map { $0 ? "deflated" : "stored" })),
            ("bytes", .integer(byteCount)),
            ("stored_bytes", .integer(storedByteCount)),
            ("ratio", .optional(byteCount > 0 ? Double(storedByteCount) / Double(byteCount) : nil)),
            ("min", statistics?.minimum?.json ?? .null),
            ("max", statistics?.maximum?.json ?? .null),
            ("nan", .optional(statistics?.nanCount)),
            ("infinite", .optional(statistics?.infiniteCount)),
            ("values", statistics?.occurrences.map(Self.json) ?? .null),
            ("taken_for", .optional(reading.isEmpty ? nil : reading)),
            ("hints", .strings(hints)),
            ("fault", .optional(fault.map { "\($0)" })),
        ])
    }

    private static func json(_ occurrences: [(value: Int, count: Int)]) -> JSONText {
        .array(occurrences.map { .object([("value", .integer($0.value)), ("count", .integer($0.count))]) })
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
