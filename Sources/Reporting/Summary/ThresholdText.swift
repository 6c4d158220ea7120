import ConfidentLearning
public import MaskAudit

extension MaskMergeSummary {
    /// The summary for people.
    public var text: String {
        """
        files     \(grouped(files))
        images    \(grouped(images))
        issues    \(grouped(issues)) (\(percent(issueRate)) of counted pixels)

        """
    }

    /// The object that `--json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        .result([
            ("files", .integer(files)),
            ("images", .integer(images)),
            ("counted_pixels", .integer(countedPixels)),
            ("issues", .integer(issues)),
            ("issue_rate", .number(issueRate)),
            ("seconds", .number(seconds)),
        ])
    }
}

extension ThresholdSummary {
    /// The summary for people: totals, a table by class, what is left to do.
    public var text: String {
        """
        images    \(grouped(images))
        pixels    \(grouped(pixels)), \(grouped(ignoredPixels)) ignored, \(grouped(countedPixels)) counted
        shards    \(grouped(shards))\(shardTotal > 0 ? " of \(grouped(shardTotal))" : ""), round \(round)
        cut-off   \(cutoffText)

        """ + (isCounted ? "counts    for calibrated, which takes no second round\n" : "") + "\n"
            + textTable(
                [.left("class"), .right("pixels"), .right("threshold")],
                perClass.map { row in
                    [
                        printable(row.label), grouped(row.pixels),
                        row.threshold.map { fixed($0, decimals: 4) } ?? "none",
                    ]
                })
    }

    private var cutoffText: String {
        switch cutoff {
        case .known:
            cutoffValue.map { "\($0) under low_self_confidence" } ?? "no pixel is taken under low_self_confidence"
        case .open: "not known: low_self_confidence over several shards takes a second round"
        case .unread: "not known: shards are left to read in the second round"
        }
    }

    /// The object that `--json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        .result([
            ("classes", .integer(classes)),
            ("images", .integer(images)),
            ("pixels", .integer(pixels)),
            ("ignored_pixels", .integer(ignoredPixels)),
            ("counted_pixels", .integer(countedPixels)),
            ("shards", .integer(shards)),
            ("shard_total", .optional(shardTotal > 0 ? shardTotal : nil)),
            ("round", .integer(round)),
            ("cutoff_state", .string(cutoff.rawValue)),
            ("cutoff", .optional(cutoffValue)),
            ("calibrated_counts", .bool(isCounted)),
            ("thresholds", .array(perClass.map { .optional($0.threshold) })),
            ("class_counts", .integers(perClass.map(\.pixels))),
            ("warnings", .strings(warnings)),
            ("seconds", .number(seconds)),
            ("bytes_read", .integer(bytesRead)),
        ])
    }
}
