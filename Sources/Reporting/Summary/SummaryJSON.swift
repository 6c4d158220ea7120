import ConfidentLearning
public import MaskAudit

extension AuditSummary {
    /// Goes up when a key goes or changes its meaning, not when one is added.
    public static let schemaVersion = 1

    /// The object that `--json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        .result([
            ("schema_version", .integer(Self.schemaVersion)),
            ("images", .integer(images)),
            ("classes", .integer(classes)),
            ("pixels", .integer(pixels)),
            ("ignored_pixels", .integer(ignoredPixels)),
            ("counted_pixels", .integer(countedPixels)),
            ("issues", .integer(issues)),
            ("issue_rate", .number(issueRate)),
            ("filter_by", .string(rule.rawValue)),
            ("downsample", .integer(downsample)),
            ("thresholds", .array(perClass.map { .optional($0.threshold) })),
            (
                "per_class",
                .array(
                    perClass.map {
                        .object([
                            ("class", .integer($0.index)),
                            ("name", .optional($0.name)),
                            ("pixels", .integer($0.pixels)),
                            ("issues", .integer($0.issues)),
                            ("threshold", .optional($0.threshold)),
                        ])
                    })
            ),
            (
                "swaps",
                .array(
                    swaps.prefix(listedSwapCount).map {
                        .object([
                            ("given", .integer($0.given)),
                            ("suggested", .integer($0.suggested)),
                            ("pixels", .integer($0.pixels)),
                        ])
                    })
            ),
            (
                "worst_images",
                .array(
                    worstImages.map {
                        .object([
                            ("image", $0.label),
                            ("issues", .integer($0.issues)),
                            ("pixels", .integer($0.pixels)),
                        ])
                    })
            ),
            ("warnings", .strings(warnings)),
            ("seconds", .number(seconds)),
            ("bytes_read", .integer(bytesRead)),
            ("only_class", .optional(onlyClass)),
            ("confident_joint", confidentJoint?.json ?? .null),
            ("gates", .array(gates.map(\.json))),
            ("comparison", comparison?.json(self) ?? .null),
            ("thresholds_from", .optional(thresholdsFrom)),
            ("shard", .optional(shard)),
            ("min_evidence", .optional(minimumEvidence)),
            ("agreement", .optional(agreement)),
            ("agreeing_pixels", .optional(agreeingPixels)),
        ])
    }
}

extension AuditSummary.ImageRow {
    /// Its name, or its position where it has none.
    var label: JSONText { isNamed ? .string(name) : .integer(index) }
}

extension ConfidentJoint {
    /// Rows of given classes.
    fileprivate var json: JSONText {
        .array(
            (0..<classCount).map { given in
                .integers((0..<classCount).map { self[given, true: $0] })
            })
    }
}
