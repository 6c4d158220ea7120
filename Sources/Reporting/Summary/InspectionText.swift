import HostSystem
public import MaskAudit
import NumPyFiles

extension FileInspection {
    /// Files of more arrays list their values together instead of one by one.
    private static let detailLimit = 8
    /// Values that are listed.
    private static let valueLimit = 40

    /// The file for people: a row an array, then what each would be taken for.
    public var text: String {
        var out = "\(escapedForTerminal(path))  \(kind), \(byteSize(byteCount))\n"
        guard !arrays.isEmpty else { return out + others }
        out += "\n" + table + "\n"
        out += arrays.count <= Self.detailLimit ? arrays.map(\.details).joined() : groupedDetails
        return out + others
    }

    private var kind: String {
        let count = arrays.count == 1 ? "1 array" : "\(grouped(arrays.count)) arrays"
        if isFolder { return "folder of \(grouped(arrays.count)) .npy" }
        return isArchive ? "archive of \(count)" : "array"
    }

    private var others: String {
        guard !otherMembers.isEmpty else { return "" }
        let shown = otherMembers.prefix(5).map(printable).joined(separator: ", ")
        let more = otherMembers.count > 5 ? " and \(grouped(otherMembers.count - 5)) more" : ""
        return "  not arrays: \(shown)\(more)\n"
    }

    private var table: String {
        textTable(
            [
                .left("array"), .left("dtype"), .left("shape"), .left("order"),
                .right("size"), .right("in file"), .right("min"), .right("max"),
            ],
            arrays.map(\.row))
    }

    /// Arrays that would be taken for the same, counted, with the values of all of them.
    private var groupedDetails: String {
        var order: [String] = []
        var groups: [String: [ArrayInspection]] = [:]
        for array in arrays {
            let kind = array.fault.map { "\($0)" } ?? array.kind
            if groups[kind] == nil { order.append(kind) }
            groups[kind, default: []].append(array)
        }
        return order.map { kind in
            let group = groups[kind] ?? []
            var out = "\(grouped(group.count)) arrays: \(kind)\n"
            out += Self.valueTable(group.map(\.statistics))
            for hint in Set(group.flatMap(\.hints)).sorted() { out += "  hint: \(hint)\n" }
            return out
        }.joined()
    }

    /// How often each value occurs over some arrays; empty where that is not known of all.
    fileprivate static func valueTable(_ statistics: [ValueStatistics?]) -> String {
        var counts: [Int: Int] = [:]
        for one in statistics {
            guard let occurrences = one?.occurrences else { return "" }
            for (value, count) in occurrences { counts[value, default: 0] += count }
        }
        guard !counts.isEmpty else { return "" }
        let total = max(1, counts.values.reduce(0, +))
        let sorted = counts.sorted { $0.key < $1.key }
        let table = textTable(
            [.right("  value"), .right("count"), .right("share")],
            sorted.prefix(valueLimit).map {
                [String($0.key), grouped($0.value), percent($0.value, of: total)]
            })
        return table + (sorted.count > valueLimit ? "  and \(grouped(sorted.count - valueLimit)) more values\n" : "")
    }
}

extension ArrayInspection {
    fileprivate var row: [String] {
        guard let header else { return [name, "-", "-", "-", "-", byteSize(storedByteCount), "-", "-"] }
        let ratio = byteCount > 0 ? " (\(fixed(100 * Double(storedByteCount) / Double(byteCount), decimals: 0)) %)" : ""
        return [
            name, header.dtype.name + (header.dtype.isBigEndian ? " big-endian" : ""), header.shapeText,
            header.isFortranOrder ? "Fortran" : "C", byteSize(byteCount),
            isDeflated.map { $0 ? "deflated, \(byteSize(storedByteCount))\(ratio)" : "stored" } ?? "as is",
            Self.text(statistics?.minimum), Self.text(statistics?.maximum),
        ]
    }

    private var name: String { key.isEmpty ? "-" : escapedForTerminal(key) }

    private static func text(_ value: ValueStatistics.Value?) -> String {
        switch value {
        case nil: "-"
        case .integer(let value): String(value)
        case .real(let value):
            value == 0 || (1e-4..<1e6).contains(value.magnitude) ? fixed(value, decimals: 4) : "\(Float(value))"
        }
    }

    /// What it would be taken for without its sizes, so that images of unlike sizes are one kind.
    fileprivate var kind: String {
        reading.split(separator: ":").first.map(String.init) ?? reading
    }

    fileprivate var details: String {
        let title = key.isEmpty ? "" : "\(name): "
        if let fault { return "\(title)\(isForeign ? "not for masklint" : "damaged"): \(fault)\n" }
        var out = "\(title)\(reading)\n"
        out += FileInspection.valueTable([statistics])
        for hint in hints { out += "  hint: \(hint)\n" }
        return out
    }
}
