import ConfidentLearning
import TestSupport
import Testing

@testable import MaskAudit

/// What regions are, on small images and by plain flood fills.
@Suite struct RegionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Pixels of each component as a flood fill finds them, by their first pixels.
    static func flood(flags: [Bool], labels: [Int], suggested: [Int], width: Int, reach: Int) -> [Set<Int>] {
        var seen = Set<Int>()
        var out: [Set<Int>] = []
        let height = flags.count / width
        for start in flags.indices where flags[start] && !seen.contains(start) {
            var component: Set<Int> = [start]
            var open = [start]
            while let pixel = open.popLast() {
                for dy in -1...1 {
                    for dx in -1...1 where reach == 1 || dy == 0 || dx == 0 {
                        let y = pixel / width + dy
                        let x = pixel % width + dx
                        guard (0..<height).contains(y) && (0..<width).contains(x) else { continue }
                        let next = y * width + x
                        guard flags[next], labels[next] == labels[start], suggested[next] == suggested[start],
                            component.insert(next).inserted
                        else { continue }
                        open.append(next)
                    }
                }
            }
            seen.formUnion(component)
            out.append(component)
        }
        return out
    }

    @Test(
        "regions are what a flood fill finds among the issues of each rule", arguments: FilterRule.allCases, [1, 2])
    func floodFill(rule: FilterRule, downsample: Int) throws {
        // It judges regions at full size alone.
        guard rule != .calibrated || downsample == 1 else { return }
        let scene = Scene.random(seed: 7, classCount: 3, count: 3, 24, 30, void: 255)
        try folder.write(scene)
        let audit = try folder.audit {
            $0.audit.rule.filter = rule
            $0.audit.rule.minimumEvidence = 2
            $0.audit.rule.downsample = downsample
            $0.audit.dataset.ignoredLabels = [255]
            $0.suggest = true
        }
        let flags = audit.masks
        let suggested = try #require(audit.archive["suggested_labels"]).integers
        for connectivity in [Connectivity.four, .eight] {
            let outcome = try folder.regions {
                $0.audit.rule.filter = rule
                $0.audit.rule.minimumEvidence = 2
                $0.audit.rule.downsample = downsample
                $0.audit.dataset.ignoredLabels = [255]
                $0.connectivity = connectivity
            }
            #expect(outcome.summary.issues == audit.summary.issues)
            #expect(outcome.summary.issues > 20)
            #expect(outcome.placed.reduce(0) { $0 + $1.area } == audit.summary.issues)
            for image in 0..<3 {
                let part = image * 720..<(image + 1) * 720
                let wanted = Self.flood(
                    flags: Array(flags[part]), labels: scene.images[image].labels, suggested: Array(suggested[part]),
                    width: 30, reach: connectivity == .eight ? 1 : 0)
                let found = outcome.placed.filter { $0.image == image }
                #expect(found.map { Set($0.runs.joined()) } == wanted)
                for region in found {
                    let first = region.row * 30 + region.column
                    #expect(region.given == scene.images[image].labels[first])
                    #expect(region.suggested == suggested[part.lowerBound + first])
                }
            }
        }
    }

    @Test("confidences are those of the given and of the suggested class", arguments: Reference.rules)
    func confidences(rule: FilterRule) throws {
        let scene = Scene.random(seed: 8, classCount: 5, count: 2, 30, 30)
        try folder.write(scene)
        let outcome = try folder.regions { $0.audit.rule.filter = rule }
        for region in outcome.placed {
            let image = scene.images[region.image]
            let pixels = Array(region.runs.joined())
            let own = pixels.map { image.probability(region.given, $0) }
            let other = pixels.map { image.probability(region.suggested, $0) }
            // Multiples of 1/64: sums are exact.
            #expect(region.selfConfidence == own.reduce(0, +) / Double(pixels.count))
            #expect(region.lowestSelfConfidence == own.min())
            #expect(region.suggestedConfidence == other.reduce(0, +) / Double(pixels.count))
        }
        #expect(outcome.placed.count > 20)
    }

    @Test("a suggestion that is not the most probable class has its own confidence", arguments: [false, true])
    func otherSuggestion(isDeflated: Bool) throws {
        // t0 = 1 and t1 = 0.375; the last pixel, given 2, is sure to be 1 and not sure to be 0, its most probable class.
        let pixels: [(given: Int, p: [Double])] = [
            (0, [1, 0, 0]), (1, [0.3125, 0.375, 0.3125]), (2, [0.5, 0.4375, 0.0625]),
        ]
        try folder.write(NumberArray([1, 3], pixels.map(\.given)).npy("|u1"), to: "labels.npy")
        let probabilities = NumberArray([3, 1, 3], (0..<3).flatMap { k in pixels.map { $0.p[k] } }).npy("<f4")
        try folder.write(npz([("pred_probs", probabilities)], deflated: isDeflated), to: "p.npz")
        let outcome = try folder.regions(["labels.npy"], ["p.npz"]) { $0.audit.rule.filter = .confidentLearning }
        #expect(outcome.placed.map(\.suggested) == [1])
        #expect(outcome.placed.map(\.suggestedConfidence) == [0.4375])
        #expect(outcome.placed.map(\.selfConfidence) == [0.0625])
    }

    @Test("corners join pixels with eight neighbours and not with four; other classes never do")
    func corners() throws {
        try folder.write(Sketch("abaa", "baca", "Caab", "aBBa").scene)
        // Given 0 suggested 1: (0,1) (1,0) touch by a corner, (2,3) is alone; suggested 2: (1,2); given 1: (2,0) alone.
        #expect(try folder.regions { $0.connectivity = .four }.placed.map(\.area) == [1, 1, 1, 1, 1])
        #expect(try folder.regions().placed.map(\.area) == [2, 1, 1, 1])
    }

    @Test("a region knows its box, its middle and its name")
    func measures() throws {
        try folder.write(Sketch("aaaaa", "aabba", "aabaa", "abbaa").scene)
        let outcome = try folder.regions()
        let region = try #require(outcome.placed.first)
        #expect(outcome.placed.count == 1)
        #expect((region.left, region.top, region.width, region.height) == (1, 1, 3, 3))
        #expect(region.area == 5)
        // Columns 2 3 2 1 2, rows 1 1 2 3 3.
        #expect((region.centerX, region.centerY) == (2, 2))
        #expect((region.selfConfidence, region.suggestedConfidence) == (0.25, 0.75))
        #expect(outcome.summary.identifier(region) == "0@1x2")
        #expect(Array(region.runs.joined()) == [7, 8, 12, 16, 17])
        // The fourth root of 16 is 2: 2 / (2 + 1 + 100 / 4).
        var other = region
        other.area = 16
        #expect(other.score == 2.0 / 28)
    }

    @Test("a transposed image has transposed regions", arguments: [Connectivity.four, .eight])
    func transposed(connectivity: Connectivity) throws {
        var random = SplitMix(seed: 3)
        let sketch = Sketch(
            rows: (0..<19).map { _ in String((0..<26).map { _ in Array("aabbcABBC")[random.below(9)] }) })
        func facts(_ sketch: Sketch, isTurned: Bool) throws -> Set<String> {
            try folder.write(sketch.scene)
            return Set(
                try folder.regions { $0.connectivity = connectivity }.placed.map { region in
                    let pixels = region.runs.joined().map {
                        isTurned ? $0 % sketch.width * sketch.height + $0 / sketch.width : $0
                    }
                    let box = [region.left, region.top, region.width, region.height]
                    return "\(isTurned ? [box[1], box[0], box[3], box[2]] : box) \(region.given) \(region.suggested) "
                        + "\(isTurned ? [region.centerY, region.centerX] : [region.centerX, region.centerY]) "
                        + "\(region.boundaryPixels) \(region.score) \(pixels.sorted())"
                })
        }
        let plain = try facts(sketch, isTurned: false)
        #expect(plain.count > 30)
        #expect(try facts(sketch.transposed, isTurned: true) == plain)
    }

    @Test(
        "pixels are at a boundary where the suggested class is given at most R rows and columns away", arguments: 0...4)
    func boundary(radius: Int) throws {
        // Suggested 1, given 1 at (0,0) and (4,6) alone; from (2,2) one is 2 away, from (2,4) both are 2 to 4 away.
        try folder.write(Sketch("Baaaaaa", "aaaaaaa", "aabbbaa", "aaaaaaa", "aaaaaaB").scene)
        let outcome = try folder.regions { $0.boundaryRadius = radius }
        // Distances of (2,2) (2,3) (2,4): min(2, 4) = 2, min(3, 3) = 3, min(4, 2) = 2.
        let wanted = [0, 0, 2, 3, 3][radius]
        #expect(outcome.placed.map(\.boundaryPixels) == [wanted])
        #expect(outcome.placed.map(\.boundaryShare) == [Double(wanted) / 3])
        let skipped = try folder.regions {
            $0.boundaryRadius = radius
            $0.skipsBoundary = true
        }
        #expect(skipped.summary.regions.count == (radius < 3 ? 1 : 0))
        #expect(skipped.summary.leftOut.atBoundary == (radius < 3 ? 0 : 1))
    }
}
