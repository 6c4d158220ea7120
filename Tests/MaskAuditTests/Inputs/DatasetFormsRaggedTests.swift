import ConfidentLearning
import MaskAudit
import NumPyFiles
import TestSupport
import Testing

/// Images of unlike sizes, against the rules written out pixel by pixel.
@Suite struct DatasetFormsRaggedTests {
    /// One counted pixel of the whole dataset.
    struct Pixel {
        var image: Int
        var place: Int
        var given: Int
        var values: [Double]

        /// The first of the largest, as in NumPy.
        var predicted: Int { values.indices.max { (values[$0], $1) < (values[$1], $0) } ?? 0 }
    }

    static let sizes = [(1, 1), (7, 5), (1, 9), (9, 1), (3, 4), (2, 2), (6, 7), (5, 5)]
    static let classes = 3

    /// Thirds and more: probabilities that no two pixels share, so there are no ties.
    static let images: [(labels: [Int], planes: [Double])] = {
        var state: UInt64 = 7
        func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(UInt64(1) << 53)
        }
        return sizes.map { height, width in
            let count = height * width
            var labels: [Int] = []
            var planes = [Double](repeating: 0, count: classes * count)
            for pixel in 0..<count {
                let label = Int(next() * 3)
                let weights = (0..<classes).map { next() + ($0 == label ? 0.6 : 0) }
                let sum = weights.reduce(0, +)
                for (index, weight) in weights.enumerated() { planes[index * count + pixel] = weight / sum }
                labels.append(next() < 0.1 ? 255 : label)
            }
            return (labels, planes)
        }
    }()

    static let pixels: [Pixel] = images.enumerated().flatMap { image, content in
        content.labels.enumerated().compactMap { place, label in
            guard label != 255 else { return nil }
            let values = (0..<classes).map { content.planes[$0 * content.labels.count + place] }
            return Pixel(image: image, place: place, given: label, values: values)
        }
    }

    /// The mean self-confidence by given class.
    static let thresholds: [Double] = (0..<classes).map { label in
        let own = pixels.filter { $0.given == label }.map { $0.values[label] }
        return own.reduce(0, +) / Double(own.count)
    }

    /// Flat positions of issues, by image.
    static func issues(isConfidentLearning: Bool) -> [[UInt8]] {
        var masks = images.map { [UInt8](repeating: 0, count: $0.labels.count) }
        func isConfident(_ pixel: Pixel, _ label: Int) -> Bool { pixel.values[label] >= thresholds[label] - 1e-6 }
        let contested = pixels.filter { $0.predicted != $0.given }
        if isConfidentLearning {
            for pixel in contested {
                let confident = (0..<classes).filter { isConfident(pixel, $0) }
                let best = confident.max { pixel.values[$0] < pixel.values[$1] }
                if let best, best != pixel.given { masks[pixel.image][pixel.place] = 1 }
            }
            return masks
        }
        let count = contested.count { isConfident($0, $0.predicted) }
        for pixel in pixels.sorted(by: { $0.values[$0.given] < $1.values[$1.given] }).prefix(count)
        where pixel.predicted != pixel.given {
            masks[pixel.image][pixel.place] = 1
        }
        return masks
    }

    @Test("images of unlike sizes share thresholds and ranking", arguments: [false, true], ["folder", "archive"])
    func ragged(isConfidentLearning: Bool, container: String) throws {
        let folder = try TemporaryFolder()
        try folder.makeFolders(["l", "p"])
        var labels: [(String, [UInt8])] = []
        var probabilities: [(String, [UInt8])] = []
        for (image, content) in Self.images.enumerated() {
            let (height, width) = Self.sizes[image]
            labels.append(("i\(image)", FormsArray([height, width], content.labels.map(Double.init)).npy("|u1")))
            probabilities.append(("i\(image)", FormsArray([Self.classes, height, width], content.planes).npy("<f8")))
        }
        if container == "archive" {
            try folder.write(formsArchive(labels), to: "l.npz")
            try folder.write(formsArchive(probabilities, isDeflated: true), to: "p.npz")
        } else {
            for (name, bytes) in labels { try folder.write(bytes, to: "l/\(name).npy") }
            for (name, bytes) in probabilities { try folder.write(bytes, to: "p/\(name).npy") }
        }
        var plan = DatasetForm.plan(
            folder, [container == "archive" ? "l.npz" : "l"], [container == "archive" ? "p.npz" : "p"])
        plan.audit.rule.filter = isConfidentLearning ? .confidentLearning : .lowSelfConfidence
        let summary = try FindRun(plan: plan).run()
        let expected = Self.issues(isConfidentLearning: isConfidentLearning)
        #expect(expected.joined().contains(1))
        #expect(try formsMasks(folder("out.npz")) == expected)
        for (row, threshold) in zip(summary.perClass, Self.thresholds) {
            #expect(abs((row.threshold ?? 0) - threshold) < 1e-9)
        }
    }

    @Test("more files than are kept open at once give every image its mask")
    func manyFiles() throws {
        let folder = try TemporaryFolder()
        let data = FormsData()
        try folder.makeFolders(["l", "p"])
        for index in 0..<150 {
            let image = index % data.count
            try folder.write(data.labels(of: image).npy("|u1"), to: "l/\(index).npy")
            try folder.write(data.probabilities(of: image).npy("<f4"), to: "p/\(index).npy")
        }
        var plan = DatasetForm.plan(folder, ["l"], ["p"])
        // Local to the pixel, so equal images have equal masks.
        plan.audit.rule.filter = .confidentLearning
        _ = try FindRun(plan: plan).run()
        let masks = try formsMasks(folder("out.npz"))
        #expect(masks.count == 150)
        for (index, mask) in masks.enumerated() { #expect(mask == masks[index % data.count]) }
    }
}
