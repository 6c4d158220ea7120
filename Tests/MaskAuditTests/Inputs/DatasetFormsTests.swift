import ConfidentLearning
import MaskAudit
import NumPyFiles
import TestSupport
import Testing

/// A way to have one dataset, and the options that say so.
struct DatasetForm: Sendable, CustomTestStringConvertible {
    var name: String
    var hasVoid = true
    var write: @Sendable (TemporaryFolder, FormsData) throws -> FindPlan

    var testDescription: String { name }

    static func plan(_ folder: TemporaryFolder, _ labels: [String], _ probabilities: [String]) -> FindPlan {
        var plan = FindPlan(
            labels: InputSelection(paths: labels.map { folder($0) }),
            predProbs: InputSelection(paths: probabilities.map { folder($0) }), output: folder("out.npz"))
        plan.audit.dataset.ignoredLabels = [255]
        return plan
    }

    /// One array each, as a plain export writes them.
    static func plain(_ folder: TemporaryFolder, _ data: FormsData) throws -> FindPlan {
        try folder.write(data.allLabels.npy("|u1"), to: "l.npy")
        try folder.write(data.allProbabilities.npy("<f4"), to: "p.npy")
        return plan(folder, ["l.npy"], ["p.npy"])
    }

    /// Both sides written by `labels` and `probabilities` as one array each.
    static func arrays(
        _ name: String, hasVoid: Bool = true, _ labels: @escaping @Sendable (FormsData) -> [UInt8],
        _ probabilities: @escaping @Sendable (FormsData) -> [UInt8],
        change: @escaping @Sendable (inout FindPlan) -> Void = { _ in }
    ) -> DatasetForm {
        DatasetForm(name: name, hasVoid: hasVoid) { folder, data in
            try folder.write(labels(data), to: "l.npy")
            try folder.write(probabilities(data), to: "p.npy")
            var plan = plan(folder, ["l.npy"], ["p.npy"])
            change(&plan)
            return plan
        }
    }

    /// An array an image, in folders or files of any names.
    static func files(
        _ name: String, labels: @escaping @Sendable (Int) -> String, probabilities: @escaping @Sendable (Int) -> String,
        paths: @escaping @Sendable (Int) -> (labels: [String], probabilities: [String])
    ) -> DatasetForm {
        DatasetForm(name: name) { folder, data in
            try folder.makeFolders(["l", "p"])
            for image in 0..<data.count {
                try folder.write(data.labels(of: image).npy("|u1"), to: labels(image))
                try folder.write(data.probabilities(of: image).npy("<f4"), to: probabilities(image))
            }
            let (labels, probabilities) = paths(data.count)
            return plan(folder, labels, probabilities)
        }
    }

    static let all: [DatasetForm] = [
        DatasetForm(name: "one archive for both, by default keys") { folder, data in
            let members = [
                ("meta", FormsArray([2], [1, 2]).npy("<i8")), ("labels", data.allLabels.npy("|u1")),
                ("pred_probs", data.allProbabilities.npy("<f4")),
            ]
            try folder.write(formsArchive(members, isDeflated: true), to: "both.npz")
            return plan(folder, ["both.npz"], ["both.npz"])
        },
        DatasetForm(name: "one archive for both, by named keys") { folder, data in
            let members = [("y", data.allLabels.npy("|u1")), ("p", data.allProbabilities.npy("<f4"))]
            try folder.write(formsArchive(members), to: "both.npz")
            var plan = plan(folder, ["both.npz"], ["both.npz"])
            plan.audit.dataset.labels.key = "y"
            plan.audit.dataset.predProbs.key = "p"
            return plan
        },
        DatasetForm(name: "one member an image, in another order") { folder, data in
            let images = Array(0..<data.count)
            let labels = images.reversed().map { ("img\($0 + 8)", data.labels(of: $0).npy("|u1")) }
            let probabilities = images.map { ("img\($0 + 8)", data.probabilities(of: $0).npy("<f4")) }
            try folder.write(formsArchive(labels), to: "l.npz")
            try folder.write(formsArchive(probabilities, isDeflated: true), to: "p.npz")
            return plan(folder, ["l.npz"], ["p.npz"])
        },
        DatasetForm(name: "one member an image, with the batch axis kept") { folder, data in
            let images = Array(0..<data.count)
            try folder.write(formsArchive(images.map { ("i\($0)", data.labels($0..<$0 + 1).npy("|u1")) }), to: "l.npz")
            try folder.write(
                formsArchive(images.map { ("i\($0)", data.probabilities($0..<$0 + 1).npy("<f4")) }), to: "p.npz")
            return plan(folder, ["l.npz"], ["p.npz"])
        },
        files(
            "folders", labels: { "l/a\($0 + 8).npy" }, probabilities: { "p/a\($0 + 8).npy" },
            paths: { _ in (["l"], ["p"]) }),
        files(
            "a folder with upper-case suffixes", labels: { "l/a\($0).NPY" }, probabilities: { "p/a\($0).npy" },
            paths: { _ in (["l"], ["p"]) }),
        files(
            "one image a file, by position", labels: { "l\($0).npy" }, probabilities: { "p\($0).npy" },
            paths: { count in ((0..<count).map { "l\($0).npy" }, (0..<count).map { "p\($0).npy" }) }),
        DatasetForm(name: "a folder beside one array") { folder, data in
            try folder.makeFolders(["l"])
            for image in 0..<data.count {
                try folder.write(data.labels(of: image).npy("|u1"), to: "l/\(image).npy")
            }
            try folder.write(data.allProbabilities.npy("<f4"), to: "p.npy")
            return plan(folder, ["l"], ["p.npy"])
        },
        DatasetForm(name: "uneven files in a row") { folder, data in
            for (part, images) in [0..<3, 3..<4].enumerated() {
                try folder.write(data.labels(images).npy("|u1"), to: "l\(part).npy")
            }
            for (part, images) in [0..<1, 1..<4].enumerated() {
                try folder.write(data.probabilities(images).npy("<f4"), to: "p\(part).npy")
            }
            return plan(folder, ["l0.npy", "l1.npy"], ["p0.npy", "p1.npy"])
        },
        DatasetForm(name: "Fortran order, deflated") { folder, data in
            try folder.write(data.allLabels.npy("<i4", fortran: true), to: "l.npy")
            try folder.write(
                formsArchive([("arr_0", data.allProbabilities.npy("<f2", fortran: true))], isDeflated: true),
                to: "p.npz")
            return plan(folder, ["l.npy"], ["p.npz"])
        },
        arrays("big-endian doubles", { $0.allLabels.npy(">i8") }, { $0.allProbabilities.npy(">f8") }),
        arrays("halves and labels as floats", { $0.allLabels.npy("<f4") }, { $0.allProbabilities.npy("<f2") }),
        arrays(
            "channels last", { $0.allLabels.npy("|u1") }, { $0.allProbabilities.channelsLast.npy("<f4") },
            change: { $0.audit.dataset.layout = .nhwc }),
        arrays(
            "void as -1", { $0.allLabels.map { $0 == 255 ? -1 : $0 }.npy("<i2") }, { $0.allProbabilities.npy("<f4") },
            change: { $0.audit.dataset.ignoredLabels = [-1] }),
        arrays(
            "void by replacement", { $0.allLabels.npy("|u1") }, { $0.allProbabilities.npy("<f4") },
            change: {
                $0.audit.dataset.labelMap = [255: -100]
                $0.audit.dataset.ignoredLabels = [-100]
            }),
        arrays(
            "classes by replacement", { $0.allLabels.map { $0 == 255 ? 255 : $0 * 10 }.npy("|u1") },
            { $0.allProbabilities.npy("<f4") }, change: { $0.audit.dataset.labelMap = [10: 1, 20: 2] }),
        arrays(
            "classes from 1, void as 0 and 255",
            { $0.numbered { $0 == 255 ? ($1 % 2 == 0 ? 0 : 255) : $0 + 1 }.npy("|u1") },
            { $0.allProbabilities.npy("<f4") }, change: { $0.audit.dataset.reducesZeroLabel = true }),
        arrays(
            "classes in a table, one value left out",
            { $0.numbered { label, _ in label == 255 ? 4 : [7, 26, -1][label] }.npy("<i2") },
            { $0.allProbabilities.npy("<f4") },
            change: {
                $0.audit.dataset.labelMap = [7: 0, 26: 1, -1: 2, 4: .ignored]
                $0.audit.dataset.ignoredLabels = []
            }),
        arrays(
            "panoptic ids", { $0.numbered { $0 * 1000 + $1 }.npy("<i4") }, { $0.allProbabilities.npy("<f4") },
            change: { $0.audit.dataset.labelDivisor = 1000 }),
        arrays(
            "panoptic ids of other numbers from 1",
            { $0.numbered { $0 == 255 ? -1 : ($0 + 11) * 500 + $1 % 500 }.npy("<f8") },
            { $0.allProbabilities.npy("<f4") },
            change: {
                $0.audit.dataset.labelDivisor = 500
                $0.audit.dataset.labelMap = [11: 1, 12: 2, 13: 3]
                $0.audit.dataset.reducesZeroLabel = true
                $0.audit.dataset.ignoredLabels = [-1]
            }),
        arrays(
            "bfloat16 without a type", { $0.allLabels.npy("|u1") }, { $0.allProbabilities.bfloat16("|V2") },
            change: { $0.audit.dataset.isBFloat16 = true }),
        arrays(
            "big-endian bfloat16 as uint16, channels last", { $0.allLabels.npy("|u1") },
            { $0.allProbabilities.channelsLast.bfloat16(">u2") },
            change: {
                $0.audit.dataset.isBFloat16 = true
                $0.audit.dataset.layout = .nhwc
            }),
        DatasetForm(name: "folders of archives, and of both kinds of files") { folder, data in
            try folder.makeFolders(["l", "p"])
            for image in 0..<data.count {
                try folder.write(formsArchive([("mask", data.labels(of: image).npy("|u1"))]), to: "l/a\(image).npz")
                let array = data.probabilities(of: image).npy("<f4")
                if image == 1 {
                    try folder.write(array, to: "p/a1.npy")
                } else {
                    try folder.write(formsArchive([("arr_\(image)", array)], isDeflated: true), to: "p/a\(image).NPZ")
                }
            }
            return plan(folder, ["l"], ["p"])
        },
        DatasetForm(name: "a folder of archives with several arrays") { folder, data in
            try folder.makeFolders(["d"])
            for image in 0..<data.count {
                let members = [
                    ("gt", data.labels(of: image).npy("|u1")), ("probs", data.probabilities(of: image).npy("<f4")),
                ]
                try folder.write(formsArchive(members), to: "d/\(image).npz")
            }
            var plan = plan(folder, ["d"], ["d"])
            plan.audit.dataset.labels.key = "gt"
            plan.audit.dataset.predProbs.key = "probs"
            return plan
        },
        files(
            "names with an ending of their own", labels: { "l/aachen_\($0 + 8)_19_gtFine.npy" },
            probabilities: { "p/aachen_\($0 + 8)_19_leftImg8bit.npy" }, paths: { _ in (["l"], ["p"]) }),
        arrays(
            "scores times four", { $0.allLabels.npy("|u1") }, { $0.allProbabilities.map { $0 * 4 }.npy("<f4") },
            change: { $0.audit.dataset.form = .unnormalized }),
        arrays(
            "one-hot labels", hasVoid: false, { $0.oneHot.npy("|u1") }, { $0.allProbabilities.npy("<f4") },
            change: { $0.audit.dataset.oneHot = true }),
        arrays(
            "one-hot labels, channels last", hasVoid: false, { $0.oneHot.channelsLast.npy("|b1") },
            { $0.allProbabilities.channelsLast.npy("<f4") },
            change: {
                $0.audit.dataset.oneHot = true
                $0.audit.dataset.layout = .nhwc
            }),
    ]
}

@Suite struct DatasetFormsTests {
    @Test("every form gives the masks of the plain arrays", arguments: DatasetForm.all, [false, true])
    func sameMasks(_ form: DatasetForm, isConfidentLearning: Bool) throws {
        let data = FormsData(hasVoid: form.hasVoid)
        let plain = try TemporaryFolder()
        let folder = try TemporaryFolder()
        var expected = try DatasetForm.plain(plain, data)
        var plan = try form.write(folder, data)
        expected.audit.rule.filter = isConfidentLearning ? .confidentLearning : .lowSelfConfidence
        plan.audit.rule.filter = expected.audit.rule.filter
        let reference = try FindRun(plan: expected).run()
        let summary = try FindRun(plan: plan).run()
        #expect(reference.issues > 5)
        #expect(try formsMasks(folder("out.npz")) == formsMasks(plain("out.npz")))
        #expect(summary.ignoredPixels == reference.ignoredPixels)
    }

    @Test("a foreground probability gives the masks of two classes", arguments: [3, 4])
    func binary(axes: Int) throws {
        let data = FormsData(hasVoid: false, classes: 2)
        let plain = try TemporaryFolder()
        let folder = try TemporaryFolder()
        _ = try FindRun(plan: DatasetForm.plain(plain, data)).run()
        let foreground = data.probabilities.flatMap { $0.suffix(data.pixels) }
        let shape = [data.count] + (axes == 4 ? [1] : []) + [data.height, data.width]
        try folder.write(data.allLabels.map { $0 * 255 }.npy("|u1"), to: "l.npy")
        try folder.write(FormsArray(shape, foreground).npy("<f4"), to: "p.npy")
        var plan = DatasetForm.plan(folder, ["l.npy"], ["p.npy"])
        plan.audit.dataset.form = .binary
        plan.audit.dataset.ignoredLabels = []
        plan.audit.dataset.labelMap = [255: 1]
        #expect(try FindRun(plan: plan).run().issues > 0)
        #expect(try formsMasks(folder("out.npz")) == formsMasks(plain("out.npz")))
    }

    @Test("one class against all others gives the masks of two classes", arguments: [false, true])
    func channel(isMultiHot: Bool) throws {
        let data = FormsData(hasVoid: !isMultiHot)
        let plain = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try plain.write(data.numbered { label, _ in label == 255 ? 255 : label == 1 ? 1 : 0 }.npy("|u1"), to: "l.npy")
        let planes = data.probabilities.flatMap { image in
            let own = image[data.pixels..<2 * data.pixels]
            return own.map { 1 - $0 } + own
        }
        try plain.write(FormsArray([data.count, 2, data.height, data.width], planes).npy("<f4"), to: "p.npy")
        _ = try FindRun(plan: DatasetForm.plan(plain, ["l.npy"], ["p.npy"])).run()
        try folder.write((isMultiHot ? data.oneHot : data.allLabels).npy("|u1"), to: "l.npy")
        try folder.write(data.allProbabilities.npy("<f4"), to: "p.npy")
        var plan = DatasetForm.plan(folder, ["l.npy"], ["p.npy"])
        plan.audit.dataset.form = .binary
        plan.audit.dataset.channel = 1
        plan.audit.dataset.oneHot = isMultiHot
        #expect(try FindRun(plan: plan).run().issues > 0)
        #expect(try formsMasks(folder("out.npz")) == formsMasks(plain("out.npz")))
    }

    @Test("a dataset that is all void has masks without issues")
    func allVoid() throws {
        let folder = try TemporaryFolder()
        let data = FormsData()
        try folder.write(data.allLabels.map { _ in 11 }.npy("|u1"), to: "l.npy")
        try folder.write(data.allProbabilities.map { _ in .nan }.npy("<f8"), to: "p.npy")
        var plan = DatasetForm.plan(folder, ["l.npy"], ["p.npy"])
        plan.audit.dataset.ignoredLabels = [11]
        let summary = try FindRun(plan: plan).run()
        #expect(summary.issues == 0 && summary.countedPixels == 0 && summary.issueRate == 0)
        #expect(try formsMasks(folder("out.npz")).count == data.count)
    }

    @Test("an ignored class is never judged and can be suggested")
    func ignoredClass() throws {
        let folder = try TemporaryFolder()
        let data = FormsData(hasVoid: false)
        var plan = try DatasetForm.plain(folder, data)
        plan.audit.dataset.ignoredLabels = [1]
        let summary = try FindRun(plan: plan).run()
        #expect(summary.ignoredPixels == data.labels.joined().count { $0 == 1 })
        #expect(summary.perClass[1].pixels == 0 && summary.perClass[1].issues == 0)
        #expect(summary.swaps.contains { $0.suggested == 1 })
        for (mask, labels) in zip(try formsMasks(folder("out.npz")), data.labels) {
            #expect(!zip(mask, labels).contains { $0 == 1 && $1 == 1 })
        }
    }

    @Test("masks are keyed by name in natural order")
    func keys() throws {
        let folder = try TemporaryFolder()
        let data = FormsData()
        let names = ["img10", "img2", "img1", "img02"]
        try folder.write(formsArchive(names.enumerated().map { ($1, data.labels(of: $0).npy("|u1")) }), to: "l.npz")
        try folder.write(
            formsArchive(names.enumerated().map { ($1, data.probabilities(of: $0).npy("<f4")) }), to: "p.npz")
        _ = try FindRun(plan: DatasetForm.plan(folder, ["l.npz"], ["p.npz"])).run()
        #expect(try formsKeys(folder("out.npz")) == ["img1", "img02", "img2", "img10"].map { "label_issues/" + $0 })
    }

    @Test("one named image is keyed by its name where both sides have it", arguments: ["img0", "other"])
    func oneName(_ name: String) throws {
        let folder = try TemporaryFolder()
        let data = FormsData()
        try folder.write(formsArchive([("img0", data.labels(of: 0).npy("|u1"))]), to: "l.npz")
        try folder.write(formsArchive([(name, data.probabilities(of: 0).npy("<f4"))]), to: "p.npz")
        _ = try FindRun(plan: DatasetForm.plan(folder, ["l.npz"], ["p.npz"])).run()
        #expect(try formsKeys(folder("out.npz")) == [name == "img0" ? "label_issues/img0" : "label_issues"])
    }
}
