import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit

/// Probabilities that are smaller than their labels, against the same dataset enlarged beforehand.
@Suite struct UpsamplingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    struct Size: Sendable {
        var height: Int
        var width: Int
        var smallHeight: Int
        var smallWidth: Int
        var alignsCorners = false
    }

    /// Each enlarged pixel by itself from its four neighbours: PyTorch's formula, without rows that are kept.
    private func enlarged(_ image: Scene.Image, _ classCount: Int, _ size: Size) -> [Double] {
        func place(_ at: Int, _ small: Int, _ large: Int) -> (low: Int, high: Int, share: Double) {
            let exact =
                size.alignsCorners
                ? (large > 1 ? Double(at) * (Double(small - 1) / Double(large - 1)) : 0)
                : max((Double(at) + 0.5) * (Double(small) / Double(large)) - 0.5, 0)
            let low = min(Int(exact), small - 1)
            return (low, min(low + 1, small - 1), exact - Double(low))
        }
        var out: [Double] = []
        for plane in 0..<classCount {
            for y in 0..<size.height {
                let row = place(y, size.smallHeight, size.height)
                for x in 0..<size.width {
                    let column = place(x, size.smallWidth, size.width)
                    func across(_ row: Int) -> Double {
                        image.probability(plane, row * size.smallWidth + column.low) * (1 - column.share)
                            + image.probability(plane, row * size.smallWidth + column.high) * column.share
                    }
                    out.append(across(row.low) * (1 - row.share) + across(row.high) * row.share)
                }
            }
        }
        return out
    }

    /// Writes labels of the large size with small probabilities, and enlarged ones; returns what is enlarged.
    private func write(_ sizes: [Size], classCount: Int, seed: UInt64) throws {
        let small = Scene.random(
            seed: seed, classCount: classCount, sizes: sizes.map { ($0.smallHeight, $0.smallWidth) }, isTied: false)
        let large = Scene.random(
            seed: seed + 1, classCount: classCount, sizes: sizes.map { ($0.height, $0.width) }, void: 255)
        let names = sizes.indices.map { "i\($0)" }
        try folder.write(npz(sizes.indices.map { (names[$0], large.labels($0).npy("|u1")) }), to: "labels.npz")
        try folder.write(npz(sizes.indices.map { (names[$0], small.probabilities($0).npy("<f8")) }), to: "small.npz")
        try folder.write(
            npz(
                sizes.indices.map { index in
                    let size = sizes[index]
                    let values = enlarged(small.images[index], classCount, size)
                    return (
                        names[index], NumberArray([classCount, size.height, size.width], values).npy("<f8")
                    )
                }), to: "large.npz")
    }

    private func expectEqual(
        _ upsampling: Upsampling, sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout FindPlan) -> Void = { _ in }
    ) throws {
        let wanted = try folder.audit(["labels.npz"], ["large.npz"]) {
            $0.audit.dataset.ignoredLabels = [255]
            change(&$0)
        }
        let found = try folder.audit(["labels.npz"], ["small.npz"]) {
            $0.audit.dataset.ignoredLabels = [255]
            $0.audit.dataset.upsampling = upsampling
            change(&$0)
        }
        #expect(wanted.summary.issues > 0, sourceLocation: sourceLocation)
        #expect(found.archive == wanted.archive, sourceLocation: sourceLocation)
    }

    @Test(
        "masks are those of probabilities that were enlarged before",
        arguments: [
            Size(height: 48, width: 64, smallHeight: 12, smallWidth: 16),
            Size(height: 45, width: 70, smallHeight: 11, smallWidth: 18),
            Size(height: 45, width: 70, smallHeight: 11, smallWidth: 18, alignsCorners: true),
            Size(height: 7, width: 9, smallHeight: 1, smallWidth: 1),
            Size(height: 1, width: 50, smallHeight: 1, smallWidth: 3, alignsCorners: true),
            Size(height: 20, width: 30, smallHeight: 20, smallWidth: 30),
            Size(height: 20, width: 30, smallHeight: 33, smallWidth: 41),
        ], FilterRule.allCases)
    func equal(size: Size, rule: FilterRule) throws {
        try write([size, size, size], classCount: 4, seed: 300)
        try expectEqual(size.alignsCorners ? .corners : .areas) {
            $0.audit.rule.filter = rule
            // Noise is little evidence.
            $0.audit.rule.minimumEvidence = 0.5
            $0.suggest = true
        }
    }

    @Test("images of unlike sizes, in units of rows, on any number of threads", arguments: [1, 2, 5])
    func threads(threads: Int) throws {
        try write(
            [
                Size(height: 400, width: 900, smallHeight: 50, smallWidth: 113),
                Size(height: 3, width: 5, smallHeight: 2, smallWidth: 2),
                Size(height: 350, width: 1100, smallHeight: 30, smallWidth: 1100),
            ], classCount: 3, seed: 310)
        try expectEqual(.areas) { $0.audit.run.threads = threads }
    }

    @Test("blocks are averaged after enlarging", arguments: [2, 4])
    func downsampled(factor: Int) throws {
        try write([Size(height: 64, width: 96, smallHeight: 16, smallWidth: 20)], classCount: 3, seed: 320)
        try expectEqual(.areas) {
            $0.audit.rule.downsample = factor
            // A mean of labels leaves the last class without a block.
            $0.audit.rule.downsampleLabels = .majority
        }
    }

    @Test("an infinite logit does no harm to pixels that fall on its neighbour")
    func infinite() throws {
        // Columns 0, 1, 2 of the labels fall on 0, 1/2 and 1 of the two stored ones.
        try folder.write(NumberArray([1, 1, 3], [0, 1, 1]).npy("|u1"), to: "labels.npy")
        try folder.write(
            NumberArray([1, 2, 1, 2], [2, -.infinity, 0, 0]).npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.audit {
            $0.audit.dataset.form = .logits
            $0.audit.dataset.upsampling = .corners
            $0.audit.rule.filter = .predictedNeqGiven
        }
        #expect(outcome.masks == [false, false, false])
        // softmax of (2, 0): 1 / (1 + e^-2).
        #expect(abs(outcome.thresholds[0] - 0.8807970779778823) < 1e-12)
    }

    @Test("probabilities without a pixel cannot be enlarged")
    func empty() throws {
        try folder.write(NumberArray([1, 2, 3], [Double](repeating: 0, count: 6)).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([1, 2, 0, 3], [Double]()).npy("<f4"), to: "pred_probs.npy")
        #expect(folder.fault { $0.audit.dataset.upsampling = .areas }.contains("shapes disagree"))
    }

    @Test("records that were kept, and parts, tell whether probabilities were enlarged")
    func parts() throws {
        var plan = AuditPlan(labels: InputSelection(paths: ["l"]), predProbs: InputSelection(paths: ["p"]))
        let plain = PartOptions(plan: plan)
        plan.dataset.upsampling = .areas
        #expect(PartOptions(plan: plan).difference(from: plain, named: "a.npz") != nil)
        let enlarged = PartOptions(plan: plan)
        plan.dataset.upsampling = .corners
        #expect(PartOptions(plan: plan).difference(from: enlarged, named: "a.npz") != nil)
        #expect(PartOptions(text: enlarged.text)?.difference(from: enlarged, named: "a.npz") == nil)
    }
}
