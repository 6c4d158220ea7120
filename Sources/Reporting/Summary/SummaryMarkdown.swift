import ConfidentLearning
public import MaskAudit

extension AuditSummary {
    /// The summary in Markdown, for a job's summary page or a chat post: the verdict, the numbers, the classes with
    /// issues, the worst images and the commonest swaps.
    ///
    /// **Source.** Tables as GitHub Flavored Markdown has them.
    public var markdown: String {
        var out = "## Label audit: \(percent(issueRate)) of counted pixels flagged\n\n" + verdictMarkdown
        out += Self.table(
            ["", "value"],
            [
                ["issues", grouped(issues)], ["rate", percent(issueRate)], ["counted pixels", grouped(countedPixels)],
                ["ignored pixels", grouped(ignoredPixels)],
            ] + (agreement.map { [["agreement", percent($0)]] } ?? [])
                + [["images", grouped(images)], ["rule", rule.rawValue]]
                + (downsample > 1 ? [["downsampled by", String(downsample)]] : [])
                + (onlyClass.map { [["issues of class alone", escapedForMarkdown(className($0))]] } ?? []))
        out += section("Classes with issues", classHeader, classRows)
        out += section(
            "Worst images", ["image", "issues", "rate"],
            worstImages.map {
                [escapedForMarkdown($0.name), grouped($0.issues), percent($0.issues, of: $0.pixels)]
            })
        out += section(
            "Commonest swaps", ["given", "suggested", "pixels", "share"],
            swaps.prefix(listedSwapCount).map {
                [
                    escapedForMarkdown(className($0.given)), escapedForMarkdown(className($0.suggested)),
                    grouped($0.pixels),
                    percent($0.pixels, of: issues),
                ]
            })
        if let comparison { out += "\nBaseline: \(escapedForMarkdown(comparison.text(self))).\n" }
        for warning in warnings { out += "\n> Warning: \(escapedForMarkdown(warning))\n" }
        return out
    }

    private var verdictMarkdown: String {
        guard !gates.isEmpty else { return "" }
        var out = "**\(gateVerdict)**\n\n"
        let failed = failedGates
        // Gates of classes are listed only where they failed: the whole dataset's say enough.
        for gate in failed.isEmpty ? gates.filter({ $0.classIndex == nil }) : failed {
            out += "- \(escapedForMarkdown(gate.sentence(self)))\n"
        }
        return out.hasSuffix("\n\n") ? out : out + "\n"
    }

    private var classHeader: [String] {
        ["class", "pixels", "issues", "rate"] + (comparison == nil ? [] : ["baseline"])
    }

    /// Classes with issues, most first.
    private var classRows: [[String]] {
        perClass.filter { $0.issues > 0 }.sorted { ($1.issues, $0.index) < ($0.issues, $1.index) }.map { row in
            [
                escapedForMarkdown(className(row.index)), grouped(row.pixels), grouped(row.issues),
                percent(row.issues, of: row.pixels),
            ] + (comparison.map { [$0.classRates[row.index].map(percent) ?? "none"] } ?? [])
        }
    }

    private func section(_ title: String, _ header: [String], _ rows: [[String]]) -> String {
        rows.isEmpty ? "" : "\n### \(title)\n\n" + Self.table(header, rows)
    }

    /// The first column to the left, numbers to the right.
    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        let rule = header.indices.map { $0 == 0 || header[$0] == "suggested" ? "---" : "---:" }
        return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
}
