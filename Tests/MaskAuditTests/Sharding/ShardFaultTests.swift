import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// What cannot be merged or used says why, by file.
@Suite struct ShardFaultTests {
    static let scene = Scene.random(seed: 40, classCount: 3, count: 4, 8, 9, void: 255, isTied: false)
    let shards: ShardScene

    init() throws {
        var shards = try ShardScene(Self.scene, counts: [1, 2, 1])
        shards.change = { $0.audit.dataset.ignoredLabels = [255] }
        self.shards = shards
    }

    private func fault(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            let line = "\(error)"
            #expect(!line.contains("\n"))
            return line.split(separator: shards.folder.path + "/", omittingEmptySubsequences: false).joined()
        }
    }

    private func parts(numbered: Bool = false) throws {
        for shard in 0..<3 { try shards.part(shard, to: "\(shard).npz", number: numbered ? (shard + 1, 3) : nil) }
    }

    @Test("the same part twice is told")
    func twice() throws {
        try parts()
        #expect(
            fault { try shards.merge(["0.npz", "1.npz", "0.npz"], to: "m.npz") }
                == "0.npz: the data of one of its shards is in 0.npz too; name every part once")
        try shards.merge(["0.npz", "1.npz"], to: "m.npz")
        #expect(
            fault { try shards.merge(["m.npz", "1.npz"], to: "n.npz") }
                == "1.npz: the data of one of its shards is in m.npz too; name every part once")
    }

    @Test("shards without images, which are all alike, are merged and found", arguments: [true, false])
    func emptyShards(isNumbered: Bool) throws {
        let scene = Scene.random(seed: 41, classCount: 3, count: 4, 8, 9, void: 255, isTied: true)
        var shards = try ShardScene(scene, counts: [0, 3, 0, 1, 0])
        shards.change = { $0.audit.dataset.ignoredLabels = [255] }
        for (round, thresholds) in [("a", nil), ("b", "a.npz")] as [(String, String?)] {
            for shard in 0..<5 {
                try shards.part(
                    shard, to: "\(round)\(shard).npz", number: isNumbered ? (shard + 1, 5) : nil, thresholds: thresholds
                )
            }
            try shards.merge((0..<5).map { "\(round)\($0).npz" }, to: "\(round).npz")
        }
        let masks = try (0..<5).map { try shards.find($0, .lowSelfConfidence, thresholds: "b.npz").masks }
        #expect(masks[0].isEmpty)
        #expect(try shards.whole(.lowSelfConfidence).masks == masks.flatMap { $0 })
    }

    @Test("two parts of one number are told")
    func sameNumber() throws {
        try shards.part(0, to: "0.npz", number: (1, 2))
        try shards.part(1, to: "1.npz", number: (1, 2))
        #expect(
            fault { try shards.merge(["0.npz", "1.npz"], to: "m.npz") }
                == "1.npz: shard 1 of 2 is in 0.npz too; name every part once")
    }

    @Test("a missing shard is told, and passed over on request")
    func missing() throws {
        try parts(numbered: true)
        let remedy = "; name the parts of all shards, or pass --partial to merge more later"
        #expect(
            fault { try shards.merge(["2.npz", "0.npz"], to: "m.npz") } == "2.npz: shard 2 of 3 is missing" + remedy)
        #expect(fault { try shards.merge(["1.npz"], to: "m.npz") } == "1.npz: shards 1, 3 of 3 are missing" + remedy)
        try shards.merge(["2.npz", "0.npz"], to: "m.npz", isPartial: true)
        #expect(
            fault { _ = try shards.find(0, .confidentLearning, thresholds: "m.npz") }
                == "m.npz: lacks shard 2 of 3; merge the parts of all shards")
        #expect(fault { try shards.merge(["m.npz", "1.npz"], to: "all.npz") } == "")
    }

    @Test("the second round's missing shards are told by merge and by find")
    func unread() throws {
        try parts()
        try shards.merge(["0.npz", "1.npz", "2.npz"], to: "m.npz")
        try shards.part(0, to: "r0.npz", thresholds: "m.npz")
        #expect(
            fault { try shards.merge(["r0.npz"], to: "r.npz") }
                == "r0.npz: shard 2 of 3, in the order they were merged and 1 more were not read in the second round; name "
                + "the parts of all shards, or pass --partial to merge more later")
        #expect(
            fault { _ = try shards.find(0, .lowSelfConfidence, thresholds: "r0.npz") }
                == "r0.npz: shard 2 of 3, in the order they were merged was not read in the second round; merge the second "
                + "round's parts of all shards")
        #expect(
            fault { try shards.merge(["r0.npz", "r0.npz"], to: "r.npz") }
                == "r0.npz: shard 1 of 3, in the order they were merged is in an earlier part too; name every part once"
        )
        #expect(
            fault { try shards.merge(["r0.npz", "m.npz"], to: "r.npz") }
                == "m.npz: is of the first round, r0.npz of the other; merge parts of one round")
    }

    @Test("a cut-off that takes a second round says so")
    func open() throws {
        try parts()
        try shards.merge(["0.npz", "1.npz", "2.npz"], to: "m.npz")
        let line = fault { _ = try shards.find(0, .lowSelfConfidence, thresholds: "m.npz") }
        #expect(
            line.hasPrefix("m.npz: the cut-off of low_self_confidence over all shards is not known yet; make a second"))
    }

    @Test(
        "rules of the whole dataset are refused for a shard, and taken for other data",
        arguments: [FilterRule.lowNormalizedMargin, .pruneByClass, .pruneByNoiseRate, .both])
    func wholeRules(rule: FilterRule) throws {
        try parts()
        try shards.merge(["0.npz", "1.npz"], to: "m.npz")
        let line = fault { _ = try shards.find(1, rule, thresholds: "m.npz") }
        #expect(
            line.hasPrefix(
                "m.npz: the data are shard 2 of 2, in the order they were merged, and --filter-by \(rule.rawValue)"))
        #expect(line.contains("needs the whole dataset"))
        #expect(fault { _ = try shards.find(2, rule, thresholds: "m.npz") } == "")
    }

    @Test("options and classes that differ are named")
    func unlike() throws {
        try shards.part(0, to: "0.npz")
        var other = shards
        other.change = { plan in
            plan.audit.dataset.ignoredLabels = [255]
            plan.audit.dataset.labelMap = [7: 1]
        }
        try other.part(1, to: "1.npz")
        #expect(
            fault { try shards.merge(["0.npz", "1.npz"], to: "m.npz") }
                == "1.npz: was made with --map-label 7=1 where 0.npz has none; make all parts with the same options")
        #expect(
            fault { _ = try other.find(1, .confidentLearning, thresholds: "0.npz") }
                == "0.npz: was made with --map-label none where this run has 7=1; give the same options again")
        let more = try ShardScene(.random(seed: 1, classCount: 4, count: 1, 4, 4), counts: [1])
        try shards.folder.write(more.folder.read("l0.npy"), to: "l1.npy")
        try shards.folder.write(more.folder.read("p0.npy"), to: "p1.npy")
        try shards.part(1, to: "1.npz")
        #expect(
            fault { try shards.merge(["0.npz", "1.npz"], to: "m.npz") }
                == "1.npz: has 4 classes where 0.npz has 3; merge parts of one dataset")
        #expect(
            fault { _ = try shards.find(1, .confidentLearning, thresholds: "0.npz") }
                == "0.npz: has thresholds of 3 classes, the data have 4; name a file that was made with these classes")
    }

    @Test("a shard that was written anew is found by its number, and another one is not taken for it")
    func number() throws {
        try parts(numbered: true)
        try shards.merge(["0.npz", "1.npz", "2.npz"], to: "m.npz")
        try shards.folder.write(Self.scene.select(1..<3).probabilities.npy(">f4"), to: "p1.npy")
        #expect(try shards.find(1, .confidentLearning, thresholds: "m.npz").summary.shard == nil)
        #expect(try shards.find(1, .confidentLearning, thresholds: "m.npz", number: 2).summary.shard == "shard 2 of 3")
        #expect(
            fault { _ = try shards.find(1, .confidentLearning, thresholds: "m.npz", number: 3) }
                == "m.npz: shard 3 of 3 has 1 images of 72 pixels, the data have 2 of 144; name the data's own shard with --shard"
        )
        #expect(
            fault { _ = try shards.find(1, .confidentLearning, thresholds: "m.npz", number: 4) }
                == "m.npz: has no shard 4 (it has 3); name one that was merged")
    }

    @Test("files that are no parts are told")
    func noParts() throws {
        #expect(
            fault { _ = try shards.find(0, .confidentLearning, thresholds: "l0.npy") }
                == "l0.npy: is no part: there is no array with key 'part_version'; name a file that masklint thresholds or "
                + "merge wrote")
        #expect(
            fault { _ = try MergeKind.of([shards.folder("l0.npy")]) }
                == "l0.npy: is neither a part nor masks nor a summary; name files that masklint thresholds, merge or find wrote"
        )
        try shards.part(0, to: "0.npz")
        _ = try shards.find(0, .confidentLearning, thresholds: "0.npz")
        #expect(
            fault { _ = try MergeKind.of([shards.folder("0.npz"), shards.folder("out.npz")]) }
                == "out.npz: is an archive of masks, 0.npz is a part; merge files of one kind at a time")
    }

    @Test("any one byte of a part may be wrong: it is told or does no harm")
    func hostileBytes() throws {
        var random = SplitMix(seed: 41)
        try shards.part(0, to: "0.npz")
        try shards.part(1, to: "1.npz")
        let good = try shards.folder.read("0.npz")
        for _ in 0..<150 {
            var bytes = good
            bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            try shards.folder.write(bytes, to: "bad.npz")
            _ = fault { try shards.merge(["1.npz", "bad.npz"], to: "m.npz") }
        }
        // With checksums that fit: every array in turn with extreme values.
        let file = try ArrayFile(path: shards.folder("0.npz"))
        var members: [(key: String, header: String, data: [UInt8])] = []
        for entry in file.arrays {
            let stream = try file.stream(entry)
            var data: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &data)
            members.append((entry.key, npyDict(stream.header.dtype.descr, stream.header.shape) + "\n", data))
        }
        let patterns: [[UInt8]] = [
            [0], [0xFF], [0, 0, 0, 0, 0, 0, 0, 0x7F], [1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0x10],
        ]
        for (changed, pattern) in members.indices.flatMap({ index in patterns.map { (index, $0) } }) {
            let arrays = members.indices.map { index -> (String, [UInt8]) in
                let data = members[index].data.indices.map {
                    index == changed ? pattern[$0 % pattern.count] : members[index].data[$0]
                }
                return (members[index].key, npy(header: members[index].header, data: data))
            }
            try shards.folder.write(npz(arrays), to: "bad.npz")
            _ = fault { try shards.merge(["1.npz", "bad.npz"], to: "m.npz") }
            _ = fault { _ = try shards.find(0, .lowSelfConfidence, thresholds: "bad.npz") }
            _ = fault { try shards.part(0, to: "r.npz", thresholds: "bad.npz") }
        }
    }

    /// Writes a part with one array replaced by 64-bit numbers.
    private func change(_ key: String, of name: String, to numbers: [Int64], shape: [Int], as changed: String) throws {
        let file = try ArrayFile(path: shards.folder(name))
        var arrays: [(String, [UInt8])] = []
        for entry in file.arrays {
            let stream = try file.stream(entry)
            var data: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &data)
            let header = npyDict(stream.header.dtype.descr, entry.key == key ? shape : stream.header.shape) + "\n"
            if entry.key == key { data = numbers.flatMap { little(UInt64(bitPattern: $0), 8) } }
            arrays.append((entry.key, npy(header: header, data: data)))
        }
        try shards.folder.write(npz(arrays), to: changed)
    }

    @Test("a part that claims more images than can be is refused, by itself and beside others")
    func images() throws {
        try parts()
        // Number, images, pixels, ignored pixels and none of a second round, as of shard 0 but for the images.
        for images in [Int64.max, (1 << 48) + 1] as [Int64] {
            try change("shards", of: "0.npz", to: [0, images, 72, 0, -1], shape: [1, 5], as: "bad.npz")
            let line = "bad.npz[shards.npy]: is not what masklint writes in a part; make the part again"
            #expect(fault { try shards.merge(["bad.npz"], to: "m.npz") } == line)
            #expect(fault { _ = try shards.find(0, .confidentLearning, thresholds: "bad.npz") } == line)
        }
        try change("shards", of: "0.npz", to: [0, 1 << 48, 72, 0, -1], shape: [1, 5], as: "bad.npz")
        #expect(
            fault { try shards.merge(["bad.npz", "1.npz"], to: "m.npz") }
                == "1.npz: together with the parts before it has more than 2^48 pixels or images")
    }

    @Test("missing shards are listed from the first, however many there are")
    func manyMissing() throws {
        try shards.part(0, to: "0.npz", number: (3, 1_000_000))
        #expect(
            fault { try shards.merge(["0.npz"], to: "m.npz") }
                == "0.npz: shards 1, 2, 4, 5, 6, 7, 8, 9, 10, 11 and 999989 more of 1000000 are missing; name the parts of "
                + "all shards, or pass --partial to merge more later")
        // Of the round: the first, of a million and one shards.
        try change("round", of: "0.npz", to: [1, 1_000_001, 0, 0, 0, 0], shape: [6], as: "bad.npz")
        #expect(
            fault { try shards.merge(["bad.npz"], to: "m.npz") }
                == "bad.npz[round.npy]: is not what masklint writes in a part; make the part again")
    }
}
