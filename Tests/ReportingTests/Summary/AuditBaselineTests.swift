import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct AuditBaselineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String) throws -> AuditBaseline {
        try AuditBaseline(path: try folder.write(Array(text.utf8), to: "b.json"))
    }

    @Test("a summary reads back as a baseline", arguments: [false, true])
    func reads(isNamed: Bool) throws {
        var summary = SummaryReportTests.summary(isNamed: isNamed)
        summary.onlyClass = 1
        summary.downsample = 4
        let baseline = try read(summary.json.text)
        #expect(baseline.file == folder("b.json"))
        #expect(baseline.rule == "low_self_confidence")
        #expect(baseline.downsample == 4)
        #expect(baseline.onlyClass == 1)
        #expect(baseline.countedPixels == 2_500_000)
        #expect(baseline.issueRate == summary.issueRate)
        #expect(baseline.perClass.map(\.issues) == [1000, 250, 0])
        #expect(baseline.perClass.map(\.pixels) == [1_250_000, 1_250_000, 0])
        #expect(baseline.perClass.map(\.name) == (isNamed ? ["sky", "road", "wall"] : [nil, nil, nil]))
        #expect(baseline.worstImages == (isNamed ? ["img_7", "img_30"] : ["7", "30"]))
    }

    @Test("a summary without a number of its schema is read, one of a later schema is not")
    func schema() throws {
        let text = SummaryReportTests.summary().json.text
        let key = "\"schema_version\":1,"
        #expect(text.contains(key))
        _ = try read(text.replacing(key, with: ""))
        let error = #expect(throws: AuditError.self) {
            try read(text.replacing(key, with: "\"schema_version\":2,"))
        }
        #expect(error?.description.contains("b.json: has schema_version 2, 1 is read; ") == true)
    }

    @Test(
        "what is no summary is named",
        arguments: [
            ("{}", "is no summary of masklint"), ("[1]", "is no summary of masklint"),
            ("{\"tool\":\"other\"}", "is no summary of masklint"),
            ("{\"tool\":\"masklint\"}", "is no summary of issues: filter_by is not as it is written"),
            ("{\"tool\":\"masklint\",\"filter_by\":\"both\"}", "per_class is not as it is written"),
            (
                "{\"tool\":\"masklint\",\"filter_by\":\"both\",\"per_class\":[{\"pixels\":-1}],\"worst_images\":[]}",
                "per_class[0] is not as it is written"
            ),
            ("{\"tool\"", "line 1 column 8 is no JSON: a colon is needed"),
        ])
    func refused(text: String, finding: String) {
        let error = #expect(throws: AuditError.self) { try read(text) }
        #expect(error?.description.hasPrefix("\(folder("b.json")): ") == true)
        #expect(error?.description.contains(finding) == true)
    }

    @Test("a file that is not there is named")
    func missing() {
        let error = #expect(throws: AuditError.self) { try AuditBaseline(path: folder("none.json")) }
        #expect(error?.description == "\(folder("none.json")): no such file or folder; check the path")
    }
}
