import ConfidentLearning
public import MaskAudit

/// The HTML page of a report: one file that needs no other and no network.
public struct ReportPage: Sendable {
    let data: ReportData
    /// Worst first.
    let pictures: [EncodedPicture]
    /// Highest score first.
    let regions: [EncodedRegion]

    public init(data: ReportData, pictures: [EncodedPicture], regions: [EncodedRegion] = []) {
        self.data = data
        self.pictures = pictures.sorted { $0.rank < $1.rank }
        self.regions = regions.sorted { $0.rank < $1.rank }
    }

    var summary: AuditSummary { data.summary }

    /// Calls `put` with the page, piece by piece.
    public func write<E: Error>(_ put: (String) throws(E) -> Void) throws(E) {
        let (head, foot) = frame
        try put(head)
        try put(overview)
        try put(classSection)
        try put("<div class=\"pair\">\n" + swapSection + confidenceSection + "</div>\n")
        if let summary = data.regions { try putRegions(summary, put) }
        try put(galleryHead)
        for picture in pictures { try put(article(picture)) }
        try put("</div>\n</section>\n")
        try put(foot)
    }

    /// What stands in `report.html` before and after the sections, with its marks filled in.
    private var frame: (head: String, foot: String) {
        let sides = text(PackageResources.report_html).split(separator: "{{sections}}")
        let title = "\(percent(summary.issueRate)) of pixels mislabelled: \(files(data.labelFiles))"
        // The title comes last: it holds names of files, in which marks are to stay as they are.
        let head = sides[0].replacing("{{version}}", with: masklintVersion)
            .replacing("{{style}}", with: text(PackageResources.report_css))
            .replacing("{{title}}", with: escapedForHTML(title))
        let foot = sides[1].replacing("{{script}}", with: text(PackageResources.report_js))
        return (String(head), String(foot))
    }

    /// A file of this folder, which the build puts into the program.
    private func text(_ resource: [UInt8]) -> String { String(decoding: resource, as: UTF8.self) }

    private func files(_ paths: [String]) -> String {
        let shown = paths.prefix(3).map(printable).joined(separator: ", ")
        return paths.count > 3 ? "\(shown) and \(paths.count - 3) more" : shown
    }

    // MARK: Numbers and verdict

    private var overview: String {
        let numbers: [(String, String)] = [
            (percent(summary.issueRate), "of counted pixels look mislabelled"),
            (grouped(summary.issues), summary.issues == 1 ? "issue (pixel)" : "issues (pixels)"),
            (grouped(summary.countedPixels), "counted pixels"),
            (grouped(summary.images), summary.images == 1 ? "image" : "images"),
        ]
        var facts: [(String, String)] = [
            ("Labels", files(data.labelFiles)), ("Probabilities", files(data.predProbFiles)), ("Issues", issueSource),
            ("Ignored pixels", grouped(summary.ignoredPixels)), ("Classes", grouped(summary.classes)),
        ]
        if let agreement = summary.agreement {
            facts.append(("Agreement", "\(percent(agreement)) of counted pixels are predicted as they are labelled"))
        }
        if let comparison = summary.comparison {
            facts.append(("Baseline", "\(comparison.text(summary)) (\(printable(comparison.file)))"))
        }
        var out = "<header>\n<p class=\"brand\">masklint \(masklintVersion)</p>\n<h1>Label report</h1>\n"
        out += verdict
        out += "<dl class=\"numbers\">\n"
        for (value, text) in numbers {
            out += "<div><dt>\(escapedForHTML(text))</dt><dd>\(escapedForHTML(value))</dd></div>\n"
        }
        out += "</dl>\n<dl class=\"facts\">\n"
        for (name, value) in facts {
            out += "<div><dt>\(name)</dt><dd>\(escapedForHTML(value))</dd></div>\n"
        }
        out += "</dl>\n"
        if !summary.warnings.isEmpty {
            out += "<ul class=\"warnings\">\n"
            for warning in summary.warnings { out += "<li>\(escapedForHTML(warning))</li>\n" }
            out += "</ul>\n"
        }
        return out + "</header>\n"
    }

    private var issueSource: String {
        if let file = data.issuesFile { return "read from \(printable(file))" }
        return summary.rule.rawValue
            + (summary.minimumEvidence.map { ", evidence at least \(fixed($0, decimals: 2))" } ?? "")
            + (summary.downsample > 1 ? ", downsampled by \(summary.downsample)" : "")
    }

    private var verdict: String {
        guard !summary.gates.isEmpty else {
            return "<p class=\"verdict none\" id=\"verdict\">No gate was set (<code>--fail-over</code>).</p>\n"
        }
        let failed = summary.failedGates
        // Gates of classes are listed only where they failed: the whole dataset's say enough.
        let told = failed.isEmpty ? summary.gates.filter { $0.classIndex == nil } : failed
        let sentences = told.map { escapedForHTML($0.sentence(summary)) }.joined(separator: " ")
        let title = failed.isEmpty ? "✓ \(summary.gateVerdict)" : "✕ \(summary.gateVerdict)"
        return
            "<p class=\"verdict \(failed.isEmpty ? "passed" : "failed")\" id=\"verdict\"><b>\(title)</b> \(sentences)</p>\n"
    }

    // MARK: Shared

    /// A class's name as markup, or its number where it has none.
    func name(_ classIndex: Int) -> String { escapedForHTML(summary.className(classIndex)) }

    func swatch(_ classIndex: Int) -> String {
        "<i class=\"swatch\" style=\"background:\(ClassPalette.color(classIndex).css)\"></i>"
    }
}
