import MaskAudit
import TestSupport
import Testing

/// A mistake in naming or keeping a dataset, and what the line about it has to name.
struct FormsMistake: Sendable, CustomTestStringConvertible {
    var name: String
    var facts: [String]
    var write: @Sendable (TemporaryFolder, FormsData) throws -> FindPlan

    var testDescription: String { name }

    /// Folders of files by name; names on one side only are without a partner.
    static func folders(
        _ name: String, labels: [String], probabilities: [String], _ facts: [String]
    ) -> FormsMistake {
        FormsMistake(name: name, facts: facts) { folder, data in
            try folder.makeFolders(["l", "p"])
            for name in labels { try folder.write(data.labels(of: 0).npy("|u1"), to: "l/" + name) }
            for name in probabilities { try folder.write(data.probabilities(of: 0).npy("<f4"), to: "p/" + name) }
            return DatasetForm.plan(folder, ["l"], ["p"])
        }
    }

    /// One archive for both sides.
    static func archive(
        _ name: String, _ facts: [String], _ members: @escaping @Sendable (FormsData) -> [(String, [UInt8])],
        keys: (labels: String?, probabilities: String?) = (nil, nil)
    ) -> FormsMistake {
        FormsMistake(name: name, facts: facts) { folder, data in
            try folder.write(formsArchive(members(data)), to: "d.npz")
            var plan = DatasetForm.plan(folder, ["d.npz"], ["d.npz"])
            (plan.audit.dataset.labels.key, plan.audit.dataset.predProbs.key) = keys
            return plan
        }
    }

    static let all: [FormsMistake] = [
        folders(
            "names that differ by a suffix", labels: ["a_mask.npy", "b_mask.npy"],
            probabilities: ["a_prob.npy", "b_prob.npy", "c_prob.npy"],
            ["p: 2 of 2 images in l", "a_mask, b_mask", "a_prob, b_prob, c_prob", "'prob' here and with 'mask' there"]),
        folders(
            "names that differ by a prefix", labels: ["gt1.npy", "gt2.npy"],
            probabilities: ["1.npy", "2.npy", "3.npy"],
            ["p: 2 of 2 images in l", "start with 'gt' there"]),
        folders(
            "a missing image with a near name", labels: ["im1.npy", "im2.npy"], probabilities: ["im1.npy", "im_2.npy"],
            ["p: 1 of 2 images in l", "im2", "is 'im2' named 'im_2' here?"]),
        folders(
            "an image too many", labels: ["im1.npy"], probabilities: ["im1.npy", "im2.npy"],
            ["l: 1 of 2 images in p", "im2", "add or remove images"]),
        folders(
            "many missing images", labels: (1...9).map { "x\($0).npy" }, probabilities: ["x1.npy"],
            ["p: 8 of 9 images in l", "x2, x3, x4, x5, x6 and 3 more"]),
        folders(
            "a name twice, in two cases of the suffix", labels: ["a.npy", "a.NPY"], probabilities: ["a.npy"],
            ["second image named 'a'", "l/a.NPY"]),
        folders("an empty folder", labels: [], probabilities: ["a.npy"], ["l: is an empty folder"]),
        folders(
            "as many names, none of which is on the other side", labels: ["a1.npy", "b2.npy"],
            probabilities: ["x.npy", "y.npy"],
            [
                "p: 2 of 2 images in l",
                "or name the files themselves, as in l/*.npy and p/*.npy, to pair them by position",
            ]),
        folders(
            "numbers that are unequal", labels: ["im_1.npy", "im_2.npy"], probabilities: ["im_11.npy", "im_12.npy"],
            ["p: 2 of 2 images in l", "im_1, im_2", "im_11, im_12"]),
        FormsMistake(
            name: "a folder of archives with several arrays",
            facts: ["l/a.npz: 2 arrays in a file of a folder", "a (5, 6) uint8, b (5, 6) uint8", "--labels-key"]
        ) {
            folder, data in
            try folder.makeFolders(["l"])
            let array = data.labels(of: 0).npy("|u1")
            try folder.write(formsArchive([("a", array), ("b", array)]), to: "l/a.npz")
            return DatasetForm.plan(folder, ["l"], ["l"])
        },
        FormsMistake(
            name: "a folder of folders", facts: ["l: is a folder without .npy or .npz files", "subfolders", "l/train"]
        ) {
            folder, _ in
            try folder.makeFolders(["l/train"])
            return DatasetForm.plan(folder, ["l"], ["l"])
        },
        FormsMistake(name: "several images in a file of a folder", facts: ["l/a.npy", "(4, 5, 6) hold 4 images"]) {
            folder, data in
            try folder.makeFolders(["l"])
            try folder.write(data.allLabels.npy("|u1"), to: "l/a.npy")
            return DatasetForm.plan(folder, ["l"], ["l"])
        },
        FormsMistake(name: "a missing path", facts: ["nowhere.npy: no such file"]) { folder, _ in
            DatasetForm.plan(folder, ["nowhere.npy"], ["nowhere.npy"])
        },
        archive(
            "an archive without default keys",
            [
                "d.npz: 2 arrays", "none with key 'labels'", "y (4, 5, 6) uint8", "p (4, 3, 5, 6) float32",
                "--labels-key",
            ], { [("y", $0.allLabels.npy("|u1")), ("p", $0.allProbabilities.npy("<f4"))] }),
        archive(
            "an archive with the labels named alone", ["none with key 'pred_probs'", "--pred-probs-key"],
            { [("y", $0.allLabels.npy("|u1")), ("p", $0.allProbabilities.npy("<f4"))] }, keys: ("y", nil)),
        archive(
            "a key that is not there", ["d.npz: no array with key 'x'", "y (4, 5, 6) uint8", "--labels-key"],
            { [("y", $0.allLabels.npy("|u1")), ("p", $0.allProbabilities.npy("<f4"))] }, keys: ("x", "p")),
        archive(
            "one member among images that is none",
            ["2 of 3 arrays", "'palette' is not: (256, 3, 1) uint8", "--labels-key"],
            {
                [
                    ("a", $0.labels(of: 0).npy("|u1")), ("b", $0.labels(of: 1).npy("|u1")),
                    ("palette", FormsArray([256, 3, 1], Array(repeating: 0, count: 768)).npy("|u1")),
                ]
            }),
        archive(
            "one member of three with the batch axis kept", ["2 of 3 arrays", "'c' is not: (1, 5, 6) uint8"],
            {
                [
                    ("a", $0.labels(of: 0).npy("|u1")), ("b", $0.labels(of: 1).npy("|u1")),
                    ("c", $0.labels(2..<3).npy("|u1")),
                ]
            }),
        FormsMistake(name: "one foreground probability without --binary", facts: ["p.npy", "--binary"]) {
            folder, data in
            try folder.write(data.allLabels.npy("|u1"), to: "l.npy")
            try folder.write(data.allLabels.map { _ in 0.5 }.npy("<f4"), to: "p.npy")
            return DatasetForm.plan(folder, ["l.npy"], ["p.npy"])
        },
        FormsMistake(name: "channels last without --layout", facts: ["p.npy", "(4, 5, 6, 3)", "--layout nhwc"]) {
            folder, data in
            try folder.write(data.allLabels.npy("|u1"), to: "l.npy")
            try folder.write(data.allProbabilities.channelsLast.npy("<f4"), to: "p.npy")
            return DatasetForm.plan(folder, ["l.npy"], ["p.npy"])
        },
        FormsMistake(
            name: "two ones in one-hot labels", facts: ["l.npy", "a second 1", "image 0 row 1 column 2 class"]
        ) {
            folder, data in
            var oneHot = FormsData(hasVoid: false).oneHot
            for index in 0..<2 { oneHot.values[index * data.pixels + data.width + 2] = 1 }
            try folder.write(oneHot.npy("|u1"), to: "l.npy")
            try folder.write(data.allProbabilities.npy("<f4"), to: "p.npy")
            var plan = DatasetForm.plan(folder, ["l.npy"], ["p.npy"])
            plan.audit.dataset.oneHot = true
            return plan
        },
        FormsMistake(name: "a class name too few", facts: ["names.txt: 2 class names for 3 classes"]) { folder, data in
            var plan = try DatasetForm.plain(folder, data)
            plan.audit.dataset.classNamesFile = try folder.write(Array("road\nsky\n".utf8), to: "names.txt")
            return plan
        },
    ]
}

@Suite struct DatasetFormsFaultTests {
    @Test("a mistake is told by its place and what to do", arguments: FormsMistake.all)
    func mistake(_ mistake: FormsMistake) throws {
        let folder = try TemporaryFolder()
        let line = formsFault(folder, try mistake.write(folder, FormsData()))
        for fact in mistake.facts { #expect(line.contains(fact), "\(line)") }
        #expect(!line.contains("\n"))
        #expect(try !folder.names.contains("out.npz"))
    }

    @Test(
        "class names may end in any newline",
        arguments: ["road\nsky\ncar\n", "road\r\nsky\r\ncar\r\n", "road\rsky\rcar"])
    func newlines(_ text: String) throws {
        let folder = try TemporaryFolder()
        var plan = try DatasetForm.plain(folder, FormsData())
        plan.audit.dataset.classNamesFile = try folder.write(Array(text.utf8), to: "names.txt")
        #expect(try FindRun(plan: plan).run().perClass.map(\.name) == ["road", "sky", "car"])
    }

    @Test("a dry run tells the plan from headers alone")
    func outline() throws {
        let folder = try TemporaryFolder()
        let data = FormsData()
        var plan = try DatasetForm.plain(folder, data)
        // Labels that a run would refuse: data are not looked at.
        try folder.write(data.allLabels.map { _ in 77 }.npy("|u1"), to: "l.npy")
        plan.audit.run.threads = 3
        let outline = try FindRun(plan: plan).outline()
        #expect(outline.images == 4 && outline.classes == 3 && outline.pixels == 120)
        #expect(outline.smallest == [5, 6] && outline.largest == [5, 6])
        #expect(outline.maskShape == [4, 5, 6] && !outline.isPairedByName)
        #expect(outline.predProbs.dtypes == ["float32"] && outline.predProbs.access == ["in place"])
        #expect(try folder.names == ["l.npy", "p.npy"])
    }
}
