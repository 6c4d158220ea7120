public import MaskAudit

extension GateResult {
    /// One line with every digit, for standard error.
    public func line(_ summary: AuditSummary) -> String {
        let place = classIndex.map { "class \(summary.className($0)): " } ?? ""
        let option = "--\(kind.rawValue)"
        if isOverNothing { return "\(place)\(Self.nothingText) (\(option))" }
        switch (value, limit) {
        case (.rate(let rate), .rate(let most)):
            guard let baseline else { return "\(place)issue rate \(rate) is \(side) \(option) \(most)" }
            return "\(place)issue rate \(rate) is \(side) the baseline's \(baseline) by more than \(option) \(most)"
        case (.count(let count), .count(let most)):
            guard kind == .failOnNewWorst else {
                return "\(place)\(count) flagged pixels are \(side) \(option) \(most)"
            }
            return "\(newImages(summary)) (\(option))"
        default: return "\(place)\(option)"
        }
    }

    /// One sentence with rounded figures, for people.
    func sentence(_ summary: AuditSummary) -> String {
        let text = phrase(summary)
        let place = classIndex.map { "Class \(summary.className($0)): " } ?? ""
        return place.isEmpty ? text.prefix(1).uppercased() + text.dropFirst() + "." : place + text + "."
    }

    /// Of a gate over no counted pixel, which never passes.
    private static let nothingText = "no pixel is counted, so the gate has nothing to judge"

    private func phrase(_ summary: AuditSummary) -> String {
        if isOverNothing { return Self.nothingText }
        switch (value, limit) {
        case (.rate(let rate), .rate(let most)):
            let text = percent(rate)
            guard let baseline else {
                // Two rates that print alike are told apart by their digits.
                let limit = percent(most) == text && !isPassed ? "\(most * 100) %" : percent(most)
                return "the issue rate of \(text) is \(side) \(limit)"
            }
            let change =
                rate == baseline ? "as" : "\(percent(abs(rate - baseline))) \(rate > baseline ? "more" : "less") than"
            return "the issue rate of \(text) is \(change) in the baseline, \(percent(most)) more is allowed"
        case (.count(let count), .count(let most)):
            guard kind == .failOnNewWorst else {
                return "\(counted(count, "flagged pixel")) \(count == 1 ? "is" : "are") \(side) \(grouped(most))"
            }
            return newImages(summary)
        default: return ""
        }
    }

    private var side: String { isPassed ? "not above" : "above" }

    private func newImages(_ summary: AuditSummary) -> String {
        summary.comparison?.newImages ?? ""
    }

    var json: JSONText {
        let (unit, limitValue) = Self.figure(limit)
        return .object([
            ("name", .string(kind.rawValue)),
            ("class", .optional(classIndex)),
            ("unit", .string(kind == .failOnNewWorst ? "images" : unit)),
            ("limit", limitValue),
            ("value", Self.figure(value).value),
            ("baseline", .optional(baseline)),
            ("passed", .bool(isPassed)),
        ])
    }

    private static func figure(_ figure: GateFigure) -> (unit: String, value: JSONText) {
        switch figure {
        case .rate(let rate): ("rate", .number(rate))
        case .count(let count): ("pixels", .integer(count))
        }
    }
}

extension AuditSummary {
    /// `Gate failed.`, or with several gates how many did.
    var gateVerdict: String {
        let failed = failedGates.count
        if gates.count == 1 { return failed == 1 ? "Gate failed." : "Gate passed." }
        return failed == 0 ? "All \(gates.count) gates passed." : "\(failed) of \(gates.count) gates failed."
    }
}

extension BaselineComparison {
    var newImages: String {
        guard !newWorstImages.isEmpty else { return "no image is new among the worst" }
        return
            "\(counted(newWorstImages.count, "image")) \(newWorstImages.count == 1 ? "is" : "are") new among the worst: "
            + newWorstImages.map { printable($0.name) }.joined(separator: ", ")
    }

    /// The baseline's rate, how far this run's is from it, and images that are new among the worst.
    func text(_ summary: AuditSummary) -> String {
        let change = summary.issueRate - issueRate
        let difference = change == 0 ? "as now" : "now \(percent(abs(change))) \(change > 0 ? "more" : "less")"
        return "\(percent(issueRate)), \(difference); \(newImages)"
    }

    /// What changed since the baseline: the rate of the whole, by class, and images that are new among the worst.
    func json(_ summary: AuditSummary) -> JSONText {
        .object([
            ("file", .string(file)),
            ("issue_rate", .number(issueRate)),
            ("change", .number(summary.issueRate - issueRate)),
            (
                "per_class",
                .array(
                    summary.perClass.map { row in
                        let before = classRates[row.index]
                        let now = row.rate
                        let change = before.flatMap { before in now.map { $0 - before } }
                        return .object([
                            ("class", .integer(row.index)), ("issue_rate", .optional(before)),
                            ("change", .optional(change)),
                        ])
                    })
            ),
            ("new_worst_images", .array(newWorstImages.map(\.label))),
        ])
    }
}
