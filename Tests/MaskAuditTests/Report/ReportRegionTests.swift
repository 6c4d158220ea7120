import ConfidentLearning
import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// Regions of a report, and their surroundings.
@Suite struct ReportRegionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(
        _ change: (inout ReportPlan) -> Void = { _ in }
    ) throws -> (data: ReportData, pictures: [RegionPicture]) {
        var audit = AuditPlan(
            labels: InputSelection(paths: [folder("labels.npy")]),
            predProbs: InputSelection(paths: [folder("pred_probs.npy")]))
        audit.rule.filter = .predictedNeqGiven
        audit.dataset.ignoredLabels = [255]
        var plan = ReportPlan(audit: audit, output: "report.html")
        plan.topCount = 0
        change(&plan)
        var pictures: [RegionPicture] = []
        let data = try ReportRun(plan: plan).run({ _ in }, showRegion: { pictures.append($0) })
        return (data, pictures)
    }

    @Test("the first regions have crops with the labels around them and their own pixels")
    func crops() throws {
        var rows = (0..<40).map { _ in String(repeating: "a", count: 50) }
        rows[20] = String(repeating: "a", count: 30) + "bbb" + String(repeating: "a", count: 17)
        rows[2] = "BxBcBB" + rows[2].dropFirst(6)
        try folder.write(Sketch(rows: rows).scene)
        let photo = (0..<3 * 2000).map { UInt8($0 / 3 % 251) }
        try folder.write(npy(header: npyDict("|u1", [1, 40, 50, 3]) + "\n", data: photo), to: "images.npy")
        let (data, pictures) = try run { $0.images = InputSelection(paths: [folder("images.npy")]) }
        let regions = try #require(data.regions)
        #expect(regions.regions.map(\.area) == [3, 1])
        #expect(pictures.map(\.picture.rank) == [0, 1])
        // Twelve pixels around row 20, columns 30 to 32.
        let first = pictures[0]
        #expect((first.left, first.top, first.picture.width, first.picture.height) == (18, 8, 27, 25))
        #expect(first.picture.issues.map(\.pixel) == [12 * 27 + 12, 12 * 27 + 13, 12 * 27 + 14])
        #expect(first.picture.given == [UInt16](repeating: 0, count: 27 * 25))
        #expect(first.picture.photo?.count == 27 * 25 * 3)
        #expect(first.picture.photo?.first == UInt8((8 * 50 + 18) % 251))
        // Cut at the image's edges: rows 0 to 14, columns 0 to 15.
        let second = pictures[1]
        #expect((second.left, second.top, second.picture.width, second.picture.height) == (0, 0, 16, 15))
        #expect(Array(second.picture.given[32..<38]) == [1, ImagePicture.void, 1, 0, 1, 1])
        #expect(second.picture.issues == [.init(pixel: 35, given: 0, suggested: 2)])
    }

    @Test("without a count there are as many as usual, none where labels come through a pipe or masks are given")
    func counts() throws {
        try folder.write(Scene.random(seed: 5, classCount: 3, count: 2, 40, 40))
        let usual = try run()
        #expect(usual.pictures.count == ReportPlan.usualRegionCount)
        #expect(usual.data.regions?.regions.count == ReportPlan.listedRegionCount)
        #expect(try run { $0.regionCount = 3 }.pictures.count == 3)
        let none = try run { $0.regionCount = 0 }
        #expect(none.pictures.isEmpty && none.data.regions == nil)
        _ = try folder.audit()
        #expect(try run { $0.issues = InputSelection(paths: [folder("out.npz")]) }.data.regions == nil)
    }

    @Test("regions of a report are those of a run for them")
    func same() throws {
        try folder.write(Scene.random(seed: 6, classCount: 4, count: 3, 20, 20))
        let listed = try folder.regions().summary
        let shown = try #require(run().data.regions)
        #expect(shown.found == listed.found)
        #expect(shown.regions == Array(listed.regions.prefix(100)))
    }
}
