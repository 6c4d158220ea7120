import TestSupport

/// Labels and probabilities of some images, as plain arrays.
struct Scene: Sendable {
    struct Image: Sendable {
        var height: Int
        var width: Int
        /// Row by row; values that are not classes are void.
        var labels: [Int]
        /// Class by class, row by row.
        var probabilities: [Double]

        var pixelCount: Int { height * width }
        func probability(_ classIndex: Int, _ pixel: Int) -> Double { probabilities[classIndex * pixelCount + pixel] }
    }

    var classCount: Int
    var images: [Image]

    /// Random images whose probabilities are multiples of 1/64 and sum to 1: exact in float16 and in any sum, and
    /// full of ties. A label in five is not the predicted one.
    static func random(
        seed: UInt64, classCount: Int, sizes: [(Int, Int)], void: Int? = nil, isTied: Bool = true
    ) -> Scene {
        var random = SplitMix(seed: seed)
        let images = sizes.map { height, width in
            let count = height * width
            var labels: [Int] = []
            var probabilities = [Double](repeating: 0, count: classCount * count)
            labels.reserveCapacity(count)
            for pixel in 0..<count {
                var best = 0
                var most = 0.0
                var parts: [Double] = []
                if isTied {
                    parts = [Double](repeating: 0, count: classCount)
                    for _ in 0..<8 { parts[random.below(classCount)] += 0.125 }
                } else {
                    for _ in 0..<classCount { parts.append(random.unit() * random.unit()) }
                    let sum = parts.reduce(0, +)
                    for index in parts.indices { parts[index] /= sum }
                }
                for classIndex in 0..<classCount {
                    probabilities[classIndex * count + pixel] = parts[classIndex]
                    if parts[classIndex] > most { (best, most) = (classIndex, parts[classIndex]) }
                }
                let roll = random.below(20)
                let label = roll < 4 ? random.below(classCount) : best
                labels.append(void.flatMap { roll == 19 ? $0 : nil } ?? label)
            }
            return Image(height: height, width: width, labels: labels, probabilities: probabilities)
        }
        return Scene(classCount: classCount, images: images)
    }

    static func random(
        seed: UInt64, classCount: Int, count: Int, _ height: Int, _ width: Int, void: Int? = nil, isTied: Bool = true
    ) -> Scene {
        random(
            seed: seed, classCount: classCount, sizes: Array(repeating: (height, width), count: count), void: void,
            isTied: isTied)
    }

    func labels(_ index: Int) -> NumberArray {
        NumberArray([images[index].height, images[index].width], images[index].labels)
    }

    func probabilities(_ index: Int) -> NumberArray {
        NumberArray([classCount, images[index].height, images[index].width], images[index].probabilities)
    }

    /// Of all images; 4 x 4 where there are none.
    private var size: (height: Int, width: Int) { images.first.map { ($0.height, $0.width) } ?? (4, 4) }

    /// (N,H,W); all images of one size.
    var labels: NumberArray {
        NumberArray([images.count, size.height, size.width], images.flatMap(\.labels))
    }

    /// (N,K,H,W).
    var probabilities: NumberArray {
        NumberArray([images.count, classCount, size.height, size.width], images.flatMap(\.probabilities))
    }

    /// (N,K,H,W): 1 where the label is k.
    var oneHot: NumberArray {
        NumberArray(
            [images.count, classCount, size.height, size.width],
            images.flatMap { image in
                (0..<classCount).flatMap { classIndex in image.labels.map { $0 == classIndex ? 1.0 : 0 } }
            })
    }

    func select(_ indices: some Sequence<Int>) -> Scene {
        Scene(classCount: classCount, images: indices.map { images[$0] })
    }
}
