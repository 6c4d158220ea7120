import Foundation
import TestSupport
import Testing

@testable import MaskAudit
@testable import Reporting

#if canImport(FoundationXML)
import FoundationXML
#endif

/// The summary in Markdown and in JUnit's XML.
@Suite struct SummaryFilesTests {
    private static let failed = GateResult(
        kind: .failOver, limit: .rate(0.0001), value: .rate(0.0005), isPassed: false)
    private static let failedClass = GateResult(
        kind: .failOverClass, classIndex: 1, limit: .rate(0.0001), value: .rate(0.0002), isPassed: false)
    private static let passedClass = GateResult(
        kind: .failOverClass, classIndex: 0, limit: .rate(0.1), value: .rate(0.0008), isPassed: true)

    private func summary(gates: [GateResult] = [], name: String? = nil) -> AuditSummary {
        var summary = SummaryReportTests.summary(isNamed: true)
        summary.gates = gates
        summary.warnings = []
        if let name {
            summary.perClass[0].name = name
            summary.worstImages[0].name = name
        }
        return summary
    }

    private static let hostile = "a|b <script>&\"'\\`*_[x](y)\n# \u{0}\u{1b}\u{ffff}]]>"

    // MARK: Markdown

    @Test("the Markdown has verdict, numbers, classes with issues, worst images and swaps")
    func markdown() {
        #expect(
            summary(gates: [Self.failed, Self.passedClass]).markdown == """
                ## Label audit: 0.0500 % of counted pixels flagged

                **1 of 2 gates failed.**

                - The issue rate of 0.0500 % is above 0.01 %.

                |  | value |
                | --- | ---: |
                | issues | 1,250 |
                | rate | 0.0500 % |
                | counted pixels | 2,500,000 |
                | ignored pixels | 500,000 |
                | images | 1,200 |
                | rule | low_self_confidence |

                ### Classes with issues

                | class | pixels | issues | rate |
                | --- | ---: | ---: | ---: |
                | sky | 1,250,000 | 1,000 | 0.0800 % |
                | road | 1,250,000 | 250 | 0.0200 % |

                ### Worst images

                | image | issues | rate |
                | --- | ---: | ---: |
                | img\\_7 | 1,000 | 40.00 % |
                | img\\_30 | 250 | 10.00 % |

                ### Commonest swaps

                | given | suggested | pixels | share |
                | --- | --- | ---: | ---: |
                | sky | road | 1,000 | 80.00 % |
                | road | wall | 250 | 20.00 % |

                """)
    }

    @Test("of gates that passed, those of classes are only counted")
    func passed() {
        var whole = Self.failed
        (whole.limit, whole.isPassed) = (.rate(0.001), true)
        let text = summary(gates: [whole, Self.passedClass]).markdown
        #expect(text.contains("**All 2 gates passed.**\n\n- The issue rate of 0.0500 % is not above 0.1 %.\n\n|"))
        #expect(!text.contains("Class sky"))
        #expect(summary(gates: [Self.passedClass]).markdown.contains("**Gate passed.**\n\n|"))
        #expect(!summary().markdown.contains("ate passed"))
    }

    @Test("sections without a line are left out")
    func nothing() {
        var summary = summary()
        (summary.issues, summary.swaps, summary.worstImages) = (0, [], [])
        for index in summary.perClass.indices { summary.perClass[index].issues = 0 }
        #expect(!summary.markdown.contains("###"))
        #expect(
            summary.markdown.hasSuffix("| rule | low\\_self\\_confidence |\n")
                || summary.markdown.hasSuffix("confidence |\n"))
    }

    @Test("no name breaks out of its cell or becomes markup")
    func markdownNames() {
        let lines = summary(name: Self.hostile).markdown.split(separator: "\n")
        let cell =
            "a\\|b &lt;script&gt;&amp;\"'\\\\\\`\\*\\_\\[x\\](y)\\\\u{a}\\# \\\\u{0}\\\\u{1b}\\\\u{ffff}\\]\\]&gt;"
        #expect(lines.contains("| \(cell) | 1,250,000 | 1,000 | 0.0800 % |"))
        #expect(lines.contains("| \(cell) | 1,000 | 40.00 % |"))
    }

    @Test("the baseline has a column of the classes")
    func baselineColumn() {
        var summary = summary()
        summary.comparison = BaselineComparison(
            file: "b.json", issueRate: 0.0005, classRates: [0.5, nil, nil], newWorstImages: [summary.worstImages[0]])
        #expect(summary.markdown.contains("| class | pixels | issues | rate | baseline |\n"))
        #expect(summary.markdown.contains("| sky | 1,250,000 | 1,000 | 0.0800 % | 50.00 % |\n"))
        #expect(summary.markdown.contains("| road | 1,250,000 | 250 | 0.0200 % | none |\n"))
        #expect(summary.markdown.contains("\nBaseline: 0.0500 %, as now; 1 image is new among the worst: img\\_7.\n"))
    }

    // MARK: JUnit

    /// The elements of an XML document, in order; a document that is not well-formed has none.
    private final class Elements: NSObject, XMLParserDelegate {
        var starts: [(name: String, attributes: [String: String])] = []
        var text: [String: String] = [:]
        private var open: [String] = []

        static func of(_ document: String) -> Elements {
            let elements = Elements()
            let parser = XMLParser(data: Data(document.utf8))
            parser.delegate = elements
            if !parser.parse() { elements.starts = [] }
            return elements
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            starts.append((name, attributes))
            open.append(name)
        }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            open.removeLast()
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            text[open.last ?? "", default: ""] += string
        }

        func attributes(_ name: String) -> [[String: String]] {
            starts.filter { $0.name == name }.map(\.attributes)
        }
    }

    @Test("the XML has a test case a gate of the whole and a class, failures with their figures")
    func junit() {
        let found = Elements.of(summary(gates: [Self.failed, Self.passedClass, Self.failedClass]).junit)
        for element in ["testsuites", "testsuite"] {
            let attributes = found.attributes(element).first
            #expect(attributes?["tests"] == "4")
            #expect(attributes?["failures"] == "2")
            #expect(attributes?["errors"] == "0")
            #expect(attributes?["time"] == "1.500")
        }
        #expect(found.attributes("testsuite").first?["name"] == "masklint")
        #expect(found.attributes("testcase").map { $0["name"] } == ["fail-over", "0 sky", "1 road", "2 wall"])
        #expect(
            found.attributes("testcase").map { $0["classname"] }
                == ["masklint.gate", "masklint.class", "masklint.class", "masklint.class"])
        #expect(
            found.attributes("failure").map { $0["message"] } == [
                "The issue rate of 0.0500 % is above 0.01 %.",
                "Class road: the issue rate of 0.0200 % is above 0.01 %.",
            ])
        #expect(
            found.text["failure"]
                == "issue rate 0.0500 % is above --fail-over 0.01 %class road: issue rate 0.0200 % is above "
                + "--fail-over-class 0.01 %")
        #expect(found.attributes("property").contains { $0 == ["name": "issues", "value": "1250"] })
    }

    @Test("without a gate every class passes")
    func junitWithoutGates() {
        let found = Elements.of(summary().junit)
        #expect(found.attributes("testsuite").first?["failures"] == "0")
        #expect(found.attributes("testcase").count == 3)
        #expect(found.attributes("failure").isEmpty)
    }

    @Test(
        "the XML is well-formed whatever a class is called, and has its name",
        arguments: [
            (hostile, "0 a|b <script>&\"'\\`*_[x](y)\n# \u{fffd}\u{fffd}\u{fffd}]]>"), ("", "0 "), ("é 路 😀", "0 é 路 😀"),
            ("\u{fffe}", "0 \u{fffd}"),
        ])
    func junitNames(name: String, shown: String) {
        let found = Elements.of(summary(gates: [Self.passedClass], name: name).junit)
        // In an attribute a line break reads as a space.
        #expect(found.attributes("testcase").first?["name"] == shown.replacingOccurrences(of: "\n", with: " "))
    }
}
