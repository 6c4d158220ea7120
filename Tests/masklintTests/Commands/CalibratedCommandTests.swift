import Foundation
import TestSupport
import Testing

/// `--filter-by calibrated` as the commands have it.
@Suite struct CalibratedCommandTests {
    private let input = "\(fixturesPath)/algorithm/k4-float32-void.npz"

    private func run(_ command: String, _ arguments: [String], output: String) throws -> Tool.Result {
        try Tool.run([command, "-l", input, "-p", input, "-o", output, "--ignore-label", "255"] + arguments)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("the summary says the rule and the evidence, as text and as JSON")
    func summary() throws {
        let folder = try TemporaryFolder()
        let rule = ["--filter-by", "calibrated", "--min-evidence", "1.25"]
        let text = try run("find", rule, output: folder("o.npz")).output
        #expect(text.contains("rule      calibrated, evidence at least 1.25\n"))
        let found = try object(run("find", rule + ["--json"], output: folder("o.npz")).output)
        #expect(found["filter_by"] as? String == "calibrated")
        #expect(found["min_evidence"] as? Double == 1.25)
        let usual = try object(run("find", ["--json"], output: folder("o.npz")).output)
        #expect(usual["min_evidence"] is NSNull)
    }

    @Test("less evidence flags more", arguments: ["find", "report"])
    func evidence(command: String) throws {
        let folder = try TemporaryFolder()
        let counts = try ["-100", "0", "2", "100"].map { evidence in
            let result = try run(
                command, ["--filter-by", "calibrated", "--min-evidence=\(evidence)", "--json"],
                output: folder(command == "find" ? "o.npz" : "o.html"))
            return try #require(try object(result.output)["issues"] as? Int)
        }
        #expect(counts == counts.sorted(by: >) && counts[0] > counts[2] && counts[3] == 0)
        // Everything contested.
        let every = try run("find", ["--filter-by", "predicted_neq_given", "--json"], output: folder("a.npz"))
        let all = try object(every.output)
        #expect(all["issues"] as? Int == counts[0])
    }

    @Test("tables of regions hold the evidence, the score and the rule, and find --regions writes the same")
    func table() throws {
        let folder = try TemporaryFolder()
        let rule = ["--filter-by", "calibrated", "--min-evidence", "1", "-q"]
        #expect(try run("regions", rule, output: folder("r.csv")).status == 0)
        #expect(try run("find", rule + ["--regions", folder("f.csv")], output: folder("o.npz")).status == 0)
        #expect(try folder.read("r.csv") == folder.read("f.csv"))
        let lines = String(decoding: try folder.read("r.csv"), as: UTF8.self).split(separator: "\n")
        let head = lines[0].split(separator: ",").map(String.init)
        let columns = try ["evidence", "area", "score", "filter_by"].map { try #require(head.firstIndex(of: $0)) }
        let rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        #expect(rows.count > 5)
        var scores: [Double] = []
        for row in rows {
            let numbers = columns.prefix(3).compactMap { Double(row[$0]) }
            try #require(numbers.count == 3)
            let (evidence, area, score) = (numbers[0], numbers[1], numbers[2])
            #expect(evidence >= 1 && abs(score - evidence - log(area)) < 2e-6)
            #expect(row[columns[3]] == "calibrated")
            scores.append(score)
        }
        #expect(scores == scores.sorted(by: >))
        // A score above 1 may be asked for.
        let high = try run("regions", rule + ["--min-score", "4", "--json"], output: folder("h.json"))
        let listed = try object(high.output)
        #expect(listed["regions_listed"] as? Int == scores.count { $0 >= 4 })
        #expect(listed["score_formula"] as? String == "evidence + ln(area)")
        #expect(listed["filter_by"] as? String == "calibrated" && listed["group"] as? String == "swap")
    }

    @Test("num_pixel_issues counts by it")
    func score() throws {
        let folder = try TemporaryFolder()
        let rule = ["--filter-by", "calibrated", "--min-evidence=-100", "--json"]
        let scored = try run("score", rule + ["--method", "num_pixel_issues"], output: folder("s.npz"))
        #expect(scored.status == 0)
        let all = try run(
            "score", ["--filter-by", "predicted_neq_given", "--json", "--method", "num_pixel_issues"],
            output: folder("a.npz"))
        #expect(try object(scored.output)["worst_images"] as? NSArray == object(all.output)["worst_images"] as? NSArray)
    }

    @Test(
        "what does not go together is a usage error, and no file is written",
        arguments: [
            ("find", ["--filter-by", "calibrated", "--downsample", "2"], "leave --downsample out"),
            ("find", ["--min-evidence", "3"], "--min-evidence goes with --filter-by calibrated"),
            ("find", ["--filter-by", "calibrated", "--min-evidence", "nan"], "--min-evidence is a number"),
            ("regions", ["--min-score", "2"], "--min-score is from 0 to 1"),
            ("regions", ["--group", "area"], "'area' is invalid"),
        ])
    func usage(command: String, arguments: [String], message: String) throws {
        let folder = try TemporaryFolder()
        let result = try run(command, arguments, output: folder("o.csv"))
        #expect(result.status == 64)
        #expect(result.errors.contains(message))
        #expect(try folder.names == [])
    }
}
