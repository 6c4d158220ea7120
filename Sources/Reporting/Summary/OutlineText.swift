import ConfidentLearning
import HostSystem
public import MaskAudit

extension RunOutline {
    /// The plan for people.
    public var text: String {
        """
        images      \(grouped(images)), \(sizes)
        pixels      \(grouped(pixels))
        classes     \(grouped(classes))
        labels      \(Self.text(labels))
        pred_probs  \(Self.text(predProbs))
        pairing     \(isPairedByName ? "by name" : "by position")
        rule        \(rule.rawValue)\(downsample > 1 ? ", downsampled by \(downsample)" : "")
        work        \(grouped(units)) \(units == 1 ? "unit" : "units") on \(threads) \(threads == 1 ? "thread" : "threads")
        output      \(output.map(escapedForTerminal) ?? "none named"): \(maskText); nothing was read or written

        """
    }

    private var sizes: String {
        func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " x ") }
        return smallest == largest ? "each \(text(smallest))" : "from \(text(smallest)) to \(text(largest))"
    }

    private var maskText: String {
        guard let maskShape else { return "label_issues/NAME, one array an image" }
        return "label_issues (" + maskShape.map(String.init).joined(separator: ", ") + ")"
    }

    private static func text(_ side: Side) -> String {
        let more = side.paths.count > 1 ? " and \(side.paths.count - 1) more" : ""
        return
            "\(escapedForTerminal(side.paths.first ?? ""))\(more): \(side.form)\(side.arrays > 1 ? " (\(grouped(side.arrays)) arrays)" : ""), "
            + "\(side.dtypes.joined(separator: " and ")), \(byteSize(side.storedBytes)) \(side.access.joined(separator: " or "))"
    }
}

extension RunOutline {
    /// The object that `find --dry-run --json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        .result([
            ("dry_run", .bool(true)),
            ("images", .integer(images)),
            ("pixels", .integer(pixels)),
            ("classes", .integer(classes)),
            ("smallest_image", .integers(smallest)),
            ("largest_image", .integers(largest)),
            ("labels", Self.json(labels)),
            ("pred_probs", Self.json(predProbs)),
            ("paired_by", .string(isPairedByName ? "name" : "position")),
            ("filter_by", .string(rule.rawValue)),
            ("downsample", .integer(downsample)),
            ("units", .integer(units)),
            ("threads", .integer(threads)),
            ("output", .optional(output)),
            ("mask_shape", maskShape.map { .integers($0) } ?? .null),
            ("warnings", .strings(warnings)),
        ])
    }

    private static func json(_ side: Side) -> JSONText {
        .object([
            ("paths", .strings(side.paths)),
            ("arrays", .integer(side.arrays)),
            ("form", .string(side.form)),
            ("dtypes", .strings(side.dtypes)),
            ("stored_bytes", .integer(side.storedBytes)),
            ("access", .strings(side.access)),
        ])
    }
}
