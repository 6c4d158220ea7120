import TestSupport
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct GateTextTests {
    private static func gate(
        _ kind: GateResult.Kind, class index: Int? = nil, limit: GateFigure, value: GateFigure, baseline: Double? = nil,
        passed: Bool = false
    ) -> GateResult {
        GateResult(
            kind: kind, classIndex: index, limit: limit, value: value, baseline: baseline, isPassed: passed)
    }

    private func summary(gates: [GateResult] = [], new: [String] = ["a", "b\n"]) -> AuditSummary {
        var summary = SummaryReportTests.summary(isNamed: true)
        summary.gates = gates
        summary.comparison = BaselineComparison(
            file: "old.json", issueRate: 0.0004, classRates: [0.0008, nil, 0],
            newWorstImages: new.enumerated().map {
                .init(name: $0.element, index: $0.offset, isNamed: $0.element != "1", issues: 1, pixels: 1)
            })
        return summary
    }

    @Test(
        "a gate is one line with its option and one sentence, with as many digits as say which is more",
        arguments: [
            (
                gate(.failOver, limit: .rate(0.05), value: .rate(0.0710234567890123)),
                "issue rate 7.10 % is above --fail-over 5 %", "The issue rate of 7.10 % is above 5 %."
            ),
            (
                gate(.failOver, limit: .rate(0.07), value: .rate(0.07), passed: true),
                "issue rate 7.00 % is not above --fail-over 7 %", "The issue rate of 7.00 % is not above 7 %."
            ),
            (
                gate(.failOver, limit: .rate(0), value: .rate(0), passed: true),
                "issue rate 0.00 % is not above --fail-over 0 %", "The issue rate of 0.00 % is not above 0 %."
            ),
            (
                gate(.failOver, limit: .rate(0), value: .rate(1e-9)),
                "issue rate 0.0000001 % is above --fail-over 0 %", "The issue rate of 0.0000001 % is above 0 %."
            ),
            (
                gate(.failOver, limit: .rate(0.05), value: .rate(0.0499999), passed: true),
                "issue rate 5.00 % is not above --fail-over 5 %", "The issue rate of 5.00 % is not above 5 %."
            ),
            (
                gate(.failOver, limit: .rate(0.05), value: .rate(0.0500001)),
                "issue rate 5.00001 % is above --fail-over 5 %", "The issue rate of 5.00001 % is above 5 %."
            ),
            (
                gate(.failOver, limit: .rate(0.123449), value: .rate(0.12345)),
                "issue rate 12.35 % is above --fail-over 12.3449 %", "The issue rate of 12.35 % is above 12.3449 %."
            ),
            (
                gate(.failOver, limit: .count(1000), value: .count(12345)),
                "12345 flagged pixels are above --fail-over 1000", "12,345 flagged pixels are above 1,000."
            ),
            (
                gate(.failOverClass, class: 1, limit: .rate(0.25), value: .rate(0.5)),
                "class road: issue rate 50.00 % is above --fail-over-class 25 %",
                "Class road: the issue rate of 50.00 % is above 25 %."
            ),
            (
                gate(.failIfWorseBy, limit: .rate(0), value: .rate(0.5), baseline: 0.25),
                "issue rate 50.00 % is above the baseline's 25.00 % by more than --fail-if-worse-by 0 %",
                "The issue rate of 50.00 % is 25.00 % more than in the baseline, 0 % more is allowed."
            ),
            (
                gate(.failIfWorseBy, limit: .rate(0), value: .rate(0.250001), baseline: 0.25),
                "issue rate 25.0001 % is above the baseline's 25.0000 % by more than --fail-if-worse-by 0 %",
                "The issue rate of 25.00 % is 0.0001 % more than in the baseline, 0 % more is allowed."
            ),
            (
                gate(.failIfWorseBy, class: 0, limit: .rate(0.01), value: .rate(0.25), baseline: 0.5, passed: true),
                "class sky: issue rate 25.00 % is not above the baseline's 50.00 % by more than --fail-if-worse-by 1 %",
                "Class sky: the issue rate of 25.00 % is 25.00 % less than in the baseline, 1 % more is allowed."
            ),
            (
                gate(.failIfWorseBy, limit: .rate(0.01), value: .rate(0.25), baseline: 0.25, passed: true),
                "issue rate 25.00 % is not above the baseline's 25.00 % by more than --fail-if-worse-by 1 %",
                "The issue rate of 25.00 % is as in the baseline, 1 % more is allowed."
            ),
            (
                gate(.failOnNewWorst, limit: .count(0), value: .count(2)),
                "2 images are new among the worst: a, b\\u{a} (--fail-on-new-worst)",
                "2 images are new among the worst: a, b\\u{a}."
            ),
        ] as [(GateResult, String, String)])
    func texts(gate: GateResult, line: String, sentence: String) {
        #expect(gate.line(summary()) == line)
        #expect(gate.sentence(summary()) == sentence)
    }

    @Test("a gate over no counted pixel says that it has nothing to judge")
    func nothing() {
        let whole = GateResult(kind: .failOver, limit: .rate(0.1), value: .rate(0), isOverNothing: true, isPassed: true)
        #expect(whole.line(summary()) == "no pixel is counted, so the gate has nothing to judge (--fail-over)")
        #expect(whole.sentence(summary()) == "No pixel is counted, so the gate has nothing to judge.")
        let one = GateResult(
            kind: .failOverClass, classIndex: 1, limit: .count(5), value: .count(0), isOverNothing: true, isPassed: true
        )
        #expect(one.line(summary()).hasPrefix("class road: no pixel is counted"))
        #expect(one.sentence(summary()).hasPrefix("Class road: no pixel is counted"))
    }

    @Test("a gate in the JSON object has its figures in their unit")
    func json() throws {
        let gates = [
            Self.gate(.failOver, limit: .count(2), value: .count(3)),
            Self.gate(.failIfWorseBy, class: 1, limit: .rate(0.5), value: .rate(0.25), baseline: 0.125, passed: true),
            Self.gate(.failOnNewWorst, limit: .count(0), value: .count(2)),
        ]
        let json = try JSONValue(parsing: summary(gates: gates).json.text)["gates"]
        #expect(json?.elements.count == 3)
        #expect(
            json?.elements[0]
                == (try JSONValue(
                    parsing: """
                        {"name":"fail-over","class":null,"unit":"pixels","limit":2,"value":3,"baseline":null,"passed":false}
                        """)))
        #expect(
            json?.elements[1]
                == (try JSONValue(
                    parsing: """
                        {"name":"fail-if-worse-by","class":1,"unit":"rate","limit":0.5,"value":0.25,"baseline":0.125,"passed":true}
                        """)))
        #expect(json?.elements[2]["unit"] == .string("images"))
    }

    @Test("the comparison in the JSON object has changes where both runs have rates")
    func comparison() throws {
        let json = try JSONValue(parsing: summary().json.text)["comparison"]
        #expect(json?["file"] == .string("old.json"))
        #expect(json?["issue_rate"] == .number(0.0004))
        #expect(json?["change"]?.number.map { abs($0 - 0.0001) < 1e-15 } == true)
        let classes = json?["per_class"]?.elements
        #expect(classes?.map { $0["issue_rate"] } == [.number(0.0008), .null, .number(0)])
        #expect(classes?.map { $0["change"] } == [.number(0), .null, .null])
        #expect(json?["new_worst_images"] == .array([.string("a"), .string("b\n")]))
        let unnamed = try JSONValue(parsing: summary(new: ["0", "1"]).json.text)["comparison"]
        #expect(unnamed?["new_worst_images"] == .array([.string("0"), .number(1)]))
    }

    @Test("the text for people has the baseline's rate and images that are new among the worst")
    func text() {
        #expect(
            summary().text.contains(
                "\nbaseline  0.0400 %, now 0.0100 % more; 2 images are new among the worst: a, b\\u{a}\n\nclass"))
        #expect(summary(new: []).text.contains("; no image is new among the worst\n"))
    }
}
