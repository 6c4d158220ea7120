public import MaskAudit

extension GateResult {
    /// One line with the option that was exceeded, for standard error.
    public func line(_ summary: AuditSummary) -> String {
        let place = classIndex.map { "class \(summary.className($0)): " } ?? ""
        let option = "--\(kind.rawValue)"
        if isOverNothing { return "\(place)\(Self.nothingText) (\(option))" }
        switch (value, limit) {
        case (.rate(let rate), .rate(let most)):
            let limit = shortPercent(most)
            guard let baseline else {
                return "\(place)issue rate \(comparable(rate, most)) is \(side) \(option) \(limit)"
            }
            let least = max(percentDecimals(rate), percentDecimals(baseline))
            let decimals = decimals(from: least, most) { rounded(rate, $0) - rounded(baseline, $0) }
            return "\(place)issue rate \(percent(rate, decimals: decimals)) is \(side) the baseline's "
                + "\(percent(baseline, decimals: decimals)) by more than \(option) \(limit)"
        case (.count(let count), .count(let most)):
            guard kind == .failOnNewWorst else {
                return "\(place)\(count) flagged pixels are \(side) \(option) \(most)"
            }
            return "\(newImages(summary)) (\(option))"
        default: return "\(place)\(option)"
        }
    }

    /// One sentence for a page or a chat.
    func sentence(_ summary: AuditSummary) -> String {
        let text = phrase(summary)
        let place = classIndex.map { "Class \(summary.className($0)): " } ?? ""
        return place.isEmpty ? text.prefix(1).uppercased() + text.dropFirst() + "." : place + text + "."
    }

    /// The words for a gate over no counted pixel, which never passes.
    private static let nothingText = "no pixel is counted, so the gate has nothing to judge"

    private func phrase(_ summary: AuditSummary) -> String {
        if isOverNothing { return Self.nothingText }
        switch (value, limit) {
        case (.rate(let rate), .rate(let most)):
            let limit = shortPercent(most)
            guard let baseline else { return "the issue rate of \(comparable(rate, most)) is \(side) \(limit)" }
            let change =
                rate > baseline
                ? "\(comparable(rate - baseline, most)) more than"
                : rate == baseline ? "as" : "\(percent(baseline - rate)) less than"
            return "the issue rate of \(percent(rate)) is \(change) in the baseline, \(limit) more is allowed"
        case (.count(let count), .count(let most)):
            guard kind == .failOnNewWorst else {
                return "\(counted(count, "flagged pixel")) \(count == 1 ? "is" : "are") \(side) \(grouped(most))"
            }
            return newImages(summary)
        default: return ""
        }
    }

    /// A rate in as many decimals as show on which side of the limit it is.
    private func comparable(_ rate: Double, _ limit: Double) -> String {
        percent(rate, decimals: decimals(from: percentDecimals(rate), limit) { rounded(rate, $0) })
    }

    /// The fewest decimals of a percentage, `least` or more, in which `figure` is above the limit or not as the gate found.
    private func decimals(from least: Int, _ limit: Double, _ figure: (Int) -> Double) -> Int {
        let most = 12
        // What is printed alike is equal, whatever doubles make of it.
        let bound = rounded(limit, most) + 1e-13
        return (least..<most).first { (figure($0) > bound) != isPassed } ?? most
    }

    /// A rate as a percentage as it is printed in some decimals.
    private func rounded(_ rate: Double, _ decimals: Int) -> Double {
        Double(fixed(rate * 100, decimals: decimals)) ?? 0
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
