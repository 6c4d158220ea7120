import ConfidentLearning
import Libc
import MaskAudit

extension ReportPage {
    /// Classes that a chart shows before it says how many it leaves out.
    static let barLimit = 40
    static let matrixLimit = 30
    /// Up to so many classes a cell has room for its count.
    static let numberedMatrixLimit = 14

    // MARK: Issue rate by class

    var classSection: String {
        let rows = summary.perClass.compactMap { row in row.rate.map { (row: row, rate: $0) } }
            .sorted { ($1.rate, $0.row.index) < ($0.rate, $1.row.index) }
        let highest = max(rows.first?.rate ?? 0, .leastNormalMagnitude)
        var out = """
            <section id="classes">
            <h2>Issue rate by class</h2>
            <p class="note">Share of the pixels labelled with a class that look mislabelled; highest first.</p>
            <table class="bars">
            <thead><tr><th scope="col">Given class</th><th scope="col" class="wide">Rate</th>\
            <th scope="col" class="number">Issues</th><th scope="col" class="number">Pixels</th>\
            <th scope="col" class="number threshold">Threshold</th></tr></thead>
            <tbody>

            """
        for (row, rate) in rows.prefix(Self.barLimit) {
            let width = fixed(rate / highest * 100, decimals: 2)
            out += "<tr><th scope=\"row\"><span>\(swatch(row.index))\(name(row.index))</span></th>"
            out +=
                "<td class=\"wide\"><div class=\"rate\"><div class=\"track\"><div style=\"width:\(width)%\"></div></div>"
            out += "<span>\(percent(rate))</span></div></td>"
            out += "<td class=\"number\">\(grouped(row.issues))</td><td class=\"number\">\(grouped(row.pixels))</td>"
            let threshold = row.threshold.map { fixed($0, decimals: 4) } ?? "none"
            out += "<td class=\"number threshold\">\(threshold)</td></tr>\n"
        }
        out += "</tbody>\n</table>\n"
        let hidden = rows.count - Self.barLimit
        let empty = summary.classes - rows.count
        if hidden > 0 { out += "<p class=\"note\">\(grouped(hidden)) more classes have lower rates.</p>\n" }
        if empty > 0 {
            out +=
                "<p class=\"note\">\(grouped(empty)) \(empty == 1 ? "class has" : "classes have") no counted pixel.</p>\n"
        }
        return out + "</section>\n"
    }

    // MARK: Given against suggested

    var swapSection: String {
        var out = "<section id=\"swaps\">\n<h2>Given against suggested</h2>\n"
        guard let most = summary.swaps.first?.pixels else {
            return out + "<p class=\"note\">No issues.</p>\n</section>\n"
        }
        var totals: [Int: Int] = [:]
        for swap in summary.swaps {
            totals[swap.given, default: 0] += swap.pixels
            totals[swap.suggested, default: 0] += swap.pixels
        }
        let kept = totals.keys.sorted { (totals[$1] ?? 0, $0) < (totals[$0] ?? 0, $1) }.prefix(Self.matrixLimit)
            .sorted()
        var cells: [Int: [Int: Int]] = [:]
        for swap in summary.swaps { cells[swap.given, default: [:]][swap.suggested] = swap.pixels }
        let isNumbered = kept.count <= Self.numberedMatrixLimit
        out += """
            <p class="note">Pixels by the class they are labelled with and the class suggested instead.</p>
            <div class="scroll"><table class="matrix\(isNumbered ? "" : " small")">
            <thead><tr><td class="corner">given ↓ suggested →</td>

            """
        for column in kept { out += "<th scope=\"col\"><span>\(name(column))</span></th>" }
        out += "</tr></thead>\n<tbody>\n"
        for given in kept {
            out += "<tr><th scope=\"row\"><span>\(name(given))</span></th>"
            for suggested in kept {
                let pixels = cells[given]?[suggested] ?? 0
                if given == suggested && pixels == 0 {
                    out += "<td class=\"self\"></td>"
                    continue
                }
                guard pixels > 0 else {
                    out += "<td></td>"
                    continue
                }
                // Square roots, so that rare swaps do not vanish beside the commonest.
                let shade = (Double(pixels) / Double(most)).squareRoot()
                let share = percent(pixels, of: summary.issues)
                let text = "\(name(given)) → \(name(suggested)): \(counted(pixels, "pixel")), \(share) of issues"
                out += "<td class=\"hit\" style=\"--shade:\(fixed(shade, decimals: 3))\" "
                out += "tabindex=\"0\" title=\"\(text)\">\(isNumbered ? compact(pixels) : "")</td>"
            }
            out += "</tr>\n"
        }
        out += "</tbody>\n</table></div>\n<p class=\"readout\" id=\"readout\" aria-live=\"polite\"></p>\n"
        let hidden = totals.count - kept.count
        if hidden > 0 { out += "<p class=\"note\">\(grouped(hidden)) more classes have fewer swaps.</p>\n" }
        return out + "</section>\n"
    }

    // MARK: Self-confidence

    var confidenceSection: String {
        let counts = data.histogram.counts
        let most = counts.max() ?? 0
        // Decades, as counts near 1 exceed those near 0 a thousandfold.
        var top = 1
        var decades = 0
        while top < most {
            (top, decades) = (top * 10, decades + 1)
        }
        decades = max(1, decades)
        func height(_ count: Int) -> Double {
            // A single pixel still shows.
            count == 0 ? 0 : (log10(Double(count)) + 0.08) / (Double(decades) + 0.08) * 100
        }
        var out = """
            <section id="confidence">
            <h2>Self-confidence</h2>
            <p class="note">Counted pixels by the probability of their own label; each line is ten times the one below.</p>
            <div class="histogram" role="img" aria-label="\(escapedForHTML(histogramText))">
            <div class="plot">

            """
        var power = 1
        for decade in 0...decades {
            let bottom = fixed(height(power), decimals: 2)
            out += "<div class=\"gridline\" style=\"bottom:\(bottom)%\"><span>\(compact(power))</span></div>\n"
            if decade < decades { power *= 10 }
        }
        out += "<div class=\"columns\">"
        for (bin, count) in counts.enumerated() {
            let low = Double(bin) / Double(counts.count)
            let range = "\(fixed(low, decimals: 2)) to \(fixed(low + 1 / Double(counts.count), decimals: 2))"
            let isLow = data.cutoff.map { low < $0 } ?? false
            out += "<div\(isLow ? " class=\"low\"" : "") title=\"\(range): \(counted(count, "pixel"))\">"
            out += "<i style=\"height:\(fixed(height(count), decimals: 2))%\"></i></div>"
        }
        out += "</div>\n"
        if let cutoff = data.cutoff, cutoff <= 1 {
            let side = cutoff > 0.6 ? " left" : ""
            out += "<div class=\"cutoff\(side)\" style=\"left:\(fixed(cutoff * 100, decimals: 2))%\">"
            out += "<span>cut-off \(fraction(cutoff))</span></div>\n"
        }
        out +=
            "</div>\n<div class=\"axis\"><span>0</span><span>0.25</span><span>0.5</span><span>0.75</span><span>1</span></div>\n"
        return out + "</div>\n<p class=\"note\">\(cutoffText)</p>\n</section>\n"
    }

    private var histogramText: String {
        "\(grouped(summary.countedPixels)) pixels by self-confidence"
            + (data.cutoff.map { ", cut-off at \(fraction($0))" } ?? "")
    }

    private var cutoffText: String {
        guard let cutoff = data.cutoff else {
            return summary.issues == 0
                ? "No pixel was flagged, so there is no cut-off."
                : "This rule decides by \(summary.rule == .calibrated ? "region" : "class") and has no cut-off."
        }
        return data.issuesFile == nil
            ? "Up to the cut-off of \(fraction(cutoff)), pixels whose most probable class is another are issues."
            : "No flagged pixel lies above \(fraction(cutoff))."
    }
}
