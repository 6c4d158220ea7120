import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

@Suite struct ReportRunTests {
    private static let street = fixturesPath + "/../../Samples/street/"

    private func plan(_ labels: String = street + "labels.npy", _ probabilities: String = street + "pred_probs.npz")
        -> ReportPlan
    {
        var audit = AuditPlan(
            labels: InputSelection(paths: [labels]), predProbs: InputSelection(paths: [probabilities]))
        audit.dataset.ignoredLabels = [255]
        audit.run.threads = 2
        var plan = ReportPlan(audit: audit, output: "report.html")
        plan.topCount = 3
        return plan
    }

    private func run(_ plan: ReportPlan) throws(AuditError) -> (data: ReportData, pictures: [ImagePicture]) {
        var pictures: [ImagePicture] = []
        let data = try ReportRun(plan: plan).run { pictures.append($0) }
        return (data, pictures.sorted { $0.rank < $1.rank })
    }

    private func bytes(_ path: String, _ key: String) throws -> [UInt8] {
        let file = try ArrayFile(path: path)
        let stream = try file.stream(try #require(file.arrays.first { $0.key == key }))
        var bytes: [UInt8] = []
        try stream.read(count: stream.header.byteCount, into: &bytes)
        return bytes
    }

    @Test("the worst images come with their labels, and each issue with its swap")
    func pictures() throws {
        let (data, pictures) = try run(plan())
        // Samples/README.md: 378, 166, 261, 127, 473, 146, 277, 348 issues.
        #expect(pictures.map(\.image.index) == [4, 0, 7])
        #expect(pictures.map(\.issues.count) == [473, 378, 348])
        #expect(data.summary.issues == 2176)
        let labels = try bytes(Self.street + "labels.npy", "")
        for picture in pictures {
            let first = picture.image.index * 96 * 128
            #expect(
                picture.given == labels[first..<first + 96 * 128].map { $0 == 255 ? ImagePicture.void : UInt16($0) })
            for issue in picture.issues {
                #expect(picture.given[issue.pixel] == UInt16(issue.given))
                #expect(picture.predicted[issue.pixel] == UInt16(issue.suggested))
            }
            #expect(picture.photo == nil)
            #expect((picture.score ?? 1) < 0.1)
        }
        #expect(data.histogram.counts.reduce(0, +) == data.summary.countedPixels)
        #expect((data.cutoff ?? 1) < 0.05)
    }

    @Test("masks of a finished run give the report of that run")
    func finishedMasks() throws {
        let folder = try TemporaryFolder()
        _ = try FindRun(plan: FindPlan(audit: plan().audit, output: folder("issues.npz"))).run()
        var reusing = plan()
        reusing.issues = InputSelection(paths: [folder("issues.npz")])
        let (data, pictures) = try run(reusing)
        let (expected, expectedPictures) = try run(plan())
        #expect(pictures.map(\.issues) == expectedPictures.map(\.issues))
        #expect(data.summary.perClass == expected.summary.perClass)
        #expect(data.summary.swaps == expected.summary.swaps)
        #expect(data.summary.worstImages == expected.summary.worstImages)
        #expect(data.histogram == expected.histogram)
    }

    @Test("finished masks of an array an image are found by name")
    func finishedNamedMasks() throws {
        let folder = try TemporaryFolder()
        let ragged = fixturesPath + "/../../Samples/ragged/"
        var plan = plan(ragged + "labels.npz", ragged + "pred_probs.npz")
        let summary = try FindRun(plan: FindPlan(audit: plan.audit, output: folder("issues.npz"))).run()
        plan.issues = InputSelection(paths: [folder("issues.npz")])
        let (data, pictures) = try run(plan)
        #expect(data.summary.worstImages == summary.worstImages)
        #expect(pictures.map(\.image.name) == ["frame10", "frame11", "frame1"])
    }

    @Test("photographs are paired by position, pixel for pixel")
    func photographs() throws {
        var plan = plan()
        plan.images = InputSelection(paths: [Self.street + "images.npz"])
        let photos = try bytes(Self.street + "images.npz", "images")
        for picture in try run(plan).pictures {
            let first = picture.image.index * 96 * 128 * 3
            #expect(picture.photo == Array(photos[first..<first + 96 * 128 * 3]))
        }
    }

    @Test("photographs of some of the names are shown where they are")
    func someNames() throws {
        let folder = try TemporaryFolder()
        let ragged = fixturesPath + "/../../Samples/ragged/"
        let photo = npy(header: npyDict("|u1", [40, 40, 3]) + "\n", data: Array(repeating: 9, count: 4800))
        let other = npy(header: npyDict("|u1", [1, 1, 3]) + "\n", data: [1, 2, 3])
        try folder.write(
            ZipBuilder([ZipMember("frame10.npy", photo), ZipMember("elsewhere.npy", other)]).bytes, to: "i.npz")
        var plan = plan(ragged + "labels.npz", ragged + "pred_probs.npz")
        plan.images = InputSelection(paths: [folder("i.npz")])
        #expect(try run(plan).pictures.map { $0.photo?.count } == [4800, nil, nil])
    }

    struct Fault: Sendable, CustomStringConvertible {
        var description: String
        var header: String
        var count: Int
        var isPhoto: Bool
        var found: [String]
    }

    @Test(
        "photographs and masks that do not fit are refused",
        arguments: [
            Fault(
                description: "too few photographs", header: npyDict("|u1", [7, 96, 128, 3]), count: 7 * 36_864,
                isPhoto: true, found: ["7 images", "8"]),
            Fault(
                description: "another size", header: npyDict("|u1", [8, 96, 127, 3]), count: 8 * 36_576, isPhoto: true,
                found: ["image 0", "96 x 127", "96 x 128"]),
            Fault(
                description: "four channels", header: npyDict("|u1", [8, 96, 128, 4]), count: 8 * 49_152, isPhoto: true,
                found: ["(8, 96, 128, 4)", "uint8"]),
            Fault(
                description: "photographs as floats", header: npyDict("<f4", [1, 1, 1, 3]), count: 12, isPhoto: true,
                found: ["float32"]),
            Fault(
                description: "masks of other images", header: npyDict("|b1", [8, 96, 127]), count: 8 * 96 * 127,
                isPhoto: false, found: ["(8, 96, 127)", "(8, 96, 128)"]),
            Fault(
                description: "masks as floats", header: npyDict("<f4", [8, 96, 128]), count: 8 * 96 * 512,
                isPhoto: false, found: ["float32"]),
            Fault(
                description: "masks in Fortran order", header: npyDict("|b1", [8, 96, 128], fortran: true),
                count: 8 * 96 * 128, isPhoto: false, found: ["Fortran"]),
        ])
    func faults(_ fault: Fault) throws {
        let folder = try TemporaryFolder()
        try folder.write(npy(header: fault.header + "\n", data: Array(repeating: 0, count: fault.count)), to: "x.npy")
        var plan = plan()
        if fault.isPhoto {
            plan.images = InputSelection(paths: [folder("x.npy")])
        } else {
            plan.issues = InputSelection(paths: [folder("x.npy")])
        }
        let error = #expect(throws: AuditError.self) { _ = try run(plan) }
        for text in [folder("x.npy")] + fault.found { #expect(error?.description.contains(text) == true, "\(text)") }
    }

    @Test("photographs and finished masks that change while they are read end the run", arguments: [true, false])
    func changing(isPhoto: Bool) throws {
        let folder = try TemporaryFolder()
        try folder.write(
            isPhoto
                ? countingNPY([8, 96, 128, 3])
                : npy(header: npyDict("|b1", [8, 96, 128]) + "\n", data: Array(repeating: 1, count: 8 * 96 * 128)),
            to: "x.npy")
        var plan = plan()
        if isPhoto {
            plan.images = InputSelection(paths: [folder("x.npy")])
        } else {
            plan.issues = InputSelection(paths: [folder("x.npy")])
        }
        let error = #expect(throws: AuditError.self) {
            _ = try ReportRun(plan: plan).run { _ in try? setSize(of: folder("x.npy"), to: 5000) }
        }
        #expect(error?.description.hasPrefix("\(folder("x.npy")): changed while it was read: 5000 bytes now") == true)
    }

    @Test("a page in place of an input is refused", arguments: ["labels", "photographs"])
    func overInput(_ which: String) throws {
        let folder = try TemporaryFolder()
        let photos = try TemporaryFolder()
        try photos.write(countingNPY([8, 96, 128, 3]), to: "i.npy")
        var plan = plan()
        plan.images = InputSelection(paths: [photos("i.npy")])
        plan.output = which == "labels" ? Self.street + "labels.npy" : photos("i.npy")
        let error = #expect(throws: AuditError.self) { _ = try run(plan) }
        #expect(error?.description.contains("also an input") == true)
        #expect(try folder.names == [])
    }

    @Test("flagged pixels that are ignored are no issues, and the report says so")
    func ignoredFlags() throws {
        let folder = try TemporaryFolder()
        try folder.write(npy(header: npyDict("|u1", [2, 2]) + "\n", data: [0, 255, 1, 1]), to: "l.npy")
        let values: [Float] = [0.25, 0.5, 0.5, 0.5, 0.75, 0.5, 0.5, 0.5]
        try folder.write(
            npy(header: npyDict("<f4", [2, 2, 2]) + "\n", data: values.flatMap { little($0.bitPattern, 4) }),
            to: "p.npy")
        try folder.write(npy(header: npyDict("|b1", [2, 2]) + "\n", data: [1, 1, 0, 0]), to: "m.npy")
        var plan = plan(folder("l.npy"), folder("p.npy"))
        plan.issues = InputSelection(paths: [folder("m.npy")])
        let (data, pictures) = try run(plan)
        #expect(data.summary.issues == 1)
        #expect(data.summary.warnings.contains { $0.hasSuffix("left out: 1") })
        #expect(pictures.map(\.issues) == [[.init(pixel: 0, given: 0, suggested: 1)]])
        #expect(data.cutoff == 0.25)
    }
}
