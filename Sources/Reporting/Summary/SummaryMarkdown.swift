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
                + (onlyClass.map { [["issues of class alone", Self.cell(className($0))]] } ?? []))
        out += section("Classes with issues", classHeader, classRows)
        out += section(
            "Worst images", ["image", "issues", "rate"],
            worstImages.map {
                [Self.cell($0.name), grouped($0.issues), percent(Double($0.issues) / Double(max(1, $0.pixels)))]
            })
        out += section(
            "Commonest swaps", ["given", "suggested", "pixels", "share"],
            swaps.prefix(listedSwapCount).map {
                [
                    Self.cell(className($0.given)), Self.cell(className($0.suggested)), grouped($0.pixels),
                    percent(Double($0.pixels) / Double(max(1, issues))),
                ]
            })
        if let comparison { out += "\nBaseline: \(Self.cell(comparison.text(self))).\n" }
        for warning in warnings { out += "\n> Warning: \(Self.cell(warning))\n" }
        return out
    }

    private var verdictMarkdown: String {
        guard !gates.isEmpty else { return "" }
        var out = "**\(gateVerdict)**\n\n"
        let failed = failedGates
        // Of gates that passed those of the whole dataset say enough.
        for gate in failed.isEmpty ? gates.filter({ $0.classIndex == nil }) : failed {
            out += "- \(Self.cell(gate.sentence(self)))\n"
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
                Self.cell(className(row.index)), grouped(row.pixels), grouped(row.issues),
                percent(Double(row.issues) / Double(max(1, row.pixels))),
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

    /// Text that is no markup in a cell of a table.
    private static func cell(_ text: String) -> String {
        var out = ""
        for scalar in printable(text).unicodeScalars {
            switch scalar {
            // HTML, which GitHub would let through in part.
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "&": out += "&amp;"
            case "|", "\\", "`", "*", "_", "[", "]", "~", "#", "@", "!", "$":
                out += "\\"
                out.unicodeScalars.append(scalar)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
