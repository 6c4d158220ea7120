import ConfidentLearning
import TestSupport

/// What `calibrated` is to find, written plainly: counts of every image over every pixel, recounted without the image that
/// is judged, and regions by flood fill. Images are smaller than those that are counted on a lattice.
struct CalibratedReference {
    struct Found {
        var image: Int
        var pixels: [Int]
        var given: Int
        /// Of the pixels, each.
        var suggested: [Int]
        var evidence: Double

        var score: Double { evidence + naturalLogarithm(Double(pixels.count)) }
    }

    /// All regions, flagged or not, by image and first pixel.
    var regions: [Found] = []
    var masks: [[Bool]]

    private static let limits = [
        1.6487212707001282, 2.718281828459045, 7.38905609893065, 20.085536923187668, 54.598150033144236,
        403.4287934927351, 2980.9579870417283,
    ]

    /// - Parameters:
    ///   - witnesses: the images whose counts judge the labels.
    ///   - leavesOut: whether an image's own counts are left out.
    ///   - joinsSuggestions: whether regions are those of one given class, whatever they suggest.
    init(
        _ scene: Scene, ignored: Int, evidence minimum: Double, witnesses: Scene? = nil, leavesOut: Bool = true,
        joinsSuggestions: Bool = false
    ) {
        masks = scene.images.map { [Bool](repeating: false, count: $0.pixelCount) }
        let classCount = scene.classCount
        for (number, image) in scene.images.enumerated() {
            var seen: [[Int]: Int] = [:]
            var given: [[Int]: Int] = [:]
            for (other, witness) in (witnesses ?? scene).images.enumerated() where !(leavesOut && other == number) {
                for pixel in 0..<witness.pixelCount where witness.labels[pixel] != ignored {
                    let (predicted, top) = Self.predicted(witness, classCount, pixel)
                    for k in 0..<classCount where k != predicted {
                        let cell = [predicted, k, Self.bin(top, witness.probability(k, pixel))]
                        seen[cell, default: 0] += 1
                        if witness.labels[pixel] == k { given[cell, default: 0] += 1 }
                    }
                }
            }
            func surprise(_ cell: [Int]) -> Double {
                let allGiven = given.reduce(0) { $1.key[2] == cell[2] ? $0 + $1.value : $0 }
                let allSeen = seen.reduce(0) { $1.key[2] == cell[2] ? $0 + $1.value : $0 }
                let pool = (Double(allGiven) + 0.001) / (Double(allSeen) + 1)
                let share = (Double(given[cell] ?? 0) + 100 * pool) / (Double(seen[cell] ?? 0) + 100)
                return -naturalLogarithm(max(share, 1e-9))
            }
            var known: [[Int]: Double] = [:]
            for pixels in Self.components(image, classCount, ignored, joinsSuggestions) {
                var sum = 0.0
                var suggested: [Int] = []
                for pixel in pixels {
                    let (predicted, top) = Self.predicted(image, classCount, pixel)
                    let low = image.probability(image.labels[pixel], pixel)
                    let cell = [predicted, image.labels[pixel], Self.bin(top, low)]
                    if known[cell] == nil { known[cell] = surprise(cell) }
                    sum += (known[cell] ?? 0) + 0.3 * naturalLogarithm(max(top, 1e-6) / max(low, 1e-6))
                    suggested.append(predicted)
                }
                let mean = sum / Double(pixels.count)
                regions.append(
                    Found(
                        image: number, pixels: pixels, given: image.labels[pixels[0]], suggested: suggested,
                        evidence: mean))
                if mean >= minimum { for pixel in pixels { masks[number][pixel] = true } }
            }
        }
    }

    private static func bin(_ top: Double, _ other: Double) -> Int { limits.count { top >= $0 * other } }

    private static func predicted(_ image: Scene.Image, _ classCount: Int, _ pixel: Int) -> (Int, Double) {
        var best = 0
        for k in 1..<classCount where image.probability(k, pixel) > image.probability(best, pixel) { best = k }
        return (best, image.probability(best, pixel))
    }

    /// Contested pixels that touch by a side or a corner, as sorted lists in order of their first pixels.
    private static func components(
        _ image: Scene.Image, _ classCount: Int, _ ignored: Int, _ joinsSuggestions: Bool
    ) -> [[Int]] {
        let codes = (0..<image.pixelCount).map { pixel -> Int in
            let predicted = predicted(image, classCount, pixel).0
            guard image.labels[pixel] != ignored, predicted != image.labels[pixel] else { return -1 }
            return image.labels[pixel] * classCount + (joinsSuggestions ? 0 : predicted)
        }
        var isDone = [Bool](repeating: false, count: codes.count)
        var found: [[Int]] = []
        for start in codes.indices where codes[start] >= 0 && !isDone[start] {
            var pixels: [Int] = []
            var stack = [start]
            isDone[start] = true
            while let pixel = stack.popLast() {
                pixels.append(pixel)
                let (y, x) = (pixel / image.width, pixel % image.width)
                for row in max(0, y - 1)..<min(image.height, y + 2) {
                    for column in max(0, x - 1)..<min(image.width, x + 2) {
                        let next = row * image.width + column
                        guard !isDone[next], codes[next] == codes[start] else { continue }
                        isDone[next] = true
                        stack.append(next)
                    }
                }
            }
            found.append(pixels.sorted())
        }
        return found
    }
}

extension Scene {
    /// Images of rectangles whose predictions are mostly sure and mostly right, and whose labels are wrong in some whole
    /// rectangles and along borders: regions of many sizes and much or little evidence.
    static func rectangles(seed: UInt64, classCount: Int, sizes: [(Int, Int)], void: Int) -> Scene {
        var random = SplitMix(seed: seed)
        let images = sizes.map { height, width -> Image in
            var truth = [Int](repeating: 0, count: height * width)
            var labels = truth
            for _ in 0..<(height * width / 40) {
                let (classIndex, wrong) = (random.below(classCount), random.below(classCount))
                let isWrong = random.below(5) == 0
                let (top, left) = (random.below(height), random.below(width))
                let (bottom, right) = (min(height, top + 2 + random.below(8)), min(width, left + 2 + random.below(8)))
                for y in top..<bottom {
                    for x in left..<right {
                        truth[y * width + x] = classIndex
                        // Labels lag a pixel behind on one side.
                        if x > left { labels[y * width + x] = isWrong ? wrong : classIndex }
                    }
                }
            }
            var probabilities = [Double](repeating: 0, count: classCount * height * width)
            for pixel in truth.indices {
                // In 2048ths, which every type holds and which add up to 1.
                let lead = [2047, 2040, 1900, 1500, 1200][random.below(5)]
                let second = random.below(classCount)
                let sure = random.below(12) == 0 ? random.below(classCount) : truth[pixel]
                probabilities[sure * truth.count + pixel] += Double(lead) / 2048
                probabilities[second * truth.count + pixel] += Double(2048 - lead) / 2048
                if random.below(30) == 0 { labels[pixel] = void }
            }
            return Image(height: height, width: width, labels: labels, probabilities: probabilities)
        }
        return Scene(classCount: classCount, images: images)
    }
}
