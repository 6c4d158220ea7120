import ConfidentLearning

/// What the audit is to find, written plainly: every pixel a row, sorting in memory, no tiles, no records.
struct Reference {
    var masks: [[Bool]] = []
    /// The suggested class where flagged, the given label elsewhere.
    var suggested: [[Int]] = []
    var thresholds: [Double?]
    var counts: [Int]
    var issueCount: Int { masks.reduce(0) { $0 + $1.filter { $0 }.count } }

    private struct Pixel {
        var label: Int
        var vector: [Double]
        var predicted: Int
        var isCounted: Bool
    }

    /// The rules that it knows; the others have cleanlab's own results, see `JointRuleTests`.
    static let rules: [FilterRule] = [.lowSelfConfidence, .confidentLearning]

    /// - Parameter isMajority: how the labels of a block become one.
    init(
        _ scene: Scene, _ rule: FilterRule, ignored: Set<Int> = [], downsample factor: Int = 1, isMajority: Bool = false
    ) {
        let full = scene.images.map { Self.pixels($0, scene.classCount, ignored) }
        let small =
            factor == 1
            ? full : scene.images.map { Self.blocks($0, scene.classCount, ignored, factor, isMajority: isMajority) }
        let all = small.flatMap { $0 }
        thresholds = (0..<scene.classCount).map { classIndex in
            let own = all.filter { $0.isCounted && $0.label == classIndex }.map { $0.vector[classIndex] }
            return own.isEmpty ? nil : max(own.reduce(0, +) / Double(own.count), 2e-6)
        }
        counts = (0..<scene.classCount).map { classIndex in
            full.reduce(0) { $0 + $1.filter { $0.isCounted && $0.label == classIndex }.count }
        }
        // Of each small pixel: nil where not taken, else the suggestion.
        let taken = rule == .confidentLearning ? Self.confident(all, thresholds) : Self.lowest(all, thresholds)
        var first = 0
        for (number, image) in scene.images.enumerated() {
            var mask: [Bool] = []
            var labels: [Int] = []
            for (pixel, own) in full[number].enumerated() {
                let block =
                    pixel / image.width / factor * (image.width / factor) + pixel % image.width / factor + first
                let isIssue = own.isCounted && own.predicted != own.label && taken[block] != nil
                mask.append(isIssue)
                let suggestion = taken[block].flatMap { $0 } ?? own.predicted
                labels.append(!isIssue ? own.label : suggestion == own.label ? own.predicted : suggestion)
            }
            masks.append(mask)
            suggested.append(labels)
            first += small[number].count
        }
    }

    private static func predicted(_ vector: [Double]) -> Int {
        var best = 0
        for (index, value) in vector.enumerated() where value > vector[best] { best = index }
        return best
    }

    private static func pixels(_ image: Scene.Image, _ classCount: Int, _ ignored: Set<Int>) -> [Pixel] {
        (0..<image.pixelCount).map { pixel in
            let vector = (0..<classCount).map { image.probability($0, pixel) }
            let label = image.labels[pixel]
            return Pixel(
                label: label, vector: vector, predicted: predicted(vector), isCounted: !ignored.contains(label))
        }
    }

    private static func blocks(
        _ image: Scene.Image, _ classCount: Int, _ ignored: Set<Int>, _ factor: Int, isMajority: Bool
    ) -> [Pixel] {
        var blocks: [Pixel] = []
        for top in stride(from: 0, to: image.height, by: factor) {
            for left in stride(from: 0, to: image.width, by: factor) {
                let inside = (top..<top + factor).flatMap { y in (left..<left + factor).map { y * image.width + $0 } }
                let labels = inside.map { image.labels[$0] }.filter { !ignored.contains($0) }
                var label = -1
                if isMajority {
                    let often = Dictionary(grouping: labels, by: \.self).mapValues(\.count)
                    label = often.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? -1
                } else if !labels.isEmpty {
                    let mean = Double(labels.reduce(0, +)) / Double(labels.count)
                    label = Int(mean.rounded(.toNearestOrEven))
                }
                // Means divided by their sum are sums divided by theirs, without a rounding that would break ties.
                var vector = (0..<classCount).map { classIndex in
                    inside.reduce(0) { $0 + image.probability(classIndex, $1) }
                }
                let sum = vector.reduce(0, +)
                vector = vector.map { $0 / sum }
                blocks.append(
                    Pixel(
                        label: label, vector: vector, predicted: predicted(vector),
                        isCounted: label >= 0 && !ignored.contains(label)))
            }
        }
        return blocks
    }

    private static func confident(_ all: [Pixel], _ thresholds: [Double?]) -> [Int??] {
        all.map { pixel -> Int?? in
            guard pixel.isCounted && pixel.predicted != pixel.label else { return nil }
            var best: Int?
            for (index, value) in pixel.vector.enumerated() {
                guard let threshold = thresholds[index], value >= threshold - 1e-6 else { continue }
                if best.map({ value > pixel.vector[$0] }) ?? true { best = index }
            }
            guard let best, best != pixel.label else { return nil }
            return .some(best)
        }
    }

    private static func lowest(_ all: [Pixel], _ thresholds: [Double?]) -> [Int??] {
        let contested = all.indices.filter { all[$0].isCounted && all[$0].predicted != all[$0].label }
        let count = contested.filter { index in
            let predicted = all[index].predicted
            return all[index].vector[predicted] >= (thresholds[predicted] ?? 2e-6) - 1e-6
        }.count
        let ranked = all.indices.filter { all[$0].isCounted }
            .sorted { (all[$0].vector[all[$0].label], $0) < (all[$1].vector[all[$1].label], $1) }
        var taken = [Int??](repeating: nil, count: all.count)
        for index in ranked.prefix(count) {
            taken[index] = all[index].predicted != all[index].label ? .some(all[index].predicted) : .some(nil)
        }
        return taken
    }
}
