import ConfidentLearning
import Foundation
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct ReportPageTests {
    private func data(
        issues: Int = 5, counted: Int = 100, names: [String?] = ["road", "car"], cutoff: Double? = 0.25,
        gates: [GateResult] = []
    ) -> ReportData {
        var histogram = ConfidenceHistogram()
        histogram.add([0, 0.01, 0.5, 1, 1.5, .nan])
        let swaps: [AuditSummary.Swap] = issues == 0 ? [] : [.init(given: 1, suggested: 0, pixels: issues)]
        return ReportData(
            summary: AuditSummary(
                images: 2, classes: names.count, pixels: counted + 7, ignoredPixels: 7, issues: issues,
                rule: .lowSelfConfidence, downsample: 1,
                perClass: names.enumerated().map { index, name in
                    .init(index: index, name: name, pixels: 50, issues: index == 1 ? issues : 0, threshold: 0.5)
                },
                swaps: swaps, worstImages: [], gates: gates, warnings: ["a < b & c"], seconds: 0, bytesRead: 0),
            cutoff: cutoff, histogram: histogram, labelFiles: ["<l>.npy"], predProbFiles: ["p.npy"], issuesFile: nil)
    }

    private func html(_ data: ReportData, names: [String] = []) -> String {
        let pictures = names.enumerated().map { rank, name in
            PictureEncoder(imageCount: 1).encode(
                ImagePicture(
                    rank: rank, rankCount: 1,
                    image: .init(name: name, index: rank, isNamed: true, issues: 1, pixels: 4),
                    score: 0.125,
                    height: 1, width: 2, given: [1, 0], predicted: [0, 0],
                    issues: [.init(pixel: 0, given: 1, suggested: 0)], photo: nil))
        }
        var out = ""
        ReportPage(data: data, pictures: pictures.reversed()).write { out += $0 }
        return out
    }

    @Test(
        "characters of markup are escaped, what HTML cannot hold is replaced",
        arguments: [
            ("road", "road"), ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"), ("a\u{0}b\u{1b}", "a\u{fffd}b\u{fffd}"),
            ("é→", "é→"),
        ])
    func escaping(text: String, expected: String) {
        #expect(escapedForHTML(text) == expected)
    }

    @Test("no name of a class, image or file becomes markup")
    func names() {
        let hostile = "<script>alert('x')</script>\"&"
        let page = html(data(names: [hostile, nil]), names: [hostile])
        #expect(!page.contains("alert('x')"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"))
        #expect(page.components(separatedBy: "<script>").count == 2)
        #expect(page.contains("a &lt; b &amp; c"))
        #expect(page.contains("&lt;l&gt;.npy"))
    }

    @Test("the page names no address, and its policy forbids all that is not in it")
    func selfContained() {
        let page = html(data(), names: ["a"])
        #expect(page.contains("default-src 'none'"))
        for scheme in ["http:", "https:", "//", "src=\"/", "@import", "url(\""] {
            let places = page.components(separatedBy: scheme).count - 1
            // Base64 may hold two slashes in a row.
            #expect(places == 0 || scheme == "//", "\(scheme)")
        }
    }

    @Test(
        "the verdict is that of the gate",
        arguments: [
            (Double?.none, "No gate was set"), (0.05, "Gate passed"), (0.04, "Gate failed"), (1, "Gate passed"),
            (0.049999, "above 4.9999 %"),
        ])
    func verdict(failOver: Double?, text: String) {
        #expect(html(data(gates: failOver.map { [gate(limit: $0)] } ?? [])).contains(text))
    }

    private func gate(limit: Double, class index: Int? = nil) -> GateResult {
        GateResult(
            kind: index == nil ? .failOver : .failOverClass, classIndex: index, limit: .rate(limit), value: .rate(0.05),
            isPassed: limit >= 0.05)
    }

    @Test("of several gates all that failed are told, and how many there were")
    func verdicts() {
        let page = html(
            data(
                names: ["<road>", "car"],
                gates: [gate(limit: 0.1), gate(limit: 0.01, class: 0), gate(limit: 0.02, class: 1)]))
        #expect(page.contains("2 of 3 gates failed."))
        #expect(page.contains("Class &lt;road&gt;: the issue rate of 5.00 % is above 1 %."))
        #expect(page.contains("Class car: the issue rate of 5.00 % is above 2 %."))
        #expect(!page.contains("not above"))
    }

    @Test("pictures come worst first, each with its facts")
    func order() throws {
        let page = html(data(), names: ["first", "second"])
        let first = try #require(page.range(of: "<span>1</span> first</h3>"))
        let second = try #require(page.range(of: "<span>2</span> second</h3>"))
        #expect(first.lowerBound < second.lowerBound)
        #expect(page.contains("1 issue, 25.00 % of 4 pixels, score 0.1250, 2 × 1"))
        #expect(page.contains("<option value=\"1\">car</option>"))
    }

    @Test("without issues the page says so and has no gallery")
    func nothing() {
        let page = html(data(issues: 0, cutoff: nil))
        #expect(page.contains("No issues."))
        #expect(page.contains("No image has an issue."))
        #expect(!page.contains("<article"))
        #expect(!page.contains("class=\"cutoff"))
    }

    @Test("scores fall into fifty bins, 1 and above into the last, ignored pixels into none")
    func bins() {
        let counts = data().histogram.counts
        #expect(counts.count == 50)
        #expect((counts[0], counts[25], counts[49]) == (2, 1, 2))
        #expect(counts.reduce(0, +) == 5)
    }

    @Test("large tables keep to the classes that matter", arguments: [(30, 0), (100, 60)])
    func manyClasses(count: Int, hidden: Int) {
        let page = html(data(names: (0..<count).map { "class\($0)" }))
        #expect(page.components(separatedBy: "class=\"track\"").count - 1 == min(40, count))
        #expect(page.contains("more classes have lower rates") == (hidden > 0))
    }
}
