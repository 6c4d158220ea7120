import ConfidentLearning
import Reporting
import TestSupport
import Testing

@testable import MaskAudit

@Suite struct SummaryReportTests {
    static func summary(classes: Int = 3, isNamed: Bool = false) -> AuditSummary {
        let names: [String?] = isNamed ? ["sky", "road", "wall"] : [nil, nil, nil]
        var rows: [AuditSummary.ClassRow] = []
        for index in 0..<classes {
            let issues = [0: 1000, 1: 250][index] ?? 0
            rows.append(
                .init(
                    index: index, name: index < 3 ? names[index] : nil, pixels: index == 2 ? 0 : 1_250_000,
                    issues: issues, threshold: index == 2 ? nil : 0.875))
        }
        let worst = [(7, 1000), (30, 250)].map { index, issues in
            AuditSummary.ImageRow(
                name: isNamed ? "img_\(index)" : "\(index)", index: index, isNamed: isNamed, issues: issues,
                pixels: 2500)
        }
        return AuditSummary(
            images: 1200, classes: classes, pixels: 3_000_000, ignoredPixels: 500_000, issues: 1250,
            rule: .lowSelfConfidence, downsample: 1, perClass: rows,
            swaps: [.init(given: 0, suggested: 1, pixels: 1000), .init(given: 1, suggested: 2, pixels: 250)],
            worstImages: worst, warnings: ["say \"no\"\nmore"], seconds: 1.5, bytesRead: 1 << 33)
    }

    @Test("the JSON object has every key, in the order of the documentation")
    func keys() throws {
        let json = try JSONValue(parsing: Self.summary().json.text)
        #expect(
            json.keys == [
                "tool", "version", "schema_version", "images", "classes", "pixels", "ignored_pixels", "counted_pixels",
                "issues",
                "issue_rate",
                "filter_by", "downsample", "thresholds", "per_class", "swaps", "worst_images", "warnings", "seconds",
                "bytes_read", "only_class", "confident_joint", "gates", "comparison", "thresholds_from", "shard",
                "min_evidence", "agreement", "agreeing_pixels",
            ])
        #expect(
            json["per_class"]?.elements.map(\.keys)
                == [[String]](repeating: ["class", "name", "pixels", "issues", "threshold"], count: 3))
        #expect(json["swaps"]?.elements.first?.keys == ["given", "suggested", "pixels"])
        #expect(json["worst_images"]?.elements.first?.keys == ["image", "issues", "pixels"])
    }

    @Test("the JSON object has the summary's values")
    func values() throws {
        let json = try JSONValue(parsing: Self.summary().json.text)
        #expect(json["tool"] == .string("masklint"))
        #expect(json["version"] == .string(masklintVersion))
        #expect(json["images"] == .number(1200))
        #expect(json["pixels"] == .number(3_000_000))
        #expect(json["ignored_pixels"] == .number(500_000))
        #expect(json["counted_pixels"] == .number(2_500_000))
        #expect(json["issue_rate"] == .number(0.0005))
        #expect(json["filter_by"] == .string("low_self_confidence"))
        #expect(json["thresholds"] == .array([.number(0.875), .number(0.875), .null]))
        #expect(json["per_class"]?.elements[2]["threshold"] == .null)
        #expect(json["per_class"]?.elements[2]["name"] == .null)
        #expect(json["per_class"]?.elements[1]["issues"] == .number(250))
        #expect(json["swaps"]?.elements.map { $0["pixels"] } == [.number(1000), .number(250)])
        #expect(json["worst_images"]?.elements.map { $0["image"] } == [.number(7), .number(30)])
        #expect(json["warnings"] == .array([.string("say \"no\"\nmore")]))
        #expect(json["seconds"] == .number(1.5))
        #expect(json["bytes_read"] == .number(8_589_934_592))
    }

    @Test("names of classes and images stand in the JSON object where there are any")
    func names() throws {
        let json = try JSONValue(parsing: Self.summary(isNamed: true).json.text)
        #expect(json["per_class"]?.elements.map { $0["name"] } == [.string("sky"), .string("road"), .string("wall")])
        #expect(json["worst_images"]?.elements.map { $0["image"] } == [.string("img_7"), .string("img_30")])
    }

    @Test("the agreement is the count's share of the counted pixels, in every form")
    func agreement() throws {
        var summary = Self.summary()
        #expect(try JSONValue(parsing: summary.json.text)["agreement"] == .null)
        #expect(!summary.text.contains("agreement"))
        summary.agreeingPixels = 2_000_000
        let json = try JSONValue(parsing: summary.json.text)
        #expect(json["agreement"] == .number(0.8))
        #expect(json["agreeing_pixels"] == .number(2_000_000))
        #expect(summary.text.contains("\nagreement 80.00 % of counted pixels are predicted as they are labelled\nrule"))
        #expect(summary.markdown.contains("\n| agreement | 80.00 % |\n"))
        summary.ignoredPixels = summary.pixels
        #expect(try JSONValue(parsing: summary.json.text)["agreement"] == .null)
    }

    @Test("a threshold that is not a number is null")
    func nanThreshold() throws {
        var summary = Self.summary()
        summary.perClass[0].threshold = .nan
        let json = try JSONValue(parsing: summary.json.text)
        #expect(json["thresholds"]?.elements[0] == .null)
        #expect(json["per_class"]?.elements[0]["threshold"] == .null)
    }

    @Test("ten swaps are listed")
    func tenSwaps() throws {
        var summary = Self.summary()
        summary.swaps = (0..<12).map { number in
            AuditSummary.Swap(given: number % 3, suggested: (number + 1) % 3, pixels: 100 - number)
        }
        #expect(try JSONValue(parsing: summary.json.text)["swaps"]?.elements.count == 10)
        #expect(summary.text.split(separator: "\n").filter { $0.contains(" -> ") }.count == 11)
    }

    @Test("the text has totals and three tables, columns in line")
    func text() {
        #expect(
            Self.summary(isNamed: true).text == """
                images    1,200
                pixels    3,000,000, 500,000 ignored, 2,500,000 counted
                issues    1,250 (0.0500 % of counted pixels)
                rule      low_self_confidence

                class      pixels  issues      rate  threshold
                0 sky   1,250,000   1,000  0.0800 %     0.8750
                1 road  1,250,000     250  0.0200 %     0.8750
                2 wall          0       0         -       none

                worst images  issues     rate
                img_7          1,000  40.00 %
                img_30           250  10.00 %

                given -> suggested  pixels    share
                0 sky -> 1 road      1,000  80.00 %
                1 road -> 2 wall       250  20.00 %

                """)
    }

    @Test("without issues only the classes are listed")
    func nothingFound() {
        var summary = Self.summary()
        (summary.issues, summary.swaps, summary.worstImages) = (0, [], [])
        for index in summary.perClass.indices { summary.perClass[index].issues = 0 }
        #expect(summary.text.contains("issues    0 (0.00 % of counted pixels)"))
        #expect(!summary.text.contains("worst images"))
        #expect(!summary.text.contains("->"))
    }

    @Test("downsampling is told beside the rule")
    func downsampled() {
        var summary = Self.summary()
        summary.downsample = 4
        #expect(summary.text.contains("rule      low_self_confidence, downsampled by 4\n"))
    }

    @Test("of many classes only those with issues are listed")
    func manyClasses() {
        let summary = Self.summary(classes: 41)
        let lines = summary.text.split(separator: "\n")
        #expect(lines.filter { $0.hasSuffix("0.8750") || $0.hasSuffix("none") }.count == 2)
    }

    @Test("an image's name cannot break a line or reach the terminal")
    func harmlessNames() throws {
        var summary = Self.summary(isNamed: true)
        summary.worstImages[0].name = "a\n\u{1b}[31mb"
        #expect(summary.text.contains("\na\\u{a}\\u{1b}[31mb   1,000  40.00 %\n"))
        #expect(!summary.text.contains("\u{1b}"))
        let json = try JSONValue(parsing: summary.json.text)
        #expect(json["worst_images"]?.elements[0]["image"] == .string("a\n\u{1b}[31mb"))
    }

    @Test("no line ends in white space")
    func trailingSpace() {
        for line in Self.summary(isNamed: true).text.split(separator: "\n") { #expect(line.last != " ") }
    }
}
