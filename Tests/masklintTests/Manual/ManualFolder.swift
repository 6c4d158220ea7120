import Foundation
import NumPyFiles
import TestSupport

/// A folder in which the commands of a page run: the files of `Samples/street`, the folder `Samples`, and the files of
/// `ManualFiles`.
struct ManualFolder {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let street = "\(repositoryPath)/Samples/street"
        for name in try FileManager.default.contentsOfDirectory(atPath: street) {
            try FileManager.default.copyItem(atPath: "\(street)/\(name)", toPath: folder(name))
        }
        try FileManager.default.copyItem(atPath: "\(repositoryPath)/Samples", toPath: folder("Samples"))
        for name in ["bin", "shards", "data/labels", "data/probs", "gt", "predictions"] { try folder.makeFolder(name) }
        try makeSymbolicLink(at: folder("bin/masklint"), to: program)
        for file in try ManualFiles.all.get() { try folder.write(file.bytes, to: file.name) }
    }

    /// Runs lines of shell; what they print to either output is `output`.
    func run(_ lines: String) throws -> CommandRun {
        try TestSupport.shell(Self.beginning + lines, [folder.path], folder: folder.path)
    }

    /// Both outputs in one, as on a terminal; the first command that fails ends the block. The variable is one that jobs of
    /// GitHub Actions have.
    private static let beginning = """
        exec 2>&1
        set -e
        PATH="$1/bin:$PATH" GITHUB_STEP_SUMMARY=job.md
        """ + "\n"
}

/// Files that pages use and that stand in no sample.
private enum ManualFiles {
    typealias File = (name: String, bytes: [UInt8])

    /// Made once: a debug build takes its time over the sample's archive.
    static let all = Result { try shards() + forms() + faulty }

    /// `pred_probs.npy`; `shards/labels1.npy`, `shards/probs1.npy` and so on; the same in `data/labels/1.npy` and
    /// `data/probs/1.npy`; and `new_labels.npy` with `new_probs.npy`, which are those of the last shard.
    private static func shards() throws -> [File] {
        let (images, size) = (8, [96, 128])
        let labels = try data(of: "labels.npy")
        let probabilities = try data(of: "pred_probs.npz")
        func file(_ data: [UInt8], _ descr: String, _ planes: [Int], _ range: Range<Int>) -> [UInt8] {
            let step = data.count / images
            return npy(
                header: npyDict(descr, [range.count] + planes + size) + "\n",
                data: Array(data[range.lowerBound * step..<range.upperBound * step]))
        }
        var files: [File] = [("pred_probs.npy", file(probabilities, "<f2", [5], 0..<images))]
        files += volumes(labels, probabilities, size)
        files.append(("small_logits.npy", quarter(probabilities, planes: images * 5, size)))
        for (number, range) in [(1, 0..<3), (2, 3..<6), (3, 6..<8)] {
            let labelFile = file(labels, "|u1", [], range)
            let probabilityFile = file(probabilities, "<f2", [5], range)
            files += [
                ("shards/labels\(number).npy", labelFile), ("shards/probs\(number).npy", probabilityFile),
                ("data/labels/\(number).npy", labelFile), ("data/probs/\(number).npy", probabilityFile),
            ]
            if number == 3 { files += [("new_labels.npy", labelFile), ("new_probs.npy", probabilityFile)] }
        }
        return files
    }

    /// `scan_labels.npy` and `scan_probs.npy`: the eight images as two volumes of four slices.
    private static func volumes(_ labels: [UInt8], _ probabilities: [UInt8], _ size: [Int]) -> [File] {
        let planeByteCount = 2 * size[0] * size[1]
        var planes: [UInt8] = []
        for volume in 0..<2 {
            for classIndex in 0..<5 {
                for slice in 0..<4 {
                    let first = ((4 * volume + slice) * 5 + classIndex) * planeByteCount
                    planes += probabilities[first..<first + planeByteCount]
                }
            }
        }
        return [
            ("scan_labels.npy", npy(header: npyDict("|u1", [2, 4] + size) + "\n", data: labels)),
            ("scan_probs.npy", npy(header: npyDict("<f2", [2, 5, 4] + size) + "\n", data: planes)),
        ]
    }

    /// Every fourth pixel of every fourth row of float16 planes, as if a model had predicted at a quarter of each side.
    private static func quarter(_ data: [UInt8], planes: Int, _ size: [Int]) -> [UInt8] {
        var small: [UInt8] = []
        for row in 0..<planes * size[0] where row % 4 == 0 {
            for column in stride(from: 0, to: size[1], by: 4) {
                let at = 2 * (row * size[1] + column)
                small += data[at..<at + 2]
            }
        }
        return npy(header: npyDict("<f2", [planes / 5, 5, size[0] / 4, size[1] / 4]) + "\n", data: small)
    }

    /// The first images of the sample in the forms that the page on inputs shows.
    private static func forms() throws -> [File] {
        let (size, pixels) = ([96, 128], 96 * 128)
        let labels = try data(of: "labels.npy")
        let probabilities = try data(of: "pred_probs.npz")
        let first = Array(labels[..<pixels])
        let planes = Array(probabilities[..<(5 * 2 * pixels)])
        func file(_ values: [Int], _ descr: String) -> [UInt8] {
            NumberArray([1] + size, values.map { Double($0) }).npy(descr)
        }
        func probabilityFile(_ data: [UInt8], _ descr: String = "<f2") -> [UInt8] {
            npy(header: npyDict(descr, [1, 5] + size) + "\n", data: data)
        }
        let bfloat16 = stride(from: 0, to: planes.count, by: 2).flatMap { at -> [UInt8] in
            let half = UInt16(planes[at]) | UInt16(planes[at + 1]) << 8
            return little(UInt64(Float(halfValue(half)).bitPattern >> 16), 2)
        }
        var sparse = planes
        for plane in 0..<5 { for at in 0..<256 { sparse[plane * 2 * pixels + at] = 0 } }
        let multiHot = (0..<5).flatMap { index -> [UInt8] in first.map { Int($0) == index ? 1 : 0 } }
        var files: [File] = [
            ("first_probs.npy", probabilityFile(planes)), ("bfloat16_probs.npy", probabilityFile(bfloat16, "|V2")),
            ("sparse_probs.npy", probabilityFile(sparse)),
            ("ade_labels.npy", file(first.map { $0 == 255 ? 0 : Int($0) + 1 }, "|u1")),
            ("city_labels.npy", file(first.map { $0 == 255 ? 4 : [7, 8, 11, 21, 26][Int($0)] }, "|u1")),
            ("panoptic.npy", file(first.map { Int($0) * 1000 + 12 }, "<i4")),
            ("multi_hot.npy", npy(header: npyDict("|u1", [1, 5] + size) + "\n", data: multiHot)),
        ]
        for image in 0..<2 {
            let mask = Array(labels[image * pixels..<(image + 1) * pixels])
            let own = Array(probabilities[image * 10 * pixels..<(image + 1) * 10 * pixels])
            files += [
                ("gt/street\(image)_gt.npy", npy(header: npyDict("|u1", size) + "\n", data: mask)),
                (
                    "predictions/street\(image).npz",
                    npz([("probabilities", npy(header: npyDict("<f2", [5] + size) + "\n", data: own))])
                ),
            ]
        }
        return files
    }

    /// The data of the only array in a file of the sample.
    private static func data(of name: String) throws -> [UInt8] {
        let file = try ArrayFile(path: "\(repositoryPath)/Samples/street/\(name)")
        let stream = try file.stream(file.arrays[0])
        var bytes: [UInt8] = []
        try stream.read(count: stream.header.byteCount, into: &bytes)
        return bytes
    }

    /// What the page on troubleshooting runs into.
    private static var faulty: [File] {
        let (size, small) = ([96, 128], [1, 2, 2])
        let first = [0.75, 0.25, 0.5, 0.75]
        let second = first.map { 1 - $0 }
        return [
            ("small_labels.npy", NumberArray(small, [0, 1, 1, 0]).npy("|u1")),
            ("small_probs.npy", planes(first, second)),
            ("float_labels.npy", NumberArray(small, [0, 1, 0.5, 0]).npy("<f4")),
            ("logits.npy", planes([3, 1, 2, 3], [-1.5, -0.5, -1, -1.5])),
            ("sums.npy", planes(first, second.map { $0 + 0.25 })),
            ("nan.npy", planes(first, [0.25, 0.75, .nan, 0.25])),
            ("three_classes.npy", planes(first, second, [0, 0, 0, 0])),
            ("foreground.npy", NumberArray(small, [3, 1, 2, 3]).npy("<f4")),
            ("argmax.npy", zeros("<f4", [8] + size)),
            ("bytes.npy", zeros("|u1", [8, 5] + size)),
            ("onehot.npy", zeros("|u1", [8, 5] + size)),
            ("channels_last.npy", zeros("<f2", [8] + size + [5])),
            ("quarter.npy", zeros("<f2", [8, 5, 24, 32])),
            ("objects.npy", npy(header: npyDict("|O", [2]) + "\n", data: [0x80, 4])),
            ("many.npz", npz([("masks", zeros("|u1", [2] + size)), ("edges", zeros("|u1", [2] + size))])),
        ]
    }

    /// Probabilities of one image of 2 x 2.
    private static func planes(_ planes: [Double]...) -> [UInt8] {
        NumberArray([1, planes.count, 2, 2], planes.flatMap(\.self)).npy("<f4")
    }

    private static func zeros(_ descr: String, _ shape: [Int]) -> [UInt8] {
        let width = Int(String(descr.suffix(1))) ?? 1
        return npy(header: npyDict(descr, shape) + "\n", data: [UInt8](repeating: 0, count: shape.reduce(width, *)))
    }
}
