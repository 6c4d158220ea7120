import ArgumentParser
import ConfidentLearning
import MaskAudit
import NumPyFiles
import Reporting
import TestSupport

@testable import masklint

/// The files that the tool reads beside its arrays, some of which it wrote itself, and what reads each.
enum ReadBack: String, CaseIterable, Sendable {
    case part, records, masks, summary, baseline, config, review
    case classNames = "class-names"
    case labelMap = "label-map"

    /// What good files of this kind are called in `ReadBackFolder`.
    var seeds: [String] {
        switch self {
        case .part: ["part.npz", "merged.npz", "round.npz"]
        case .records: ["records"]
        case .masks: ["masks.npz"]
        case .summary, .baseline: ["summary.json"]
        case .config: ["config.json"]
        case .review: ["regions.csv"]
        case .classNames: ["names.txt", "names.json"]
        case .labelMap: ["map.csv", "map.json"]
        }
    }
}

/// A small dataset, good files of each kind that were made of it, and runs that read others in their place.
struct ReadBackFolder {
    let folder: TemporaryFolder

    init() throws {
        let command = try Command()
        folder = command.folder
        let made = try command.shell(
            """
            "$1" thresholds -l labels.npy -p pred_probs.npy -o part.npz --keep-records records -q &&
            "$1" thresholds -l labels.npy -p pred_probs.npy -o 1.npz --shard 1/1 -q &&
            "$1" merge 1.npz -o merged.npz -q &&
            "$1" thresholds -l labels.npy -p pred_probs.npy --thresholds part.npz -o round.npz -q &&
            "$1" find -l labels.npy -p pred_probs.npy -o masks.npz --suggest --json-file summary.json -q &&
            "$1" regions -l labels.npy -p pred_probs.npy -o regions.csv -q &&
            sed -i.old -e '2s/,,/,reject,/' -e '3s/,,/,accept,/' regions.csv && grep -q ',accept,' regions.csv &&
            printf 'road\\ncar\\n' > names.txt &&
            printf '{"id2label": {"0": "road", "1": "car"}}' > names.json &&
            printf 'from,to\\n7,1\\n255,ignore\\n' > map.csv &&
            printf '{"7": 1, "255": "ignore"}' > map.json
            """)
        guard made.status == 0 else { throw ReadBackFailure(text: made.errors) }
        try folder.write(
            Array(
                """
                {"labels": ["labels.npy"], "pred-probs": "pred_probs.npy", "ignore-label": [255, -1], "suggest": true,
                 "find": {"output": "out.npz", "fail-over": 0.5}, "threads": 2}
                """.utf8), to: "config.json")
    }

    private func plan(_ change: (inout FindPlan) -> Void = { _ in }) -> FindPlan {
        let audit = AuditPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]))
        var plan = FindPlan(audit: audit, output: folder("out.npz"))
        plan.audit.run.threads = 1
        change(&plan)
        return plan
    }

    /// Reads a file as its kind, and works with what it holds; whatever is wrong with it is thrown.
    func read(_ path: String, as kind: ReadBack) throws {
        switch kind {
        case .part:
            try attempts(
                { _ = try MergeRun(paths: [path], output: folder("m.npz"), isPartial: true).parts() },
                { _ = try FindRun(plan: plan(), thresholds: .file(path)).run() },
                {
                    var second = ThresholdPlan(audit: plan().audit, output: folder("r.npz"))
                    second.merged = (path, nil)
                    _ = try ThresholdRun(plan: second).run()
                })
        case .records:
            try attempts(
                {
                    let summary = try FindRun(plan: plan(), source: .records(path)).run()
                    _ = summary.text + summary.json.text
                },
                {
                    _ = try FindRun(plan: plan { $0.audit.rule.filter = .predictedNeqGiven }, source: .records(path))
                        .run()
                })
        case .masks:
            try attempts(
                { _ = try MergeRun(paths: [path, path], output: folder("m.npz"), isPartial: false).masks() },
                {
                    var report = ReportPlan(audit: plan().audit, output: folder("report.html"))
                    report.issues = InputSelection(paths: [path])
                    _ = try ReportRun(plan: report).run { _ in }
                })
        case .summary:
            let merge = try SummaryMerge(paths: [path, path, folder("summary.json")])
            let summary = merge.summary
            _ = merge.json.text + summary.text + summary.markdown + summary.junit
        case .baseline:
            let baseline = try AuditBaseline(path: path)
            let summary = try FindRun(plan: plan { $0.summary.gates.baseline = baseline }).run()
            _ = summary.text + summary.json.text + summary.markdown + summary.junit
        case .config:
            let line = try ConfigFile(["find", "--config", path], table: Masklint.table)
            do {
                _ = try Find.parse(Array(ArgumentList.joined(line.arguments, table: Masklint.table).dropFirst()))
            } catch {
                _ = line.fault(of: Masklint.message(for: error))
            }
        case .review:
            let table = try ReviewTable(path: path)
            try attempts(
                {
                    var regions = RegionPlan(audit: plan().audit, output: folder("m.csv"))
                    regions.review = try table.review()
                    regions.correctedFile = folder("c.npz")
                    _ = try RegionRun(plan: regions).run { _ in }
                },
                {
                    var regions = RegionPlan(audit: plan().audit, output: folder("m.csv"))
                    regions.known = try table.known()
                    _ = try RegionRun(plan: regions).run { _ in }
                })
        case .classNames:
            let summary = try FindRun(plan: plan { $0.audit.dataset.classNamesFile = path }).run()
            _ = summary.text + summary.json.text
        case .labelMap:
            let map = try LabelMapFile.read(path)
            _ = try FindRun(plan: plan { $0.audit.dataset.labelMap = map }).run()
        }
    }

    /// Makes each attempt, whether or not one before it failed, and throws the first failure.
    private func attempts(_ attempts: (() throws -> Void)...) throws {
        var first: (any Error)?
        for attempt in attempts {
            do { try attempt() } catch { first = first ?? error }
        }
        if let first { throw first }
    }
}

struct ReadBackFailure: Error {
    var text: String
}
