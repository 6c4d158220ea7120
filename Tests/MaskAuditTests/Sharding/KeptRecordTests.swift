import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// Records that were kept give what the data give.
@Suite struct KeptRecordTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func plan(_ change: (inout FindPlan) -> Void = { _ in }) -> FindPlan {
        var plan = FindPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]), output: folder("part.npz"))
        plan.audit.dataset.ignoredLabels = [255]
        change(&plan)
        return plan
    }

    private func keep(_ change: (inout FindPlan) -> Void = { _ in }) throws {
        var plan = ThresholdPlan(audit: plan(change).audit, output: folder("part.npz"))
        plan.keptRecords = folder("records")
        _ = try ThresholdRun(plan: plan).run()
    }

    private func find(
        _ records: String = "records", _ change: (inout FindPlan) -> Void = { _ in }
    ) throws -> Outcome {
        try folder.audit([], [], source: .records(folder(records))) { plan in
            plan.audit.dataset.ignoredLabels = [255]
            change(&plan)
        }
    }

    private func fault(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)".split(separator: folder.path + "/", omittingEmptySubsequences: false).joined()
        }
    }

    @Test(
        "masks, counts and summary are those of the data",
        arguments: [FilterRule.lowSelfConfidence, .confidentLearning, .predictedNeqGiven, .lowNormalizedMargin], [1, 2])
    func equal(rule: FilterRule, downsample: Int) throws {
        // Three units, one of them of several images.
        try folder.write(Scene.random(seed: 70, classCount: 3, count: 5, 110, 200, void: 255))
        let change: (inout FindPlan) -> Void = { plan in
            plan.audit.rule.filter = rule
            plan.audit.rule.downsample = downsample
            plan.audit.run.threads = 2
        }
        try keep(change)
        let data = try folder.audit { plan in
            plan.audit.dataset.ignoredLabels = [255]
            change(&plan)
        }
        let records = try find("records", change)
        #expect(records.archive == data.archive)
        var summary = records.summary
        (summary.seconds, summary.bytesRead) = (data.summary.seconds, data.summary.bytesRead)
        #expect(summary == data.summary)
    }

    @Test("members an image keep their names, rows of a large image their place")
    func forms() throws {
        let scene = Scene.random(seed: 71, classCount: 2, sizes: [(364, 364), (5, 7), (0, 3)], void: 255)
        let names = ["b", "a/x", "c"]
        try folder.write(npz(names.indices.map { (names[$0], scene.labels($0).npy("|u1")) }), to: "labels.npy")
        try folder.write(
            npz(names.indices.map { (names[$0], scene.probabilities($0).npy("<f8")) }), to: "pred_probs.npy")
        try keep()
        #expect(try find().archive == folder.audit { $0.audit.dataset.ignoredLabels = [255] }.archive)
    }

    @Test("two runs keep equal bytes, on any number of threads")
    func repeated() throws {
        try folder.write(Scene.random(seed: 72, classCount: 3, count: 8, 110, 200, void: 255))
        try keep { $0.audit.run.threads = 1 }
        let bytes = try folder.read("records")
        try keep { $0.audit.run.threads = 3 }
        #expect(try folder.read("records") == bytes)
    }

    @Test("shards go all the way without their data")
    func shards() throws {
        var shards = try ShardScene(
            .random(seed: 73, classCount: 4, count: 5, 20, 20, void: 255, isTied: false), counts: [2, 1, 2])
        shards.change = { $0.audit.dataset.ignoredLabels = [255] }
        let whole = try shards.whole(.lowSelfConfidence)
        for shard in 0..<3 {
            var plan = ThresholdPlan(
                audit: AuditPlan(
                    labels: InputSelection(paths: [shards.folder("l\(shard).npy")]),
                    predProbs: InputSelection(paths: [shards.folder("p\(shard).npy")])),
                output: shards.folder("\(shard).npz"))
            plan.audit.dataset.ignoredLabels = [255]
            plan.keptRecords = shards.folder("\(shard).records")
            _ = try ThresholdRun(plan: plan).run()
        }
        try shards.merge(["0.npz", "1.npz", "2.npz"], to: "t.npz")
        for shard in 0..<3 {
            var plan = ThresholdPlan(
                audit: AuditPlan(labels: InputSelection(paths: []), predProbs: InputSelection(paths: [])),
                output: shards.folder("r\(shard).npz"))
            plan.audit.dataset.ignoredLabels = [255]
            plan.records = shards.folder("\(shard).records")
            plan.merged = (shards.folder("t.npz"), nil)
            _ = try ThresholdRun(plan: plan).run()
        }
        try shards.merge(["r0.npz", "r1.npz", "r2.npz"], to: "r.npz")
        var masks: [Bool] = []
        for shard in 0..<3 {
            let outcome = try shards.folder.audit(
                [], [], source: .records(shards.folder("\(shard).records")),
                thresholds: .file(shards.folder("r.npz"))
            ) {
                $0.audit.dataset.ignoredLabels = [255]
            }
            #expect(outcome.summary.shard?.hasPrefix("shard \(shard + 1) of 3") == true)
            masks += outcome.masks
        }
        #expect(masks == whole.masks)
    }

    @Test("what records do not hold is told")
    func refused() throws {
        try folder.write(Scene.random(seed: 74, classCount: 3, count: 1, 6, 6, void: 255))
        try keep()
        #expect(
            fault { _ = try find { $0.audit.rule.filter = .confidentLearning } }
                == "records: --filter-by confident_learning needs class vectors, which it does not hold; keep records with "
                + "that --filter-by, or name the data")
        #expect(
            fault { _ = try find { $0.suggest = true } }
                == "records: --suggest reads labels and pred_probs, of which records hold a part; name the data")
        #expect(
            fault { _ = try find { $0.audit.rule.filter = .both } }
                == "records: --filter-by both reads labels and pred_probs, of which records hold a part; name the data")
        #expect(
            fault { _ = try find { $0.audit.rule.downsample = 2 } }
                == "records: was made with --downsample 1 where this run has 2; give the same options again")
        #expect(
            fault { _ = try find("part.npz") }
                == "part.npz: holds no records; name a file that masklint thresholds --keep-records wrote")
    }

    @Test("compressed records are refused: their file does not back what they claim")
    func compressed() throws {
        try folder.write(Scene.random(seed: 76, classCount: 3, count: 1, 6, 6, void: 255))
        try keep()
        let file = try ArrayFile(path: folder("records"))
        let archive = try ArchiveWriter(.file(path: folder("deflated")), compression: .deflated)
        for entry in file.arrays {
            let stream = try file.stream(entry)
            var data: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &data)
            unsafe try archive.add(key: entry.key, header: stream.header, bytes: data.span.bytes)
        }
        try archive.commit()
        #expect(
            fault { _ = try find("deflated") }
                == "deflated: its arrays are compressed, which masklint leaves out in records; name the file as masklint "
                + "thresholds --keep-records wrote it")
    }

    @Test("wrong bytes are told or do no harm", arguments: [1, 2])
    func hostileBytes(downsample: Int) throws {
        var random = SplitMix(seed: UInt64(75 + downsample))
        try folder.write(Scene.random(seed: 75, classCount: 3, count: 3, 6, 10, void: 255))
        let change: (inout FindPlan) -> Void = { plan in
            plan.audit.rule.filter = .confidentLearning
            plan.audit.rule.downsample = downsample
        }
        try keep(change)
        let file = try ArrayFile(path: folder("records"))
        var members: [(key: String, header: ArrayHeader, data: [UInt8])] = []
        for entry in file.arrays {
            let stream = try file.stream(entry)
            var data: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &data)
            members.append((entry.key, stream.header, data))
        }
        var told = 0
        // With checksums that fit: a byte, a word or the length of one array.
        for _ in 0..<250 {
            let target = random.below(members.count)
            var (_, header, data) = members[target]
            guard !data.isEmpty else { continue }
            switch random.below(3) {
            case 0: data[random.below(data.count)] = UInt8(truncatingIfNeeded: random.next())
            case 1:
                let word = random.below((data.count + 7) / 8) * 8
                let fill: UInt8 = random.below(2) == 0 ? 0xFF : 0
                for at in word..<min(word + 8, data.count) { data[at] = fill }
            default:
                let count = random.below(header.shape[0] + 3)
                let row = data.count / max(1, header.shape[0])
                data = (0..<count * row).map { data[$0 % data.count] }
                header = ArrayHeader(dtype: header.dtype, shape: [count] + header.shape.dropFirst())
            }
            let arrays = members.indices.map { index -> (String, [UInt8]) in
                let (key, own, bytes) = members[index]
                let shown = index == target ? header : own
                return (
                    key,
                    npy(header: npyDict(shown.dtype.descr, shown.shape) + "\n", data: index == target ? data : bytes)
                )
            }
            try folder.write(npz(arrays), to: "records")
            let line = fault { _ = try find("records", change) }
            #expect(!line.contains("\n"))
            told += line.isEmpty ? 0 : 1
        }
        #expect(told > 100)
    }
}
