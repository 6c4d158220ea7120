import ConfidentLearning
import Testing

@testable import MaskAudit

@Suite struct GatePlanTests {
    @Test(
        "a limit with a point, an exponent, a percent sign, or of 0 or 1 is a rate; another whole number is a count",
        arguments: [
            ("0", .rate(0)), ("1", .rate(1)), ("0.02", .rate(0.02)), ("1.0", .rate(1)), ("1e-3", .rate(0.001)),
            ("2%", .rate(0.02)), ("0.5%", .rate(0.005)), ("100%", .rate(1)), (".5", .rate(0.5)), ("2", .count(2)),
            ("100000", .count(100_000)),
        ] as [(String, GateFigure)])
    func limits(text: String, limit: GateFigure) { #expect(GateFigure(text) == limit) }

    @Test(
        "what is neither is refused",
        arguments: [
            "", "%", "nan", "inf", "-0.1", "-1", "1.5", "2.0", "101%", "0x1p-3", "1,000", " 1", "0.1 %", "10px",
        ])
    func notLimits(text: String) { #expect(GateFigure(text) == nil) }

    /// 10 of 100, by class 8 of 40, 2 of 60 and 0 of 0.
    private func summary(names: [String]? = nil) -> AuditSummary {
        AuditSummary(
            images: 3, classes: 3, pixels: 110, ignoredPixels: 10, issues: 10, rule: .lowSelfConfidence, downsample: 1,
            perClass: [(40, 8), (60, 2), (0, 0)].enumerated().map { index, row in
                .init(index: index, name: names?[index], pixels: row.0, issues: row.1, threshold: nil)
            },
            swaps: [], worstImages: ["a", "b"].map { .init(name: $0, index: 0, isNamed: true, issues: 5, pixels: 50) },
            warnings: [], seconds: 0, bytesRead: 0)
    }

    private func baseline(
        issues: [Int] = [8, 2, 0], pixels: [Int] = [40, 60, 0], names: [String]? = nil, worst: [String] = ["a", "b"]
    ) -> AuditBaseline {
        AuditBaseline(
            file: "old.json", rule: "low_self_confidence", downsample: 1, onlyClass: nil,
            countedPixels: pixels.reduce(0, +), issues: issues.reduce(0, +),
            perClass: zip(issues, pixels).enumerated().map {
                .init(name: names?[$0.offset], pixels: $0.element.1, issues: $0.element.0)
            }, worstImages: worst)
    }

    private func results(_ gates: GatePlan, names: [String]? = nil) -> [GateResult] {
        let summary = summary(names: names)
        return gates.results(summary, comparison: gates.comparison(summary))
    }

    @Test("without options there is no gate")
    func none() { #expect(results(GatePlan()) == []) }

    @Test(
        "a limit is exceeded by more, not by as much",
        arguments: [
            (.rate(0.1), true), (.rate(0.0999), false), (.count(10), true), (.count(9), false), (.rate(0), false),
            (.rate(1), true),
        ] as [(GateFigure, Bool)])
    func limit(limit: GateFigure, isPassed: Bool) {
        var gates = GatePlan()
        gates.limit = limit
        #expect(results(gates).map(\.isPassed) == [isPassed])
    }

    @Test(
        "a class is held against its own counted pixels, by number or name",
        arguments: [
            ("0", .rate(0.19), [0], [false]), ("0", .rate(0.2), [0], [true]), ("road", .count(7), [0], [false]),
            ("2", .rate(1), [2], [false]), ("car", .rate(0.01), [1], [false]), ("1", .count(2), [1], [true]),
        ] as [(String, GateFigure, [Int], [Bool])])
    func classLimit(name: String, limit: GateFigure, classes: [Int], isPassed: [Bool]) {
        var gates = GatePlan()
        gates.classLimits = [.init(name: name, limit: limit)]
        let found = results(gates, names: ["road", "car", "sky"])
        #expect(found.map(\.classIndex) == classes)
        #expect(found.map(\.isPassed) == isPassed)
    }

    @Test("no gate over no counted pixel is passed, and each says so")
    func nothing() {
        var gates = GatePlan()
        gates.limit = .rate(1)
        gates.classLimits = [.init(name: "2", limit: .count(1000))]
        gates.baseline = baseline()
        gates.failsOnNewWorst = true
        var summary = summary()
        (summary.ignoredPixels, summary.issues, summary.worstImages) = (summary.pixels, 0, [])
        for index in summary.perClass.indices {
            (summary.perClass[index].pixels, summary.perClass[index].issues) = (0, 0)
        }
        let found = gates.results(summary, comparison: gates.comparison(summary))
        #expect(found.map(\.kind) == [.failOver, .failOverClass, .failIfWorseBy, .failOnNewWorst])
        #expect(found.allSatisfy { $0.isOverNothing && !$0.isPassed })
    }

    @Test("a name that looks like a number is a name first, and all classes of one name are meant")
    func names() {
        var gates = GatePlan()
        gates.classLimits = [.init(name: "0", limit: .rate(1))]
        #expect(results(gates, names: ["1", "0", "0"]).map(\.classIndex) == [1, 2])
    }

    @Test(
        "an increase is more than what is allowed, rounding aside",
        arguments: [
            ([8, 2, 0], 0, [true, true, true]), ([7, 2, 0], 0, [false, false, true]),
            ([7, 2, 0], 0.01, [true, false, true]), ([7, 2, 0], 0.025, [true, true, true]),
            ([9, 3, 0], 0, [true, true, true]),
        ] as [([Int], Double, [Bool])])
    func worse(issues: [Int], allowed: Double, isPassed: [Bool]) {
        var gates = GatePlan()
        gates.baseline = baseline(issues: issues)
        gates.allowedIncrease = allowed
        let found = results(gates)
        #expect(found.map(\.classIndex) == [nil, 0, 1])
        #expect(found.map(\.isPassed) == isPassed)
    }

    @Test("a class that the baseline had no pixel of is not compared")
    func newClass() {
        var gates = GatePlan()
        gates.baseline = baseline(issues: [0, 10, 0], pixels: [0, 100, 0])
        #expect(results(gates).map(\.classIndex) == [nil, 1])
    }

    @Test("images that are new among the worst are named, and fail only on request")
    func newWorst() {
        var gates = GatePlan()
        gates.baseline = baseline(worst: ["b", "c"])
        #expect(gates.comparison(summary())?.newWorstImages.map(\.name) == ["a"])
        #expect(!results(gates).contains { !$0.isPassed })
        gates.failsOnNewWorst = true
        #expect(
            results(gates).last
                == GateResult(kind: .failOnNewWorst, limit: .count(0), value: .count(1), isPassed: false))
        gates.baseline = baseline(worst: ["b", "a"])
        #expect(results(gates).last?.isPassed == true)
    }

    struct Unlike: Sendable, CustomTestStringConvertible {
        var text: String
        var change: @Sendable (inout AuditBaseline) -> Void
        var testDescription: String { text }
    }

    @Test(
        "a baseline of another kind of run names what differs",
        arguments: [
            Unlike(text: "has 2 classes, this run has 3") { $0.perClass.removeLast() },
            Unlike(text: "filter_by is both, in this run low_self_confidence") { $0.rule = "both" },
            Unlike(text: "downsample is 4, in this run 1") { $0.downsample = 4 },
            Unlike(text: "only_class is 2, in this run not set") { $0.onlyClass = 2 },
            Unlike(text: "class 1 is bus, in this run car") { $0.perClass[1].name = "bus" },
        ])
    func unlike(unlike: Unlike) {
        var gates = GatePlan()
        var old = baseline(names: ["road", "car", "sky"])
        unlike.change(&old)
        gates.baseline = old
        let plan = AuditPlan(labels: .init(paths: ["l"]), predProbs: .init(paths: ["p"]))
        let error = #expect(throws: AuditError.self) {
            try gates.check(plan, classCount: 3, names: ["road", "car", "sky"])
        }
        #expect(
            error?.description
                == "old.json: \(unlike.text); the two cannot be compared; name a summary of a run like this one with "
                + "--baseline")
    }

    @Test("a baseline without class names goes with a run that has them")
    func unnamed() throws {
        var gates = GatePlan()
        gates.baseline = baseline()
        let plan = AuditPlan(labels: .init(paths: ["l"]), predProbs: .init(paths: ["p"]))
        try gates.check(plan, classCount: 3, names: ["road", "car", "sky"])
    }

    @Test("a gate of a class that is not there says which there are")
    func noSuchClass() {
        var plan = AuditPlan(labels: .init(paths: ["l"]), predProbs: .init(paths: ["p.npy"]))
        func message(_ name: String, names: [String]?) -> String? {
            var gates = GatePlan()
            gates.classLimits = [.init(name: name, limit: .rate(0))]
            return #expect(throws: AuditError.self) { try gates.check(plan, classCount: 3, names: names) }?.description
        }
        #expect(
            message("3", names: nil)
                == "p.npy: --fail-over-class 3 is no class of 3; name one from 0 to 2, or give names with --class-names"
        )
        plan.dataset.classNamesFile = "n.txt"
        #expect(
            message("raod", names: ["road", "car", "sky"])
                == "n.txt: --fail-over-class raod is no class name in it; did you mean road?")
        #expect(
            message("tree", names: ["road", "car", "sky"])
                == "n.txt: --fail-over-class tree is no class name in it; name one of them, or a number from 0 to 2")
    }
}
