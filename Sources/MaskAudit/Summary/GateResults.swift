extension GatePlan {
    /// What a difference of two rates may be off by for rounding alone.
    private static let rounding = 1e-12

    /// Throws where a gate names a class that is not there, or the baseline is of another kind of run.
    func check(_ plan: AuditPlan, classCount: Int, names: [String]?) throws(AuditError) {
        for limit in classLimits where classes(limit.name, classCount, names).isEmpty {
            let option = "--fail-over-class \(printable(limit.name))"
            guard let file = plan.dataset.classNamesFile, let names else {
                throw .input(
                    printable(plan.dataset.predProbs.paths.first ?? ""), "\(option) is no class of \(classCount)",
                    remedy: "name one from 0 to \(classCount - 1), or give names with --class-names")
            }
            let near = nearestName(to: printable(limit.name), among: names)
            throw .input(
                printable(file), "\(option) is no class name in it",
                remedy: near.map { "did you mean \($0)?" }
                    ?? "name one of them, or a number from 0 to \(classCount - 1)")
        }
        try baseline?.check(plan.rule, classCount: classCount, names: names)
    }

    /// Every gate held against what was found, in the order of the options, then of the classes.
    ///
    /// **Edge cases.** A gate over no counted pixel is not passed: nothing was found because nothing was looked at.
    func results(_ summary: AuditSummary, comparison: BaselineComparison?) -> [GateResult] {
        var results: [GateResult] = []
        if let limit {
            let value = GateFigure(issues: summary.issues, of: summary.countedPixels, as: limit)
            results.append(
                GateResult(
                    kind: .failOver, limit: limit, value: value, isOverNothing: summary.countedPixels == 0,
                    isPassed: !value.isAbove(limit)))
        }
        let names = summary.perClass.compactMap(\.name)
        for gate in classLimits {
            for index in classes(gate.name, summary.classes, names.isEmpty ? nil : names) {
                let row = summary.perClass[index]
                let value = GateFigure(issues: row.issues, of: row.pixels, as: gate.limit)
                results.append(
                    GateResult(
                        kind: .failOverClass, classIndex: index, limit: gate.limit, value: value,
                        isOverNothing: row.pixels == 0, isPassed: !value.isAbove(gate.limit)))
            }
        }
        guard let comparison else { return results }
        results.append(
            worse(summary.issueRate, comparison.issueRate, class: nil, isOverNothing: summary.countedPixels == 0))
        for row in summary.perClass where row.pixels > 0 {
            guard let before = comparison.classRates[row.index] else { continue }
            results.append(worse(Double(row.issues) / Double(row.pixels), before, class: row.index))
        }
        if failsOnNewWorst {
            let count = comparison.newWorstImages.count
            results.append(
                GateResult(
                    kind: .failOnNewWorst, limit: .count(0), value: .count(count),
                    isOverNothing: summary.countedPixels == 0, isPassed: count == 0))
        }
        return results
    }

    /// What changed since the baseline; nil without one.
    func comparison(_ summary: AuditSummary) -> BaselineComparison? {
        guard let baseline else { return nil }
        let known = Set(baseline.worstImages)
        return BaselineComparison(
            file: baseline.file, issueRate: baseline.issueRate,
            classRates: baseline.perClass.indices.map(baseline.rate),
            newWorstImages: summary.worstImages.filter { !known.contains($0.name) })
    }

    private func worse(
        _ rate: Double, _ before: Double, class index: Int?, isOverNothing: Bool = false
    ) -> GateResult {
        GateResult(
            kind: .failIfWorseBy, classIndex: index, limit: .rate(allowedIncrease), value: .rate(rate),
            baseline: before, isOverNothing: isOverNothing,
            isPassed: rate - before <= allowedIncrease + Self.rounding)
    }

    /// Classes of that name, or the one of that number.
    private func classes(_ name: String, _ count: Int, _ names: [String]?) -> [Int] {
        let named = names?.indices.filter { names?[$0] == printable(name) } ?? []
        if !named.isEmpty { return named }
        guard let index = Int(name), (0..<count).contains(index) else { return [] }
        return [index]
    }
}

/// A gate held against what a run found.
public struct GateResult: Sendable, Equatable {
    /// The option that sets the gate.
    public enum Kind: String, Sendable {
        case failOver = "fail-over"
        case failOverClass = "fail-over-class"
        case failIfWorseBy = "fail-if-worse-by"
        case failOnNewWorst = "fail-on-new-worst"
    }

    public var kind: Kind
    /// nil where the gate is of the whole dataset.
    public var classIndex: Int?
    public var limit: GateFigure
    public var value: GateFigure
    /// The rate that the value is compared with; nil for gates without a baseline.
    public var baseline: Double?
    /// Whether the gate is over no counted pixel; such a gate is not passed.
    public private(set) var isOverNothing = false
    public var isPassed: Bool

    package init(
        kind: Kind, classIndex: Int? = nil, limit: GateFigure, value: GateFigure, baseline: Double? = nil,
        isOverNothing: Bool = false, isPassed: Bool
    ) {
        self.kind = kind
        self.classIndex = classIndex
        self.limit = limit
        self.value = value
        self.baseline = baseline
        self.isOverNothing = isOverNothing
        self.isPassed = isPassed && !isOverNothing
    }
}
