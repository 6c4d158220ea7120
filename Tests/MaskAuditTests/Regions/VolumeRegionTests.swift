import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// Regions that reach through the slices of volumes.
@Suite struct VolumeRegionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Slices of one volume each, drawn as images are.
    private func write(_ volumes: [[Sketch]]) throws {
        let depth = volumes[0].count
        let (height, width) = (volumes[0][0].height, volumes[0][0].width)
        let images = volumes.joined().map { $0.scene.images[0] }
        try write(images, [volumes.count, depth, height, width])
    }

    private func write(_ slices: [Scene.Image], _ shape: [Int]) throws {
        let planes = NumberArray([shape[0], shape[1], 3, shape[2], shape[3]], slices.flatMap(\.probabilities))
        try folder.write(NumberArray(shape, slices.flatMap(\.labels)).npy("|u1"), to: "labels.npy")
        try folder.write(planes.transposed([0, 2, 1, 3, 4]).npy("<f4"), to: "pred_probs.npy")
    }

    private func regions(_ change: (inout RegionPlan) -> Void = { _ in }) throws -> RegionOutcome {
        try folder.regions {
            $0.audit.dataset.volumes = true
            $0.audit.dataset.ignoredLabels = [Sketch.void]
            $0.connectivity = .twentySix
            change(&$0)
        }
    }

    @Test(
        "pixels of neighbouring slices touch by faces, or by edges and corners too",
        arguments: [(Connectivity.six, [3, 1, 1, 1, 1, 1]), (.twentySix, [4, 1, 1, 1, 1])])
    func connectivity(connectivity: Connectivity, areas: [Int]) throws {
        // Three b's under one another and one at an edge of theirs; a b that would lie above another if the slices were one
        // image; and a b over a c.
        try write([
            [
                Sketch("baaaaa", "aaaaaa", "aaabaa"), Sketch("baabaa", "abaaac", "aaaaaa"),
                Sketch("baaaaa", "aaaaab", "aaaaaa"),
            ]
        ])
        let found = try regions { $0.connectivity = connectivity }.summary.regions
        #expect(found.map(\.area).sorted(by: >) == areas)
    }

    @Test("a region has its slices, a box over all of them, and a name that begins with its first slice")
    func place() throws {
        try write([
            [Sketch("aaaa", "aaaa"), Sketch("aaaa", "aaaa")],
            [Sketch("aaaa", "aabb"), Sketch("abba", "aaba")],
        ])
        let summary = try regions().summary
        let region = try #require(summary.regions.first)
        #expect(summary.areVolumes && summary.regions.count == 1)
        #expect(summary.identifier(region) == "1@0x1x2")
        #expect((region.image, region.row, region.column, region.area) == (1, 1, 2, 5))
        #expect([region.left, region.top, region.width, region.height] == [1, 0, 3, 2])
        // Columns 2, 3, 1, 2, 2; rows 1, 1, 0, 0, 1; slices 0, 0, 1, 1, 1.
        #expect((region.centerX, region.centerY) == (2, 0.6))
        #expect(summary.slices(region) == .init(first: 0, count: 2, center: 0.6, fullest: 1))
        #expect(region.runs == [6..<8, 9..<11, 14..<15])
    }

    @Test("regions are those of a flood through the volume", arguments: [Connectivity.six, .twentySix])
    func flood(connectivity: Connectivity) throws {
        let slices = Scene.random(seed: 23, classCount: 3, count: 2 * 5, 6, 7, void: Sketch.void, isTied: false).images
        try write(slices, [2, 5, 6, 7])
        var wanted: Set<[Int]> = []
        for volume in 0..<2 { wanted.formUnion(Self.flood(slices[5 * volume..<5 * volume + 5], volume, connectivity)) }
        let found = try regions { $0.connectivity = connectivity }.summary.regions
        #expect(Set(found.map { [$0.image] + $0.runs.joined() }) == wanted)
        #expect(found.count == wanted.count && found.count > 20)
    }

    /// The volume's number and the pixels of each component, found by a plain search from pixel to pixel.
    private static func flood(
        _ slices: ArraySlice<Scene.Image>, _ volume: Int, _ connectivity: Connectivity
    ) -> Set<[Int]> {
        let (depth, height, width) = (slices.count, 6, 7)
        /// Given and predicted class of contested pixels.
        let kinds: [[Int]?] = slices.flatMap { slice in
            slice.labels.indices.map { pixel in
                let own = (0..<3).map { slice.probability($0, pixel) }
                let predicted = own.firstIndex(of: own.max()!)!
                let given = slice.labels[pixel]
                return given == Sketch.void || given == predicted ? nil : [given, predicted]
            }
        }
        var left = Set(kinds.indices.filter { kinds[$0] != nil })
        var components: Set<[Int]> = []
        while let first = left.min() {
            var component: [Int] = []
            var open = [first]
            left.remove(first)
            while let pixel = open.popLast() {
                component.append(pixel)
                let (z, y, x) = (pixel / (height * width), pixel / width % height, pixel % width)
                for dz in -1...1 {
                    for dy in -1...1 {
                        for dx in -1...1 {
                            let steps = abs(dz) + abs(dy) + abs(dx)
                            guard steps > 0, connectivity == .twentySix || steps == 1, (0..<depth).contains(z + dz),
                                (0..<height).contains(y + dy), (0..<width).contains(x + dx)
                            else { continue }
                            let other = ((z + dz) * height + y + dy) * width + x + dx
                            if kinds[other] == kinds[pixel], left.remove(other) != nil { open.append(other) }
                        }
                    }
                }
            }
            components.insert([volume] + component.sorted())
        }
        return components
    }

    @Test("labels near a region are those of its slice")
    func boundary() throws {
        // Label 1 lies under the b in the next slice, and would lie below it if the slices were one image.
        try write([[Sketch("aaa", "aba"), Sketch("BBB", "aaa")]])
        #expect(try regions().summary.regions.map(\.boundaryPixels) == [0])
        try write([[Sketch("BBB", "aba"), Sketch("aaa", "aaa")]])
        #expect(try regions().summary.regions.map(\.boundaryPixels) == [1])
    }

    @Test("corrected labels, reviews and known regions are those of volumes")
    func review() throws {
        try write([[Sketch("bba", "aaa"), Sketch("aaa", "cca")], [Sketch("aac", "aaa"), Sketch("aac", "aaa")]])
        let outcome = try regions { plan in
            plan.correctedFile = folder("corrected.npz")
            plan.review = RegionReview(
                file: "done.csv",
                entries: ["1@0x0x2": .init(decision: .accept, line: 2), "0@1x1x0": .init(decision: .reject, line: 3)])
        }
        #expect(outcome.corrected?["labels"]?.shape == [2, 2, 2, 3])
        #expect(
            outcome.corrected?["labels"]?.integers
                == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0])
        let rejected = try #require(outcome.summary.rejected.first)
        let slices = ColumnRuns(height: 4, width: 3, runs: rejected.runs)
        let next = try regions {
            $0.known = [
                KnownRegion(identifier: "0@1x1x0", given: 0, suggested: 2, mask: slices, file: "k.csv", line: 2)
            ]
        }
        #expect(next.summary.leftOut.known == 1)
        #expect(next.summary.regions.map { next.summary.identifier($0) }.sorted() == ["0@0x0x0", "1@0x0x2"])
    }

    @Test("pictures show the slice with most issues, and the slice with most of a region")
    func pictures() throws {
        try write([[Sketch("baaa", "aaaa"), Sketch("bbaa", "aaac"), Sketch("baaa", "aaac")]])
        let photo = (0..<3 * 24).map { UInt8($0) }
        try folder.write(npy(header: npyDict("|u1", [1, 3, 2, 4, 3]) + "\n", data: photo), to: "images.npy")
        var audit = AuditPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]))
        audit.rule.filter = .predictedNeqGiven
        audit.dataset.volumes = true
        _ = try folder.audit {
            $0.audit.rule.filter = .predictedNeqGiven
            $0.audit.dataset.volumes = true
        }
        for issues in [nil, InputSelection(paths: [folder("out.npz")])] {
            var plan = ReportPlan(audit: audit, output: "report.html")
            plan.images = InputSelection(paths: [folder("images.npy")])
            plan.issues = issues
            var pictures: [ImagePicture] = []
            var regions: [RegionPicture] = []
            _ = try ReportRun(plan: plan).run({ pictures.append($0) }, showRegion: { regions.append($0) })
            let picture = try #require(pictures.first)
            #expect((picture.slice, picture.height, picture.width) == (1, 2, 4))
            #expect(picture.issues.map(\.pixel) == [0, 1, 7] && picture.predicted == [1, 1, 0, 0, 0, 0, 0, 2])
            #expect(picture.photo == Array(photo[24..<48]))
            // Of four pixels and of two; the second has one in each slice.
            #expect(regions.map(\.picture.slice) == (issues == nil ? [1, 1] : []))
            #expect(regions.map { $0.picture.issues.map(\.pixel) } == (issues == nil ? [[0, 1], [7]] : []))
        }
    }
}
