import ConfidentLearning
public import MaskAudit

extension AuditSummary {
    /// The summary for people: totals, a table by class, the worst images, the commonest swaps.
    public var text: String {
        var out = """
            images    \(grouped(images))
            pixels    \(grouped(pixels)), \(grouped(ignoredPixels)) ignored, \(grouped(countedPixels)) counted
            issues    \(grouped(issues)) (\(percent(issueRate)) of counted pixels)\(agreementText)
            rule      \(rule.rawValue)\(evidenceText)\(downsample > 1 ? ", downsampled by \(downsample)" : "")\(onlyClassText)\(thresholdsText)

            """
        if let comparison { out += "baseline  \(comparison.text(self))\n" }
        out += "\n" + classTable
        if !worstImages.isEmpty { out += "\n" + imageTable }
        if !swaps.isEmpty && listedSwapCount > 0 { out += "\n" + swapTable }
        return out
    }

    private var agreementText: String {
        agreement.map { "\nagreement \(percent($0)) of counted pixels are predicted as they are labelled" } ?? ""
    }

    private var thresholdsText: String {
        thresholdsFrom.map { "\nfrom      \(printable($0)): thresholds" + (shard.map { ", \($0)" } ?? "") } ?? ""
    }

    private var evidenceText: String {
        minimumEvidence.map { ", evidence at least \(fixed($0, decimals: 2))" } ?? ""
    }

    private var onlyClassText: String {
        onlyClass.map { ", issues of class \(label($0)) alone" } ?? ""
    }

    private var classTable: String {
        // Of many classes, only those that have something to say are listed.
        let rows = classes <= 40 ? perClass : perClass.filter { $0.issues > 0 }
        return textTable(
            [
                .left("class"), .right("pixels"), .right("issues"), .right("rate"),
                .right("threshold"),
            ],
            rows.map { row in
                [
                    label(row.index), grouped(row.pixels), grouped(row.issues),
                    row.rate.map(percent) ?? "-",
                    row.threshold.map { fixed($0, decimals: 4) } ?? "none",
                ]
            })
    }

    private var imageTable: String {
        textTable(
            [.left("worst images"), .right("issues"), .right("rate")],
            worstImages.map {
                [printable($0.name), grouped($0.issues), percent($0.issues, of: $0.pixels)]
            })
    }

    private var swapTable: String {
        textTable(
            [.left("given -> suggested"), .right("pixels"), .right("share")],
            swaps.prefix(listedSwapCount).map {
                [
                    "\(label($0.given)) -> \(label($0.suggested))", grouped($0.pixels),
                    percent($0.pixels, of: issues),
                ]
            })
    }

    private func label(_ index: Int) -> String { printable(perClass[index].label) }
}

extension AuditSummary.ClassRow {
    /// The class's number and name: `3 road`; the number alone where it has no name.
    var label: String { name.map { "\(index) \($0)" } ?? String(index) }
}
