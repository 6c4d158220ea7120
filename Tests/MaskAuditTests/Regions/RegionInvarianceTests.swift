import TestSupport
import Testing

@testable import MaskAudit

/// What must not change regions does not.
@Suite struct RegionInvarianceTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("bands of rows, threads, memory and the form of the inputs do not change regions or corrected labels")
    func forms() throws {
        // Cut into bands of rows where it can be read in place.
        let scene = Scene.random(seed: 11, classCount: 2, count: 2, 364, 364, void: 255)
        try folder.write(scene)
        let labels = try folder.read("labels.npy")
        let probabilities = try folder.read("pred_probs.npy")
        try folder.write(npz([("labels", labels)], deflated: true), to: "labels.npz")
        try folder.write(npz([("pred_probs", probabilities)], deflated: true), to: "pred_probs.npz")
        var first: RegionOutcome?
        for (labels, probabilities, threads, limit) in [
            ("labels.npy", "pred_probs.npy", 1, 64 << 20), ("labels.npy", "pred_probs.npy", 5, 0),
            ("labels.npz", "pred_probs.npz", 3, 0), ("labels.npz", "pred_probs.npy", 2, 64 << 20),
        ] {
            let outcome = try folder.regions([labels], [probabilities]) {
                $0.audit.run.threads = threads
                $0.audit.run.memoryLimitBytes = limit
                $0.audit.dataset.ignoredLabels = [255]
                $0.correctedFile = folder("corrected.npz")
            }
            guard let wanted = first else {
                #expect(outcome.summary.regions.count > 1000)
                first = outcome
                continue
            }
            #expect(outcome.summary.regions == wanted.summary.regions)
            #expect(outcome.corrected == wanted.corrected)
        }
    }

    @Test("corrected labels are numbered as the labels were read")
    func numbered() throws {
        let scene = Scene.random(seed: 5, classCount: 3, count: 2, 9, 7, void: 255)
        try folder.write(scene)
        let plain = try folder.regions {
            $0.audit.dataset.ignoredLabels = [255]
            $0.correctedFile = folder("corrected.npz")
        }
        let corrected = try #require(plain.corrected?["labels"]).integers
        #expect(corrected != scene.images.flatMap(\.labels))
        func stored(_ number: (Int) -> Int) throws {
            try folder.write(
                NumberArray([2, 9, 7], scene.images.flatMap(\.labels).map { number($0) }).npy("<i4"), to: "labels.npy")
        }
        try stored { $0 == 255 ? 0 : $0 + 1 }
        let reduced = try folder.regions {
            $0.audit.dataset.reducesZeroLabel = true
            $0.correctedFile = folder("corrected.npz")
        }
        #expect(reduced.corrected?["labels"]?.integers == corrected.map { $0 == 255 ? 0 : $0 + 1 })
        // Given labels keep their instance, suggested ones have none.
        try stored { $0 * 1000 + 7 }
        let divided = try folder.regions {
            $0.audit.dataset.labelDivisor = 1000
            $0.audit.dataset.ignoredLabels = [255]
            $0.correctedFile = folder("corrected.npz")
        }
        let wanted = zip(corrected, scene.images.flatMap(\.labels)).map { $0 == $1 ? $0 * 1000 + 7 : $0 * 1000 }
        #expect(divided.corrected?["labels"]?.integers == wanted)
    }

    @Test("images of a unit do not touch one another")
    func images() throws {
        // The last row of one image and the first of the next would be one region.
        let scene = Sketch("aaa", "bbb").scene
        let other = Sketch("bbb", "aaa").scene
        try folder.write(Scene(classCount: 3, images: scene.images + other.images + scene.images))
        let outcome = try folder.regions()
        #expect(outcome.placed.map { [$0.image, $0.row, $0.area] } == [[0, 1, 3], [1, 0, 3], [2, 1, 3]])
    }

    @Test("an array an image keeps its name, whatever its size")
    func named() throws {
        let small = Sketch("ab")
        let large = Sketch("aaaaa", "abbba")
        let members = [("img10", small.scene), ("img2", large.scene)]
        try folder.write(npz(members.map { ($0.0, $0.1.labels(0).npy("|u1")) }), to: "labels.npz")
        try folder.write(npz(members.map { ($0.0, $0.1.probabilities(0).npy("<f4")) }), to: "pred_probs.npz")
        let outcome = try folder.regions(["labels.npz"], ["pred_probs.npz"]) {
            $0.correctedFile = folder("corrected.npz")
        }
        #expect(outcome.placed.map { outcome.summary.identifier($0) } == ["img2@1x1", "img10@0x1"])
        #expect(outcome.corrected?.keys == ["img2", "img10"])
        #expect(outcome.corrected?["img2"]?.integers == [0, 0, 0, 0, 0, 0, 1, 1, 1, 0])
        #expect(outcome.corrected?["img10"]?.shape == [1, 2])
    }

    @Test(
        "images without pixels have no regions, and corrected labels of their shape",
        arguments: [[2, 0, 3], [2, 3, 0], [2, 0, 0], [0, 2, 3]], ["|u1", ">f4"])
    func noPixels(shape: [Int], descr: String) throws {
        try folder.write(NumberArray(shape, [Int]()).npy(descr), to: "labels.npy")
        try folder.write(NumberArray([shape[0], 3, shape[1], shape[2]], [Int]()).npy("<f4"), to: "pred_probs.npy")
        let outcome = try folder.regions { $0.correctedFile = folder("corrected.npz") }
        #expect(outcome.summary.found == 0)
        #expect(outcome.corrected?["labels"]?.shape == shape)
    }

    @Test("images without issues have no regions")
    func empty() throws {
        try folder.write(Sketch("aB", "Ba").scene)
        let outcome = try folder.regions { $0.correctedFile = folder("corrected.npz") }
        #expect(outcome.summary.regions.isEmpty && outcome.summary.issues == 0)
        #expect(outcome.corrected?["labels"]?.integers == [0, 1, 1, 0])
    }
}
