import ConfidentLearning
import MaskAudit

extension ReportPage {
    /// Regions that the table lists.
    static let tableLimit = 100

    /// Calls `put` with the section of regions, piece by piece.
    func putRegions<E: Error>(_ summary: RegionSummary, _ put: (String) throws(E) -> Void) throws(E) {
        var out = "<section id=\"regions\">\n<h2>Mislabelled regions</h2>\n"
        guard !summary.regions.isEmpty else { return try put(out + "<p class=\"note\">No issues.</p>\n</section>\n") }
        out +=
            "<p class=\"note\">Connected issues of one given and one suggested class, most likely mislabelled first "
        out += "(\(escapedForHTML(summary.rule.rawValue)); score = \(escapedForHTML(summary.scoreFormula))): "
        out += "\(counted(summary.found, "region")) in all. Outlines show the area of the given class, and that of the "
        out += "suggested class with the region in it"
        out += summary.areVolumes ? ", in the slice that holds most of it.</p>\n" : ".</p>\n"
        try put(out + regionFilter(summary) + "<div class=\"crops\">\n")
        for region in regions { try put(card(region, summary)) }
        try put("</div>\n" + regionTable(summary) + "</section>\n")
    }

    private func swap(_ region: Region) -> String { "\(region.given)-\(region.suggested)" }

    private func title(_ region: Region, _ summary: RegionSummary) -> String {
        let image = summary.images[region.image]
        return image.isNamed ? escapedForHTML(image.name) : "Image \(region.image)"
    }

    /// Which swap is shown; hidden where no script runs.
    private func regionFilter(_ summary: RegionSummary) -> String {
        var counts: [String: (region: Region, count: Int)] = [:]
        for region in summary.regions.prefix(Self.tableLimit) {
            counts[swap(region), default: (region, 0)].count += 1
        }
        let options = counts.values.sorted {
            ($0.region.given, $0.region.suggested) < ($1.region.given, $1.region.suggested)
        }
        .map {
            "<option value=\"\(swap($0.region))\">\(name($0.region.given)) → \(name($0.region.suggested)) "
                + "(\($0.count))</option>"
        }
        return """
            <form class="filters" id="regionFilters" hidden>
            <label>Swap <select id="swap"><option value="">any</option>\(options.joined())</select></label>
            <output id="shownRegions" for="swap"></output>
            </form>

            """
    }

    private func card(_ encoded: EncodedRegion, _ summary: RegionSummary) -> String {
        let region = encoded.region
        let facts = "\(counted(region.area, "pixel")), self-confidence \(fraction(region.selfConfidence))"
        var out = "<figure class=\"crop\" data-swap=\"\(swap(region))\" "
        out +=
            "style=\"--photo:url(data:image/png;base64,\(base64(encoded.crop)));--ratio:\(encoded.width)/\(encoded.height)\">\n"
        out += "<figcaption><b>\(encoded.rank + 1)</b> \(name(region.given)) → \(name(region.suggested))"
        let slice = encoded.slice.map { ", slice \($0)" } ?? ""
        out += "<span>\(title(region, summary))\(slice), \(facts)</span></figcaption>\n<div class=\"sides\">\n"
        func side(_ text: String, _ path: String, _ classIndex: Int, _ fill: String) {
            let color = ClassPalette.color(classIndex).css
            out += "<div><span class=\"picture\" role=\"img\" aria-label=\"\(text): \(name(classIndex))\">"
            out += "<span class=\"photo\"></span><svg viewBox=\"0 0 \(encoded.width) \(encoded.height)\" "
            out += "preserveAspectRatio=\"none\">\(fill)<path class=\"halo\" d=\"\(path)\"/>"
            out += "<path d=\"\(path)\" style=\"stroke:\(color)\"/></svg></span>"
            out += "<span class=\"caption\">\(swatch(classIndex))\(text) \(name(classIndex))</span></div>\n"
        }
        side("given", encoded.givenPath, region.given, "")
        side(
            "suggested", encoded.suggestedPath, region.suggested, "<path class=\"region\" d=\"\(encoded.regionPath)\"/>"
        )
        return out + "</div>\n</figure>\n"
    }

    private func regionTable(_ summary: RegionSummary) -> String {
        let numbers = ["Pixels", "Self-confidence", "In suggestion", "At boundary", "Score"]
        var out = "<div class=\"scroll\"><table class=\"regions\" id=\"regionTable\">\n<thead><tr>"
        out += "<th scope=\"col\" class=\"number\">#</th>"
        for text in ["Region", "Given", "Suggested"] { out += "<th scope=\"col\">\(text)</th>" }
        for text in numbers { out += "<th scope=\"col\" class=\"number\">\(text)</th>" }
        out += "</tr></thead>\n<tbody>\n"
        for (rank, region) in summary.regions.prefix(Self.tableLimit).enumerated() {
            out += "<tr data-swap=\"\(swap(region))\">"
            func cell(_ value: String, _ text: String) {
                out += "<td class=\"number\" data-value=\"\(value)\">\(text)</td>"
            }
            cell("\(rank)", "\(rank + 1)")
            out += "<th scope=\"row\">\(escapedForHTML(summary.identifier(region)))</th>"
            for classIndex in [region.given, region.suggested] {
                out += "<td data-value=\"\(classIndex)\">\(swatch(classIndex))\(name(classIndex))</td>"
            }
            cell("\(region.area)", grouped(region.area))
            cell("\(region.selfConfidence)", fraction(region.selfConfidence))
            cell("\(region.suggestedConfidence)", fraction(region.suggestedConfidence))
            cell("\(region.boundaryShare)", fixed(region.boundaryShare * 100, decimals: 0) + " %")
            cell("\(region.score)", fixed(region.score, decimals: 4))
            out += "</tr>\n"
        }
        out += "</tbody>\n</table></div>\n"
        if summary.found > Self.tableLimit {
            out += "<p class=\"note\">\(grouped(summary.found - Self.tableLimit)) more regions score lower; "
            out += "<code>masklint regions</code> lists all.</p>\n"
        }
        return out
    }
}
