import ConfidentLearning
import MaskAudit
import TestSupport
import Testing

@testable import Reporting

/// Reviewed tables that something has been at: each of thousands is read, or told in one line.
@Suite(.timeLimit(.minutes(5))) struct HostileReviewTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// As `regions` writes it, as a spreadsheet with other habits saves it, and as `--known-out` writes it.
    static let tables = [
        """
        id,decision,image,given,given_name,suggested,suggested_name,area,mask
        0@0x1,accept,0,0,road,1,"sea, ""deep\""",4,2x3:042
        0@1x2,reject,0,2,sky,1,"sea, ""deep\""",1,2x3:51
        1@0x0,reject,1,0,road,2,sky,2,180x240:mWV1;Y51
        1@1x1,,1,0,road,1,"two
        lines",3,2x3:231

        """,
        "\u{FEFF}\"id\";\"decision\";\"given\";\"suggested\";\"mask\"\r\n0@0x1;Reject ;0;1;2x3:042\r\n\r\n"
            + "\"0@1x2\";\"accept\";2;1;\"2x3:51\"\r\n",
        "id\tdecision\tgiven\tsuggested\tmask\nä@0x1\treject\t0\t1\t2x3:042\nb@1x2\treject\t2\t1\t2x3:231\n",
    ]

    private static let pieces: [[UInt8]] =
        [
            "\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n", "x", ":", "@", "-", "9", "99999999999999999999", "2x3:",
            " ",
            "accept", "reject", "id", "mask", "o", "P", "\u{FEFF}", "\u{2028}",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80]]

    /// A few changes: other bytes, pieces put in, parts taken out, said twice or cut off.
    private static func mutated(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(4) {
            let at = random.below(bytes.count + 1)
            let end = min(bytes.count, at + random.below(12))
            switch random.below(6) {
            case 0 where at < bytes.count: bytes[at] = UInt8(truncatingIfNeeded: random.next())
            case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8(random.below(8))
            case 2: bytes.removeSubrange(at..<end)
            case 3: bytes.insert(contentsOf: bytes[at..<end], at: random.below(bytes.count + 1))
            case 4 where random.below(8) == 0: bytes.removeSubrange(at...)
            default: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: at)
            }
        }
        return bytes
    }

    /// What a reading says where it fails: one line that names the file.
    private func told(_ read: () throws -> Void) -> Bool {
        do {
            try read()
            return false
        } catch {
            let line = "\(error)"
            #expect(line.hasPrefix(folder("t.csv")) && !line.contains("\n") && !line.contains("\r"), "\(line)")
            return true
        }
    }

    @Test("wrong bytes are told or do no harm", arguments: 0..<3)
    func tables(number: Int) throws {
        var random = SplitMix(seed: UInt64(120 + number))
        let whole = Array(Self.tables[number].utf8)
        var failures = 0
        let count = 1500
        for _ in 0..<count {
            let bytes = Self.mutated(whole, &random)
            try folder.write(bytes, to: "t.csv")
            let isTold = told {
                let table = try ReviewTable(path: folder("t.csv"))
                // Nothing that was read is larger than the file.
                #expect(try table.review().entries.count <= bytes.count)
                let known = try table.known()
                #expect(known.reduce(0) { $0 + $1.mask.counts.count } <= bytes.count)
                for region in known {
                    #expect(region.mask.counts.reduce(0, +) == region.mask.height * region.mask.width)
                }
            }
            failures += isTold ? 1 : 0
        }
        #expect(failures > count / 10 && failures < count)
    }

    @Test("a run with wrong bytes among its tables writes whole files or none")
    func runs() throws {
        var random = SplitMix(seed: 130)
        // Two images of 2 x 3, in each three pixels that touch by corners alone given 0 and predicted 1.
        let labels = NumberArray([2, 2, 3], [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
        try folder.write(labels.npy("|u1"), to: "labels.npy")
        var planes: [Double] = []
        for foreground in [[0.75, 0.25, 0.75, 0.25, 0.75, 0.75], [0.75, 0.75, 0.25, 0.75, 0.25, 0.75]] {
            planes += foreground.map { 1 - $0 } + foreground
        }
        try folder.write(NumberArray([2, 2, 2, 3], planes).npy("<f4"), to: "pred_probs.npy")
        func run(known: String, to output: String) throws -> RegionSummary {
            var audit = AuditPlan(
                labels: InputSelection(paths: [folder("labels.npy")]),
                predProbs: InputSelection(paths: [folder("pred_probs.npy")]))
            audit.rule.filter = .predictedNeqGiven
            var plan = RegionPlan(audit: audit, output: folder(output))
            plan.connectivity = .four
            if !known.isEmpty { plan.known = try ReviewTable(path: folder(known)).known() }
            var outputs = RegionFiles.Outputs()
            outputs.table = folder(output)
            return try RegionFiles(plan: plan, outputs: outputs).write(ProgressMeter())
        }
        let found = try run(known: "", to: "whole.csv").regions.count
        #expect(found == 6)
        // All but one rejected.
        let rows = String(decoding: try folder.read("whole.csv"), as: UTF8.self).split(separator: "\n")
        let whole = rows.enumerated().map { number, row in
            number < 2 ? row + "\n" : String(row).replacing(",,", with: ",reject,", maxReplacements: 1) + "\n"
        }.joined()
        var known = 0
        var failures = 0
        for number in 0..<200 {
            try folder.write(Self.mutated(Array(whole.utf8), &random), to: "t.csv")
            let output = "\(number).csv"
            let isTold = told {
                let summary = try run(known: "t.csv", to: output)
                #expect(summary.regions.count + summary.leftOut.known == found)
                known += summary.leftOut.known
            }
            failures += isTold ? 1 : 0
            #expect(try folder.names.contains(output) == !isTold)
        }
        #expect(failures > 20 && failures < 180 && known > 100)
    }

    @Test("wrong counts of a mask are refused or give a mask of its size")
    func masks() {
        var random = SplitMix(seed: 140)
        var read = 0
        for _ in 0..<6000 {
            let (height, width) = (1 + random.below(9), 1 + random.below(9))
            var text: [UInt8] = []
            for _ in 0..<random.below(6) {
                // Mostly what counts are made of.
                text.append(random.below(20) == 0 ? UInt8(random.below(128)) : UInt8(48 + random.below(12)))
            }
            guard
                let mask = ColumnRuns(
                    height: height, width: width, text: String(decoding: text, as: UTF8.self))
            else { continue }
            read += 1
            #expect(mask.counts.reduce(0, +) == height * width)
            #expect(mask.rowRuns.reduce(0) { $0 + $1.count } == mask.area)
            #expect(ColumnRuns(height: height, width: width, text: mask.text) == mask)
        }
        #expect(read > 30)
    }
}
