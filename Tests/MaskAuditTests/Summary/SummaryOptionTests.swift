import ConfidentLearning
import MaskAudit
import NumPyFiles
import TestSupport
import Testing

/// `--only-class`, `--exclude` and `--top`.
@Suite struct SummaryOptionTests {
    /// Six pixels, certain of one class each; given -> predicted: 0 -> 1 twice, 0 -> 2, 1 -> 2, 2 -> 0, 2 -> 2.
    private func plan(_ folder: TemporaryFolder) throws -> FindPlan {
        let given: [UInt8] = [0, 0, 0, 1, 2, 2]
        let predicted = [1, 1, 2, 2, 0, 2]
        try folder.write(npy(header: npyDict("|u1", [1, 2, 3]) + "\n", data: given), to: "l.npy")
        let values = (0..<3).flatMap { label in predicted.map { $0 == label ? Float(1) : 0 } }
        try folder.write(
            npy(header: npyDict("<f4", [1, 3, 2, 3]) + "\n", data: values.flatMap { little($0.bitPattern, 4) }),
            to: "p.npy")
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("l.npy")]), predProbs: InputSelection(paths: [folder("p.npy")]),
            output: folder("o.npz"))
        plan.audit.rule.filter = .predictedNeqGiven
        return plan
    }

    private func mask(_ folder: TemporaryFolder) throws -> [UInt8] {
        let file = try ArrayFile(path: folder("o.npz"))
        let stream = try file.stream(try #require(file.arrays.first { $0.key == "label_issues" }))
        var bytes: [UInt8] = []
        try stream.read(count: stream.header.byteCount, into: &bytes)
        return bytes
    }

    private func text(_ swaps: [AuditSummary.Swap]) -> [String] {
        swaps.map { "\($0.given) -> \($0.suggested): \($0.pixels)" }
    }

    @Test(
        "masks and counts keep the issues whose given or suggested label is the class",
        arguments: [
            (Int?.none, [1, 1, 1, 1, 1, 0] as [UInt8]), (0, [1, 1, 1, 0, 1, 0]), (1, [1, 1, 0, 1, 0, 0]),
            (2, [0, 0, 1, 1, 1, 0]),
        ])
    func onlyClass(label: Int?, expected: [UInt8]) throws {
        let folder = try TemporaryFolder()
        var plan = try plan(folder)
        plan.audit.rule.onlyClass = label
        let summary = try FindRun(plan: plan).run()
        #expect(try mask(folder) == expected)
        #expect(summary.issues == expected.count { $0 == 1 })
        #expect(summary.swaps.reduce(0) { $0 + $1.pixels } == summary.issues)
        #expect(summary.perClass.reduce(0) { $0 + $1.issues } == summary.issues)
        #expect(summary.onlyClass == label)
    }

    @Test("swaps that suggest an excluded class are left out of the summary alone")
    func exclude() throws {
        let folder = try TemporaryFolder()
        var plan = try plan(folder)
        #expect(text(try FindRun(plan: plan).run().swaps) == ["0 -> 1: 2", "0 -> 2: 1", "1 -> 2: 1", "2 -> 0: 1"])
        plan.summary.excludedSuggestions = [2, 0]
        let summary = try FindRun(plan: plan).run()
        #expect(text(summary.swaps) == ["0 -> 1: 2"])
        #expect(summary.issues == 5)
        #expect(try mask(folder) == [1, 1, 1, 1, 1, 0])
    }

    @Test("the summary says how many swaps are to be listed")
    func top() throws {
        let folder = try TemporaryFolder()
        var plan = try plan(folder)
        #expect(try FindRun(plan: plan).run().listedSwapCount == 10)
        plan.summary.listedSwapCount = 2
        let summary = try FindRun(plan: plan).run()
        #expect(summary.listedSwapCount == 2)
        #expect(summary.swaps.count == 4)
    }

    @Test("an option that names no class says which there are")
    func noSuchClass() throws {
        let folder = try TemporaryFolder()
        var plan = try plan(folder)
        plan.audit.rule.onlyClass = 3
        let error = #expect(throws: AuditError.self) { try FindRun(plan: plan).run() }
        #expect(
            error?.description == "\(folder("p.npy")): --only-class 3 is no class of 3; name one from 0 to 2")
        plan.audit.rule.onlyClass = nil
        plan.summary.excludedSuggestions = [1, 7]
        #expect(
            #expect(throws: AuditError.self) { try FindRun(plan: plan).run() }?.description
                == "\(folder("p.npy")): --exclude 7 is no class of 3; name one from 0 to 2")
    }
}
