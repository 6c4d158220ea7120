import ConfidentLearning
public import MaskAudit

extension AuditSummary {
    /// The summary as JUnit's XML, which build servers show as tests: a test case for each gate of the whole dataset and
    /// for each class; a class fails where one of its gates does.
    ///
    /// **Edge cases.** Without a gate nothing fails.
    public var junit: String {
        let whole = gates.filter { $0.classIndex == nil }
        let byClass = Dictionary(grouping: gates.filter { $0.classIndex != nil }) { $0.classIndex ?? 0 }
        let failures =
            whole.count { !$0.isPassed } + byClass.values.count { $0.contains { !$0.isPassed } }
        let counts = "tests=\"\(whole.count + perClass.count)\" failures=\"\(failures)\" errors=\"0\""
        let time = "time=\"\(fixed(seconds, decimals: 3))\""
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites \(counts) \(time)>\n"
        out += "  <testsuite name=\"masklint\" \(counts) skipped=\"0\" \(time)>\n    <properties>\n"
        for (name, value) in properties {
            out += "      <property name=\"\(name)\" value=\"\(escapedForHTML(value))\"/>\n"
        }
        out += "    </properties>\n"
        for gate in whole { out += testCase("masklint.gate", gate.kind.rawValue, [gate], gate.sentence(self)) }
        for row in perClass {
            let figures =
                "\(grouped(row.issues)) of \(grouped(row.pixels)) counted pixels flagged"
                + (row.rate.map { " (\(percent($0)))" } ?? "")
            out += testCase("masklint.class", row.label, byClass[row.index] ?? [], figures)
        }
        return out + "  </testsuite>\n</testsuites>\n"
    }

    private var properties: [(String, String)] {
        [
            ("version", masklintVersion), ("issues", String(issues)), ("counted_pixels", String(countedPixels)),
            ("issue_rate", "\(issueRate)"), ("filter_by", rule.rawValue), ("downsample", String(downsample)),
        ]
    }

    private func testCase(_ group: String, _ name: String, _ gates: [GateResult], _ figures: String) -> String {
        let head = "    <testcase classname=\"\(group)\" name=\"\(escapedForHTML(name))\" time=\"0\">\n"
        let failed = gates.filter { !$0.isPassed }
        var out = head
        if let first = failed.first {
            let lines = failed.map { $0.line(self) }.joined(separator: "\n")
            out += "      <failure message=\"\(escapedForHTML(first.sentence(self)))\" type=\"\(first.kind.rawValue)\">"
            out += escapedForHTML(lines) + "</failure>\n"
        }
        return out + "      <system-out>\(escapedForHTML(figures))</system-out>\n    </testcase>\n"
    }
}
