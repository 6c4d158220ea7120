import Foundation
import MaskAudit
import NumPyFiles
import TestSupport

/// A small dataset to be written in every form that a user may have it in.
///
/// Probabilities are eighths, so every float type holds them exactly and all forms must give the same masks.
struct FormsData {
    var count = 4
    var classes = 3
    var height = 5
    var width = 6
    /// By image, row, column; 255 where void.
    var labels: [[Int]] = []
    /// By image; by class, row, column.
    var probabilities: [[Double]] = []

    init(hasVoid: Bool = true, classes: Int = 3) {
        self.classes = classes
        var state: UInt64 = 20
        func next(_ below: Int) -> Int {
            // Knuth's MMIX generator.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        for _ in 0..<count {
            var planes = [Double](repeating: 0, count: classes * pixels)
            var given: [Int] = []
            for pixel in 0..<pixels {
                var eighths = [Int](repeating: 0, count: classes)
                for _ in 0..<8 { eighths[next(3) == 0 ? next(classes) : pixel % classes] += 1 }
                for (index, value) in eighths.enumerated() { planes[index * pixels + pixel] = Double(value) / 8 }
                given.append(hasVoid && next(12) == 0 ? 255 : next(5) == 0 ? next(classes) : pixel % classes)
            }
            labels.append(given)
            probabilities.append(planes)
        }
    }

    var pixels: Int { height * width }

    /// Labels under other numbers.
    ///
    /// - Parameter number: what stands for a label, given the position of its pixel in the image.
    func numbered(_ number: (_ label: Int, _ pixel: Int) -> Int) -> FormsArray {
        FormsArray(
            [count, height, width], labels.flatMap { $0.enumerated().map { Double(number($0.element, $0.offset)) } })
    }

    var allLabels: FormsArray { FormsArray([count, height, width], labels.flatMap { $0 }.map(Double.init)) }
    var allProbabilities: FormsArray {
        FormsArray([count, classes, height, width], probabilities.flatMap { $0 })
    }

    func labels(_ images: Range<Int>) -> FormsArray {
        FormsArray([images.count, height, width], images.flatMap { labels[$0] }.map(Double.init))
    }

    func probabilities(_ images: Range<Int>) -> FormsArray {
        FormsArray([images.count, classes, height, width], images.flatMap { probabilities[$0] })
    }

    func labels(of image: Int) -> FormsArray { labels(image..<image + 1).dropping() }
    func probabilities(of image: Int) -> FormsArray { probabilities(image..<image + 1).dropping() }

    /// (N,K,H,W) with a 1 at the given class.
    var oneHot: FormsArray {
        FormsArray(
            [count, classes, height, width],
            labels.flatMap { given in (0..<classes).flatMap { index in given.map { $0 == index ? 1.0 : 0.0 } } })
    }
}

/// An array in C order that can be written in any dtype and order.
struct FormsArray {
    var shape: [Int]
    var values: [Double]

    init(_ shape: [Int], _ values: [Double]) {
        precondition(shape.reduce(1, *) == values.count, "values do not fill the shape")
        self.shape = shape
        self.values = values
    }

    /// Without the first axis, which has length 1.
    func dropping() -> FormsArray { FormsArray(Array(shape.dropFirst()), values) }

    /// With one more axis of length 1.
    func with(axis: Int) -> FormsArray {
        FormsArray(Array(shape[..<axis]) + [1] + Array(shape[axis...]), values)
    }

    /// The upper halves of float32, which hold eighths exactly.
    func bfloat16(_ descr: String) -> [UInt8] {
        let data = values.flatMap { value in
            let bytes = little(UInt64(Float(value).bitPattern >> 16), 2)
            return descr.hasPrefix(">") ? bytes.reversed() : bytes
        }
        return TestSupport.npy(header: npyDict(descr, shape, fortran: false) + "\n", data: data)
    }

    func map(_ change: (Double) -> Double) -> FormsArray { FormsArray(shape, values.map(change)) }

    /// The last three axes (K,H,W) as (H,W,K).
    var channelsLast: FormsArray {
        let inner = Array(shape.suffix(3))
        let size = inner.reduce(1, *)
        let plane = inner[1] * inner[2]
        let moved = stride(from: 0, to: values.count, by: size).flatMap { start in
            (0..<plane).flatMap { pixel in (0..<inner[0]).map { values[start + $0 * plane + pixel] } }
        }
        return FormsArray(shape.dropLast(3) + [inner[1], inner[2], inner[0]], moved)
    }

    func npy(_ descr: String, fortran: Bool = false) -> [UInt8] {
        let size = Int(descr.suffix(1)) ?? 1
        var data: [UInt8] = []
        for value in fortran ? fortranValues : values {
            let bits: UInt64 =
                switch (descr.dropFirst().first, size) {
                case ("f", 4): UInt64(Float(value).bitPattern)
                case ("f", 2): UInt64(halfBits(eighth: value))
                case ("f", _): value.bitPattern
                default: UInt64(bitPattern: Int64(value))
                }
            let bytes = little(bits, size)
            data += descr.hasPrefix(">") ? bytes.reversed() : bytes
        }
        return TestSupport.npy(header: npyDict(descr, shape, fortran: fortran) + "\n", data: data)
    }

    private var fortranValues: [Double] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return values.indices.map { position in
            var rest = position
            var offset = 0
            for axis in shape.indices {
                offset += rest % shape[axis] * strides[axis]
                rest /= shape[axis]
            }
            return values[offset]
        }
    }

    /// binary16 of 0, 1/8, ... 1: 1/8 is 2^-3, exponent field 12; the mantissa has ten bits.
    private func halfBits(eighth value: Double) -> UInt16 {
        guard value != 0 else { return 0 }
        let exponent = Int(value.exponent)
        return UInt16((exponent + 15) << 10 | Int((value.significand - 1) * 1024))
    }
}

/// An archive of arrays by key.
func formsArchive(_ members: [(String, [UInt8])], isDeflated: Bool = false) -> [UInt8] {
    ZipBuilder(members.map { ZipMember($0.0 + ".npy", $0.1, method: isDeflated ? 8 : 0) }).bytes
}

/// The masks of an output in dataset order, as their bytes.
func formsMasks(_ path: String) throws -> [[UInt8]] {
    let file = try ArrayFile(path: path)
    var masks: [[UInt8]] = []
    for entry in file.arrays where entry.key.hasPrefix("label_issues") {
        let stream = try file.stream(entry)
        var bytes: [UInt8] = []
        try stream.read(count: stream.header.byteCount, into: &bytes)
        _ = try stream.finish()
        let shape = stream.header.shape
        let size = shape.suffix(2).reduce(1, *)
        masks += stride(from: 0, to: bytes.count, by: max(1, size)).map { Array(bytes[$0..<$0 + size]) }
    }
    return masks
}

/// Keys of the masks in an output.
func formsKeys(_ path: String) throws -> [String] {
    try ArrayFile(path: path).arrays.map(\.key).filter { $0.hasPrefix("label_issues") }
}

/// The line that a run ends with, without its place in the file system.
func formsFault(_ folder: TemporaryFolder, _ plan: FindPlan) -> String {
    do throws(AuditError) {
        _ = try FindRun(plan: plan).run()
        return "no error"
    } catch {
        return "\(error)".replacing(folder.path + "/", with: "")
    }
}

extension TemporaryFolder {
    func makeFolders(_ names: [String]) throws {
        for name in names {
            try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
        }
    }
}
