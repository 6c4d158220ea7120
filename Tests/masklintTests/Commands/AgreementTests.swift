import Foundation
import MaskAudit
import TestSupport
import Testing

/// The share of pixels at which labels and predictions agree, and what a run says where they hardly do.
@Suite struct AgreementTests {
    let command: Command

    /// 8 images of 24 x 24 with 4 classes: cells of 6 x 6 pixels of one class, a tenth of the labels another.
    private static let size = 24
    private static let imageCount = 8
    private static let classCount = 4
    private static let scene: (labels: [Int], probabilities: [Double]) = {
        var random = SplitMix(seed: 163)
        var labels: [Int] = []
        var probabilities: [Double] = []
        for _ in 0..<imageCount {
            let cells = (0..<16).map { _ in random.below(classCount) }
            let truth = (0..<size * size).map { cells[$0 / size / 6 * 4 + $0 % size / 6] }
            labels += truth.map { random.below(10) == 0 ? random.below(classCount) : $0 }
            let sure = truth.map { _ in 0.55 + 0.4 * random.unit() }
            for label in 0..<classCount {
                probabilities += truth.indices.map { truth[$0] == label ? sure[$0] : (1 - sure[$0]) / 3 }
            }
        }
        return (labels, probabilities)
    }()

    init() throws {
        command = try Command()
        try write(Self.scene.labels, Self.scene.probabilities)
    }

    private static var labelShape: [Int] { [imageCount, size, size] }
    private static var probabilityShape: [Int] { [imageCount, classCount, size, size] }

    private func write(_ labels: [Int], _ probabilities: [Double]) throws {
        try command.folder.write(NumberArray(Self.labelShape, labels).npy("|u1"), to: "labels.npy")
        try command.folder.write(NumberArray(Self.probabilityShape, probabilities).npy("<f4"), to: "pred_probs.npy")
    }

    /// Probabilities whose plane `order[c]` is plane c of the scene.
    private static func reordered(_ order: [Int]) -> [Double] {
        let plane = size * size
        var out = scene.probabilities
        for image in 0..<imageCount {
            for (label, target) in order.enumerated() {
                let from = (image * classCount + label) * plane
                let to = (image * classCount + target) * plane
                out.replaceSubrange(to..<to + plane, with: scene.probabilities[from..<from + plane])
            }
        }
        return out
    }

    /// Labels of each pixel taken from another place: image, row and column.
    private static func moved(_ place: (Int, Int, Int) -> (Int, Int, Int)) -> [Int] {
        (0..<scene.labels.count).map { at in
            let (image, row, column) = place(at / (size * size), at / size % size, at % size)
            return scene.labels[(image * size + row) * size + column]
        }
    }

    private static func agreement(_ labels: [Int], _ probabilities: [Double]) -> Double {
        let plane = size * size
        let agreeing = labels.indices.count { at in
            let first = at / plane * classCount * plane + at % plane
            let values = (0..<classCount).map { Float(probabilities[first + $0 * plane]) }
            return values.firstIndex(of: values.max() ?? 0) == labels[at]
        }
        return Double(agreeing) / Double(labels.count)
    }

    private func summary(_ more: [String] = []) throws -> JSONValue {
        let run = try TestSupport.run(
            program, ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "out.npz", "--json", "-q"] + more,
            folder: command.folder.path)
        #expect(run.status == 0, "\(run.errors)")
        return try JSONValue(parsing: run.text)
    }

    private func warnings(_ more: String...) throws -> [String] {
        try summary(more)["warnings"]?.elements.compactMap(\.string) ?? []
    }

    @Test("the agreement is the share of counted pixels whose most probable class is the label, in every summary")
    func share() throws {
        let expected = Self.agreement(Self.scene.labels, Self.scene.probabilities)
        let json = try summary()
        #expect(json["agreement"] == .number(expected))
        #expect(json["agreeing_pixels"] == .number((expected * 4608).rounded()))
        #expect(json["warnings"]?.elements == [])
        // Blocks that are scored change nothing in it.
        #expect(try summary(["--downsample", "2"])["agreement"] == .number(expected))
        #expect(try summary(["--filter-by", "both"])["agreement"] == .number(expected))
        let rounded = "\(Int((expected * 100).rounded(.down)))."
        #expect(try command.find().text.contains("\nagreement \(rounded)"))
        #expect(try command.find("--markdown", "-").text.contains("\n| agreement | \(rounded)"))
        #expect(try command("report", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "r.html", "-q").status == 0)
        let page = String(decoding: try command.folder.read("r.html"), as: UTF8.self)
        #expect(page.contains("<dt>Agreement</dt><dd>\(rounded)"))
    }

    @Test("ignored pixels do not count, and without a counted pixel there is no agreement")
    func ignored() throws {
        var labels = Self.scene.labels
        var random = SplitMix(seed: 8)
        var kept: [Bool] = []
        for at in labels.indices {
            kept.append(random.below(3) > 0)
            if !kept[at] { labels[at] = 255 }
        }
        try write(labels, Self.scene.probabilities)
        let json = try summary(["--ignore-label", "255"])
        let counted = kept.count { $0 }
        let share = Self.agreement(labels, Self.scene.probabilities) * Double(labels.count) / Double(counted)
        #expect(abs((json["agreement"]?.number ?? 0) - share) < 1e-12)
        let void = (0..<4).flatMap { ["--ignore-label", String($0)] } + ["--ignore-label", "255"]
        #expect(try summary(void)["agreement"] == .null)
    }

    @Test("summaries of shards and kept records have it too")
    func shards() throws {
        let whole = try summary(["--filter-by", "confident_learning"])
        let run = try command.shell(
            """
            set -e
            for i in 1 2; do
                "$1" thresholds -l l$i.npy -p p$i.npy --filter-by confident_learning --shard $i/2 --keep-records r$i.npz \
                    -o t$i.npz -q
            done
            "$1" merge t1.npz t2.npz -o t.npz -q
            for i in 1 2; do
                "$1" find --records r$i.npz --thresholds t.npz --filter-by confident_learning --top 1000 -o o$i.npz -q \
                    --json-file $i.json
            done
            "$1" merge 1.json 2.json -o all.json --json
            """, writing: Self.scene)
        #expect(run.status == 0, "\(run.errors)")
        let merged = try JSONValue(parsing: run.text)
        #expect(merged["agreement"] == whole["agreement"])
        #expect(merged["agreeing_pixels"] == whole["agreeing_pixels"])
        // What an earlier version wrote has no such key, and then the whole has none.
        let old = String(decoding: try command.folder.read("1.json"), as: UTF8.self)
            .replacing("\"agreeing_pixels\"", with: "\"unknown\"")
        try command.folder.write(Array(old.utf8), to: "old.json")
        let again = try command("merge", "old.json", "2.json", "-o", "-")
        #expect(try JSONValue(parsing: again.text)["agreement"] == .null)
    }

    @Test("classes in another order are named, and what the warning says makes the masks right")
    func classOrder() throws {
        #expect(try summary()["issues"]?.integer != 0)
        let masks = try command.folder.read("out.npz")
        try write(Self.scene.labels, Self.reordered([1, 2, 3, 0]))
        for more in [[], ["--downsample", "2"]] {
            let warning = try summary(more)["warnings"]?.elements.last?.string ?? ""
            #expect(warning.contains("their classes in another order (label 0 is predicted as class 1, label 1"))
        }
        let warning = try warnings().last ?? ""
        let advice = warning.split(separator: " ").drop { $0 != "--map-label" }.prefix(8)
            .map { $0.trimmingCharacters(in: [","]) }
        #expect(advice.count == 8)
        let mended = try summary(advice)
        #expect(mended["agreement"] == .number(Self.agreement(Self.scene.labels, Self.scene.probabilities)))
        #expect(mended["warnings"]?.elements == [])
        // The masks and their counts are those of the right order; thresholds and class counts are numbered otherwise.
        try command.folder.write(masks, to: "right.npz")
        for key in ["label_issues", "issue_counts"] {
            #expect(try command.folder.array(key, in: "out.npz") == command.folder.array(key, in: "right.npz"))
        }
    }

    @Test("where labels are mapped or ignored already, the renumbering is told without the option")
    func mapped() throws {
        try write(Self.scene.labels, Self.reordered([1, 0, 3, 2]))
        #expect(try warnings().last?.contains("pass --map-label 0=1 --map-label 1=0 --map-label 2=3") == true)
        for more in [["--map-label", "9=1"], ["--ignore-label", "3"]] {
            let warning = try summary(more)["warnings"]?.elements.last?.string ?? ""
            #expect(warning.contains("another order"), "\(warning)")
            #expect(!warning.contains("--map-label"), "\(warning)")
        }
    }

    @Test(
        "other arrangements of the pixels are named",
        arguments: ["height and width are exchanged", "upside down", "mirrored"])
    func arrangement(text: String) throws {
        let labels = Self.moved { image, row, column in
            switch text {
            case "upside down": (image, Self.size - 1 - row, column)
            case "mirrored": (image, row, Self.size - 1 - column)
            default: (image, column, row)
            }
        }
        try write(labels, Self.scene.probabilities)
        let warnings = try warnings()
        #expect(warnings.count == 1)
        #expect(warnings[0].contains(text), "\(warnings)")
        // A report that takes finished masks keeps no records, and reads images again all the same.
        let report = try command(
            "report", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "r.html", "--issues", "out.npz")
        #expect(report.errors.contains(text), "\(report.errors)")
    }

    @Test("images in another order are named with where they belong, in any form of input")
    func imageOrder() throws {
        try write(Self.moved { ((Self.imageCount - 1) - $0, $1, $2) }, Self.scene.probabilities)
        let expected = "images are in another order (the labels of image 0 fit the probabilities of image 7, "
        #expect(try warnings().last?.contains(expected) == true)
        let deflated = try command.shell(
            """
            "$1" find -l labels.npy -p pred_probs.npz -o o.npz -q --json
            """,
            writing: (
                "pred_probs.npz",
                npz(
                    [("pred_probs", NumberArray(Self.probabilityShape, Self.scene.probabilities).npy("<f4"))],
                    deflated: true)
            ))
        #expect(deflated.text.contains(expected), "\(deflated.errors)")
        // What comes through a pipe cannot be read again.
        let piped = try command.shell("\"$1\" find -l labels.npy -p - -o o.npz < pred_probs.npy")
        #expect(piped.status == 0)
        #expect(piped.errors.contains("no other order of classes explains it; check that both"), "\(piped.errors)")
    }

    @Test("where nothing explains it the warning says so, and gives no cause")
    func unknown() throws {
        var random = SplitMix(seed: 5)
        try write(Self.scene.labels.map { _ in random.below(4) }, Self.scene.probabilities)
        let warnings = try warnings()
        #expect(warnings.count == 1)
        #expect(
            warnings[0].hasPrefix("labels and pred_probs agree at 2"), "\(warnings)")
        #expect(warnings[0].contains("no other order of classes or images"))
    }

    @Test("probabilities that are all 0 or 1, and predictions that equal the labels, are told")
    func copies() throws {
        let plane = Self.size * Self.size
        func oneHot(_ labels: [Int]) -> [Double] {
            (0..<Self.probabilityShape.reduce(1, *)).map { at in
                let pixel = at / (Self.classCount * plane) * plane + at % plane
                return labels[pixel] == at / plane % Self.classCount ? 1 : 0
            }
        }
        try write(Self.scene.labels, oneHot(Self.scene.labels))
        #expect(try warnings().last?.hasPrefix("all probabilities are 0 or 1, and the most probable class") == true)
        let others = Self.moved { ($0, $1 == 0 ? 1 : $1, $2) }
        try write(Self.scene.labels, oneHot(others))
        #expect(
            try warnings() == [
                "all probabilities are 0 or 1: these are classes, and every disagreement looks equally sure; save the model's "
                    + "softmax output instead"
            ])
        try write(Self.scene.labels, oneHot(Self.scene.labels).map { 0.1 + 0.6 * $0 })
        #expect(try warnings().last?.hasPrefix("the most probable class is the label at every counted pixel") == true)
    }
}

extension Command {
    /// A line of shell once a file is written.
    fileprivate func shell(_ line: String, writing file: (name: String, bytes: [UInt8])) throws -> CommandRun {
        try folder.write(file.bytes, to: file.name)
        return try shell(line)
    }

    /// The same once the scene is written as two shards of four images each.
    fileprivate func shell(
        _ line: String, writing scene: (labels: [Int], probabilities: [Double])
    ) throws -> CommandRun {
        for shard in 1...2 {
            func half<Value>(_ values: [Value]) -> [Value] {
                Array(values[(shard - 1) * values.count / 2..<shard * values.count / 2])
            }
            try folder.write(NumberArray([4, 24, 24], half(scene.labels)).npy("|u1"), to: "l\(shard).npy")
            try folder.write(NumberArray([4, 4, 24, 24], half(scene.probabilities)).npy("<f4"), to: "p\(shard).npy")
        }
        return try shell(line)
    }
}
