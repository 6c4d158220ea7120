import MaskAudit

extension ReportPage {
    var galleryHead: String {
        var out = "<section id=\"images\">\n<h2>Worst images</h2>\n"
        guard !pictures.isEmpty else {
            return out + "<p class=\"note\">No image has an issue.</p>\n<div>\n"
        }
        out += "<p class=\"note\">The \(pictures.count == 1 ? "image" : "\(grouped(pictures.count)) images") with most "
        out += "issues of \(grouped(summary.images)). Select a picture to enlarge it.</p>\n"
        out += legend + filters + "<div id=\"gallery\">\n"
        return out
    }

    /// Classes that occur in the pictures, with the colours of masks.
    private var legend: String {
        let shown = pictures.reduce(into: Set<Int>()) { $0.formUnion($1.classes) }.sorted()
        var out = "<ul class=\"legend\" aria-label=\"Colours of classes\">\n"
        for classIndex in shown { out += "<li>\(swatch(classIndex))\(name(classIndex))</li>\n" }
        if summary.ignoredPixels > 0 {
            out += "<li><i class=\"swatch\" style=\"background:\(ClassPalette.void.css)\"></i>not counted</li>\n"
        }
        return out + "<li><i class=\"swatch\" style=\"background:\(ClassPalette.issue.css)\"></i>issue</li>\n</ul>\n"
    }

    /// Which issues the gallery shows; hidden where no script runs.
    private var filters: String {
        let swaps = pictures.flatMap { $0.layers.compactMap(\.swap) }
        func options(_ classes: [Int]) -> String {
            Set(classes).sorted().map { "<option value=\"\($0)\">\(name($0))</option>" }.joined()
        }
        return """
            <form class="filters" id="filters" hidden>
            <label>Labelled as <select id="given"><option value="">any class</option>\(options(swaps.map(\.given)))</select>\
            </label>
            <label>suggested <select id="suggested"><option value="">any class</option>\
            \(options(swaps.map(\.suggested)))</select></label>
            <button type="reset">Show all</button>
            <output id="shown" for="given suggested"></output>
            </form>

            """
    }

    func article(_ picture: EncodedPicture) -> String {
        let row = picture.image
        let title = row.isNamed ? escapedForHTML(row.name) : "Image \(row.index)"
        let rate = percent(row.issues, of: row.pixels)
        var facts = "\(counted(row.issues, "issue")), \(rate) of \(counted(row.pixels, "pixel"))"
        if let score = picture.score { facts += ", score \(fixed(score, decimals: 4))" }
        if let slice = picture.slice { facts += ", slice \(slice) with most issues" }
        facts += ", \(picture.width) × \(picture.height)"
        if picture.reduction > 1 { facts += " (shown \(picture.reduction) times smaller)" }
        var out = "<article data-title=\"\(title)\""
        if let photo = picture.photo { out += " style=\"--photo:url(data:image/png;base64,\(base64(photo)))\"" }
        out += ">\n<h3><span>\(picture.rank + 1)</span> \(title)</h3>\n<p class=\"facts\">\(facts)</p>\n"
        out += "<div class=\"panels\">\n"
        let ratio = "--ratio:\(picture.width)/\(picture.height)"
        func panel(_ kind: String, _ caption: String, _ content: String) {
            out +=
                "<button type=\"button\" class=\"panel\" data-kind=\"\(kind)\" aria-label=\"\(title), \(caption): enlarge\">"
            out +=
                "<span class=\"picture\" style=\"\(ratio)\">\(content)</span><span class=\"caption\">\(caption)</span>"
            out += "</button>\n"
        }
        func image(_ png: [UInt8], _ alt: String, _ attributes: String = "") -> String {
            "<img alt=\"\(alt)\"\(attributes) src=\"data:image/png;base64,\(base64(png))\">"
        }
        let base: String
        if picture.photo != nil {
            panel("photo", "Image", "<span class=\"photo\"></span>")
            base = "<span class=\"photo dimmed\"></span>"
        } else {
            base = image(picture.given, "", " class=\"dimmed\"")
        }
        panel("given", "Given labels", image(picture.given, "given labels"))
        panel("predicted", "Predicted labels", image(picture.predicted, "predicted labels"))
        let layers = picture.layers.map { layer in
            let swap = layer.swap.map { " data-given=\"\($0.given)\" data-suggested=\"\($0.suggested)\"" } ?? ""
            return image(layer.png, "", " class=\"layer\"\(swap) data-issues=\"\(layer.issues)\"")
        }
        panel("issues", "Issues", base + layers.joined())
        return out + "</div>\n</article>\n"
    }
}
