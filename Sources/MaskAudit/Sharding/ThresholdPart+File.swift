import ConfidentLearning
import NumPyFiles

extension ThresholdPart {
    /// The format's version: another one is not read.
    static let formatVersion: Int64 = 1
    static let versionKey = "part_version"

    /// Writes the part as an `.npz` that appears with all outputs of the run.
    func write(to path: String, isStored: Bool, in files: RunFiles) throws(AuditError) {
        let archive = try OutputArchive(path: path, isStored: isStored, in: files)
        try archive.add(key: Self.versionKey, [Self.formatVersion])
        try archive.add(key: "tool_version", Array(masklintVersion.utf8))
        try archive.add(key: "options", Array(options.text.utf8))
        try archive.add(key: "confident_thresholds", thresholds.values.map { $0 ?? .nan })
        try archive.addTotals(totals, labelCounts: labelCounts)
        try archive.add(
            key: "shards", shape: [shards.count, 5],
            shards.flatMap {
                [$0.number, $0.imageCount, $0.pixelCount, $0.ignoredCount, $0.below ?? -1].map { Int64($0) }
            })
        try archive.add(
            key: "shard_digests", shape: [shards.count, 2],
            shards.flatMap {
                [UInt64(truncatingIfNeeded: $0.digest.value >> 64), UInt64(truncatingIfNeeded: $0.digest.value)]
            })
        try archive.add(
            key: "round",
            [
                Int64(window == nil ? 1 : 2), Int64(shardTotal), isExact ? 1 : 0, Int64(rank),
                Int64(bitPattern: window?.start ?? 0), Int64(bitPattern: window?.end ?? 0),
            ])
        try Self.write(candidates, "candidate", to: archive)
        try Self.write(contested, "contested", to: archive)
        if let cells { try archive.add(cells) }
        try archive.finish()
    }

    private static func write(_ lists: [KeyCounts], _ name: String, to archive: OutputArchive) throws(AuditError) {
        try archive.add(key: "\(name)_lists", lists.map { Int64($0.count) })
        try archive.add(key: "\(name)_values", lists.flatMap { $0.keys.map { Double(bitPattern: $0) } })
        try archive.add(key: "\(name)_counts", lists.flatMap { $0.counts.map { Int64($0) } })
    }

    /// Reads a part and checks everything in it against everything else.
    ///
    /// **Errors.** A file that is none, of another format version, or damaged.
    init(path: String) throws(AuditError) {
        let file = try PartFile(path: path)
        try file.checkVersion(Self.versionKey, Self.formatVersion)
        options = try file.options()
        let round = try file.values("round", Int64.self)
        guard round.count == 6, (1...2).contains(round[0]), (0...Int64(ThresholdPlan.shardLimit)).contains(round[1]),
            round[2] | 1 == 1,
            round[3] >= 0 && UInt64(round[3]) <= Self.pixelLimit, round[4] >= 0, round[5] >= round[4]
        else { throw file.damaged("round") }
        shardTotal = Int(round[1])
        isExact = round[2] == 1
        rank = Int(round[3])
        window =
            round[0] == 1
            ? nil : CutoffWindow(start: UInt64(bitPattern: round[4]), end: UInt64(bitPattern: round[5]))
        shards = try Self.shards(file, total: shardTotal, isRead: window != nil)
        let pixelCount = shards.reduce(0) { $0 + $1.pixelCount }
        (totals, labelCounts) = try file.totals(limit: pixelCount)
        candidates = try file.keyCounts("candidate", limit: pixelCount)
        contested = try file.keyCounts("contested", limit: pixelCount)
        cells = try file.cells(classCount: labelCounts.count)
        guard rank <= pixelCount else { throw file.damaged("round") }
        guard candidates.count == (window != nil || isExact ? shards.count : 1) else {
            throw file.damaged("candidate_lists")
        }
        guard contested.count == (window == nil ? classCount : 0) else { throw file.damaged("contested_lists") }
    }

    private static func shards(_ file: PartFile, total: Int, isRead: Bool) throws(AuditError) -> [Shard] {
        let digests = try file.values("shard_digests", UInt64.self)
        let count = digests.count / 2
        let rows = try file.values("shards", Int64.self, shape: [count, 5])
        var shards: [Shard] = []
        var pixels: UInt64 = 0
        var images: UInt64 = 0
        for index in 0..<count {
            let row = rows[5 * index..<5 * index + 5].map { Int($0) }
            guard total == 0 ? row[0] == 0 : (1...total).contains(row[0]), row[1] >= 0, row[2] >= 0, row[3] >= 0,
                row[3] <= row[2], row[4] >= -1, isRead || row[4] == -1, row[4] <= row[2],
                UInt64(row[2]) <= pixelLimit - pixels, UInt64(row[1]) <= pixelLimit - images
            else { throw file.damaged("shards") }
            pixels += UInt64(row[2])
            images += UInt64(row[1])
            shards.append(
                Shard(
                    digest: InputDigest(value: UInt128(digests[2 * index]) << 64 | UInt128(digests[2 * index + 1])),
                    number: row[0], imageCount: row[1], pixelCount: row[2], ignoredCount: row[3],
                    below: row[4] < 0 ? nil : row[4]))
        }
        let filled = shards.filter { $0.pixelCount > 0 }
        guard count > 0, count <= ThresholdPlan.shardLimit, digests.count == 2 * count,
            Set(filled.map(\.digest)).count == filled.count,
            total == 0 || Set(shards.map(\.number)).count == count
        else { throw file.damaged("shard_digests") }
        return shards
    }
}
