import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit

/// Stored arrays of probabilities are checked part by part as they are scanned: whatever the parts, no byte is left out.
@Suite struct StoredChecksumTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    struct Form: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var scene: Scene
        var layout = ProbabilityLayout.nchw
        var isFortran = false
        var downsample = 1
    }

    static let forms = [
        // More than half a mebibyte an image, which is cut into units of rows.
        Form(
            testDescription: "planes cut by rows", scene: .random(seed: 1, classCount: 3, count: 1, 300, 300)),
        Form(
            testDescription: "planes cut by rows of blocks", scene: .random(seed: 2, classCount: 3, count: 2, 300, 240),
            downsample: 4),
        Form(
            testDescription: "whole images plane by plane", scene: .random(seed: 3, classCount: 9, count: 2, 128, 132)),
        Form(testDescription: "small images", scene: .random(seed: 4, classCount: 3, count: 70, 40, 41)),
        Form(
            testDescription: "classes last, cut by rows", scene: .random(seed: 5, classCount: 3, count: 1, 300, 300),
            layout: .nhwc),
        Form(
            testDescription: "images in no one piece", scene: .random(seed: 6, classCount: 3, count: 3, 20, 30),
            isFortran: true),
        Form(
            testDescription: "one large image in Fortran order",
            scene: .random(seed: 7, classCount: 3, count: 1, 300, 300), isFortran: true),
        Form(testDescription: "no pixels", scene: .random(seed: 8, classCount: 2, count: 2, 0, 5)),
    ]

    @Test("a wrong bit is found wherever it lies, and none where all are right", arguments: forms)
    func wrongBit(form: Form) throws {
        let scene = form.scene
        var array = scene.probabilities
        if form.layout == .nhwc { array = array.transposed([0, 2, 3, 1]) }
        let npy = array.npy("<f4", fortran: form.isFortran)
        let valueCount = array.shape.reduce(1, *)
        let first = npy.count - 4 * valueCount
        // NumPy ignores what follows an array, the archive's CRC-32 does not.
        let data = npy + [1, 2, 3]
        let member = ZipMember("p.npy", data).with(\.crc, tableCRC32(data))
        func change(_ plan: inout FindPlan, _ threads: Int) {
            plan.audit.run.threads = threads
            plan.audit.dataset.layout = form.layout
            plan.audit.rule.downsample = form.downsample
        }
        try folder.write(scene.labels.npy("|u1"), to: "labels.npy")
        // The lowest bit of a value leaves it a probability; the last of the three bytes is the archive's alone.
        let values = Set([0, valueCount / 3, valueCount / 2, valueCount - 1]).filter { $0 >= 0 && $0 < valueCount }
        for (number, place) in ([npy.count, data.count - 1] + values.map { first + 4 * $0 }).enumerated() {
            var wrong = data
            wrong[place] ^= 1
            try folder.write(ZipBuilder([member.with(\.stored, wrong)]).bytes, to: "wrong.npz")
            let line = folder.fault(["labels.npy"], ["wrong.npz"]) { change(&$0, 1 + number % 2 * 2) }
            #expect(line.contains("CRC-32") && line.contains("wrong.npz[p"), "byte \(place): \(line)")
        }
        try folder.write(ZipBuilder([member]).bytes, to: "right.npz")
        try folder.write(data, to: "right.npy")
        for threads in [1, 3] {
            let stored = try folder.audit(["labels.npy"], ["right.npz"]) { change(&$0, threads) }
            let plain = try folder.audit(["labels.npy"], ["right.npy"]) { change(&$0, threads) }
            #expect(stored.bytes == plain.bytes)
        }
    }

    @Test("of an array as NumPy saves it units check every byte: none is touched again after it was given back")
    func nothingLeft() throws {
        let scene = Scene.random(seed: 9, classCount: 3, sizes: [(40, 41), (300, 300), (7, 5)])
        try folder.write(npz(scene.images.indices.map { ("i\($0)", scene.labels($0).npy("|u1")) }), to: "labels.npz")
        for (name, trailing) in [("whole", []), ("longer", [UInt8(1)])] {
            let members = scene.images.indices.map { ("i\($0)", scene.probabilities($0).npy("<f4") + trailing) }
            let path = try folder.write(npz(members), to: name + ".npz")
            let plan = AuditPlan(
                labels: InputSelection(paths: [folder("labels.npz")]), predProbs: InputSelection(paths: [path]))
            let context = try RunContext(
                plan: plan, dataset: try Dataset(plan.dataset, for: plan.rule), temporaryFolder: folder.path)
            let rests = UnitChecksums(context: context).rests()
            #expect(rests.count == 3)
            for (source, ranges) in rests {
                let size = members[source].1.count
                #expect(ranges == (trailing.isEmpty ? [] : [size - 1..<size]))
            }
        }
    }
}
