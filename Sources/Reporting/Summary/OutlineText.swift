import ConfidentLearning
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
        output      \(output ?? "none named"): \(maskText); nothing was read or written

        """
    }

    private var sizes: String {
        if smallest == largest { return "each \(smallest.height) x \(smallest.width)" }
        return "from \(smallest.height) x \(smallest.width) to \(largest.height) x \(largest.width)"
    }

    private var maskText: String {
        guard let maskShape else { return "label_issues/NAME, one array an image" }
        return "label_issues (" + maskShape.map(String.init).joined(separator: ", ") + ")"
    }

    private static func text(_ side: Side) -> String {
        let more = side.paths.count > 1 ? " and \(side.paths.count - 1) more" : ""
        return
            "\(side.paths.first ?? "")\(more): \(side.form)\(side.arrays > 1 ? " (\(grouped(side.arrays)) arrays)" : ""), "
            + "\(side.dtypes.joined(separator: " and ")), \(bytes(side.storedBytes)) \(side.access.joined(separator: " or "))"
    }
}

extension RunOutline {
    /// The object that `find --dry-run --json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        var pairs: [(String, JSONText)] = [
            ("tool", .string("masklint")), ("version", .string(masklintVersion)), ("dry_run", .bool(true)),
        ]
        pairs.append(("images", .integer(images)))
        pairs.append(("pixels", .integer(pixels)))
        pairs.append(("classes", .integer(classes)))
        pairs.append(("smallest_image", .array([.integer(smallest.height), .integer(smallest.width)])))
        pairs.append(("largest_image", .array([.integer(largest.height), .integer(largest.width)])))
        pairs.append(("labels", Self.json(labels)))
        pairs.append(("pred_probs", Self.json(predProbs)))
        pairs.append(("paired_by", .string(isPairedByName ? "name" : "position")))
        pairs.append(("filter_by", .string(rule.rawValue)))
        pairs.append(("downsample", .integer(downsample)))
        pairs.append(("units", .integer(units)))
        pairs.append(("threads", .integer(threads)))
        pairs.append(("output", output.map { JSONText.string($0) } ?? .null))
        pairs.append(("mask_shape", maskShape.map { shape in JSONText.array(shape.map { .integer($0) }) } ?? .null))
        pairs.append(("warnings", .array(warnings.map { .string($0) })))
        return .object(pairs)
    }

    private static func json(_ side: Side) -> JSONText {
        .object([
            ("paths", .array(side.paths.map { .string($0) })),
            ("arrays", .integer(side.arrays)),
            ("form", .string(side.form)),
            ("dtypes", .array(side.dtypes.map { .string($0) })),
            ("stored_bytes", .integer(side.storedBytes)),
            ("access", .array(side.access.map { .string($0) })),
        ])
    }
}
