import Foundation
import MaskAudit
import TestSupport
import Testing

/// Nights of a team: gates, baselines, and the sample that a team copies.
@Suite struct NightlyTests {
    let command: Command
    private static let sample = "\(repositoryPath)/Samples/nightly"

    init() throws { command = try Command() }

    /// One more pixel labelled 0 is predicted as 1.
    private func worsen() throws {
        var probabilities = Command.probabilities()
        (probabilities.values[0], probabilities.values[8]) = (0.25, 0.75)
        try command.folder.write(probabilities.npy("<f4"), to: "pred_probs.npy")
    }

    @Test("a night fails its gate, is accepted as baseline, passes, and fails when the data get worse")
    func nights() throws {
        try command.folder.write(
            Array(
                """
                {"labels": "labels.npy", "pred-probs": "pred_probs.npy", "quiet": true,
                 "find": {"output": "issues.npz", "json-file": "tonight.json", "markdown": "tonight.md"}}
                """.utf8), to: "night.json")
        func night(_ options: String) throws -> CommandRun {
            try command.shell("\"$1\" find --config night.json --no-quiet \(options)")
        }
        func passed() throws -> JSONValue? {
            try JSONValue(path: command.folder("tonight.json"))["gates"]?.elements.first?["passed"]
        }
        let first = try night("--fail-over 10%")
        #expect(first.status == 1)
        #expect(first.errorLines == ["masklint: gate: issue rate 12.50 % is above --fail-over 10 %"])
        #expect(try passed() == .bool(false))
        #expect(try command.folder.names.contains("issues.npz"))

        #expect(try command.shell("cp tonight.json baseline.json").status == 0)
        let second = try night("--baseline baseline.json")
        #expect(second.status == 0)
        #expect(second.errors == "")
        #expect(try passed() == .bool(true))

        try worsen()
        let third = try night("--baseline baseline.json")
        #expect(third.status == 1)
        #expect(third.errorLines.count == 2)
        #expect(third.errors.contains("issue rate 18.75 % is above the baseline's 12.50 %"))
        let markdown = String(decoding: try command.folder.read("tonight.md"), as: UTF8.self)
        #expect(markdown.contains("**2 of 3 gates failed.**"))
    }

    /// The sample's script on the small dataset, as night `name`.
    private func script(_ name: String, _ more: String = "") throws -> CommandRun {
        try command.folder.write(
            Array(#"{"labels": "labels.npy", "pred-probs": "pred_probs.npy", "quiet": true}"#.utf8), to: "night.json")
        return try command.shell(
            "MASKLINT=\"$1\" HISTORY=h NIGHT=\(name) \(more) sh '\(Self.sample)/nightly.sh' night.json")
    }

    @Test("the sample's script keeps a history, and takes nights that pass as the baseline")
    func history() throws {
        #expect(try script("1").status == 0)
        for name in ["1/issues.npz", "1/summary.json", "1/summary.md", "1/junit.xml", "last.json", "baseline.json"] {
            #expect(FileManager.default.fileExists(atPath: command.folder("h/\(name)")), "\(name)")
        }
        try worsen()
        let worse = try script("2", "WORSE_BY=1%")
        #expect(worse.status == 1)
        #expect(try JSONValue(path: command.folder("h/baseline.json"))["issues"] == .number(2))
        #expect(try JSONValue(path: command.folder("h/last.json"))["issues"] == .number(3))
        #expect(
            try JSONValue(path: command.folder("h/2/summary.json"))["comparison"]?["file"] == .string("h/baseline.json")
        )
        #expect(try script("2", "WORSE_BY=20%").status == 0)
        #expect(try JSONValue(path: command.folder("h/baseline.json"))["issues"] == .number(3))
    }

    @Test("a night whose data are at fault leaves baseline and history as they were")
    func fault() throws {
        #expect(try script("1").status == 0)
        let before = try command.folder.read("h/baseline.json")
        try command.folder.write([1, 2, 3], to: "labels.npy")
        let run = try script("2")
        #expect(run.status == 2)
        #expect(run.errorLines.count == 1)
        #expect(try command.folder.read("h/baseline.json") == before)
        #expect(!FileManager.default.fileExists(atPath: command.folder("h/2")))
    }

    @Test("a night that counts no pixel fails without a gate too, and is never a baseline")
    func nothing() throws {
        let labels = try command.folder.read("labels.npy")
        try command.folder.write(NumberArray([2, 2, 4], Array(repeating: 1, count: 16)).npy("|u1"), to: "labels.npy")
        let void = "--ignore-label=1 -q"
        try command.folder.write(
            Array("#!/bin/sh\nexec '\(program)' \"$@\" \(void)\n".utf8), to: "void.sh")
        #expect(try command.shell("chmod +x void.sh").status == 0)
        func voidNight(_ name: String) throws -> CommandRun {
            try command.shell(
                "MASKLINT=./void.sh HISTORY=h NIGHT=\(name) sh '\(Self.sample)/nightly.sh' night.json")
        }
        try command.folder.write(
            Array(#"{"labels": "labels.npy", "pred-probs": "pred_probs.npy"}"#.utf8), to: "night.json")
        let first = try voidNight("1")
        #expect(first.status == 1)
        #expect(
            first.errorLines == ["nightly.sh: no pixel was counted, so the night does not pass; see h/1/summary.md"])
        #expect(!FileManager.default.fileExists(atPath: command.folder("h/baseline.json")))
        try command.folder.write(labels, to: "labels.npy")
        #expect(try script("2").status == 0)
        let baseline = try command.folder.read("h/baseline.json")
        try command.folder.write(NumberArray([2, 2, 4], Array(repeating: 1, count: 16)).npy("|u1"), to: "labels.npy")
        #expect(try voidNight("3").status == 1)
        #expect(try command.folder.read("h/baseline.json") == baseline)
        let accept = try command.shell(
            "env -u MAKEFLAGS make -s -C '\(Self.sample)' accept HISTORY='\(command.folder("h"))'")
        #expect(accept.status != 0)
        #expect(try command.folder.read("h/baseline.json") == baseline)
    }

    @Test("old nights go, other files stay")
    func keep() throws {
        try command.folder.makeFolder("h/0-notes")
        for night in ["1", "2", "3"] { #expect(try script(night, "KEEP=2").status == 0) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: command.folder("h")).sorted()
                == ["0-notes", "2", "3", "baseline.json", "last.json"])
    }

    @Test("the sample runs as it stands, on the street's data, and its page is made once")
    func street() throws {
        let history = command.folder("h")
        let make = "make -s -C '\(Self.sample)' MASKLINT=\"$1\" HISTORY='\(history)'"
        let night = try command.shell("env -u MAKEFLAGS \(make)")
        #expect(night.status == 0, "\(night.errors)")
        let summary = try JSONValue(path: "\(history)/last.json")
        #expect(summary["issues"] == .number(2176))
        #expect(summary["gates"]?.elements.map { $0["passed"] } == [.bool(true), .bool(true), .bool(true)])
        #expect(try command.shell("env -u MAKEFLAGS \(make) report && env -u MAKEFLAGS \(make) -q report").status == 0)
        #expect(try command.folder.read("h/report.html").count > 10_000)
        #expect(try command.shell("rm h/baseline.json; env -u MAKEFLAGS \(make) accept").status == 0)
        #expect(try command.folder.read("h/baseline.json") == command.folder.read("h/last.json"))
    }
}
