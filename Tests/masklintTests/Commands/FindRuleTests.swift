import Foundation
import TestSupport
import Testing

/// The rules and summary options of `find` as the command line has them.
@Suite struct FindRuleTests {
    private let input = "\(fixturesPath)/algorithm/k4-float32-void.npz"

    private func find(_ arguments: [String], output: String) throws -> Tool.Result {
        try Tool.run(["find", "-l", input, "-p", input, "-o", output, "--ignore-label", "255"] + arguments)
    }

    private func object(_ result: Tool.Result) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test(
        "the JSON summary names the rule and holds the joint",
        arguments: ["prune_by_class", "prune_by_noise_rate", "both"])
    func json(rule: String) throws {
        let folder = try TemporaryFolder()
        let found = try object(find(["--filter-by", rule, "--json"], output: folder("o.npz")))
        #expect(found["filter_by"] as? String == rule)
        let joint = try #require(found["confident_joint"] as? [[Int]])
        let perClass = try #require(found["per_class"] as? [[String: Any]])
        #expect(joint.map { $0.reduce(0, +) } == perClass.map { $0["pixels"] as? Int })
    }

    @Test("without --joint the default rule has none")
    func noJoint() throws {
        let folder = try TemporaryFolder()
        let found = try object(find(["--json"], output: folder("o.npz")))
        #expect(found["confident_joint"] is NSNull)
        #expect(found["only_class"] is NSNull)
    }

    @Test("--top bounds the listed swaps, --exclude leaves suggestions out")
    func swaps() throws {
        let folder = try TemporaryFolder()
        let all = ["--filter-by", "predicted_neq_given", "--json", "--top", "100"]
        func swaps(_ arguments: [String]) throws -> [[String: Int]] {
            try #require(try object(find(arguments, output: folder("o.npz")))["swaps"] as? [[String: Int]])
        }
        let every = try swaps(all)
        #expect(every.count == 12)
        #expect(try swaps(all + ["--top", "3"]) == Array(every.prefix(3)))
        #expect(
            try swaps(all + ["--exclude", "0", "--exclude", "2"]) == every.filter { [1, 3].contains($0["suggested"]) })
        let text = try find(["--top", "0"], output: folder("o.npz")).output
        #expect(!text.contains("given -> suggested"))
    }

    @Test("the summary for people says which class was kept")
    func onlyClass() throws {
        let folder = try TemporaryFolder()
        let result = try find(["--only-class", "2"], output: folder("o.npz"))
        #expect(result.output.contains("rule      low_self_confidence, issues of class 2 alone\n"))
    }

    @Test(
        "what does not go together is a usage error, and no file is written",
        arguments: [
            (["--top=-1"], "--top is a number of swaps"), (["--only-class=-1"], "--only-class is a class"),
            (["--exclude=-2"], "--exclude is a class"), (["--only-class", "255"], "Class 255 is ignored"),
            (["--filter-by", "prune"], "'prune' is invalid"),
        ])
    func usage(arguments: [String], message: String) throws {
        let folder = try TemporaryFolder()
        let result = try find(arguments, output: folder("o.npz"))
        #expect(result.status == 64)
        #expect(result.errors.contains(message))
        #expect(try folder.names == [])
    }

    @Test(
        "rules that read twice refuse standard input",
        arguments: ["prune_by_class", "prune_by_noise_rate", "both", "--joint"])
    func pipe(rule: String) throws {
        let folder = try TemporaryFolder()
        let option = rule == "--joint" ? [rule] : ["--filter-by", rule]
        let result = try Tool.run(["find", "-l", input, "-p", "-", "-o", folder("o.npz")] + option, input: input)
        #expect(result.status == 64)
        #expect(result.errors.contains("\(option.joined(separator: " ")) reads the inputs several times"))
        #expect(try folder.names == [])
    }

    @Test("so do score and report", arguments: [["score", "--method", "num_pixel_issues"], ["report"]])
    func otherPipes(command: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            command + ["-l", input, "-p", "-", "-o", folder("o"), "--filter-by", "both"], input: input)
        #expect(result.status == 64)
        #expect(result.errors.contains("--filter-by both reads the inputs several times"))
        #expect(try folder.names == [])
    }
}
