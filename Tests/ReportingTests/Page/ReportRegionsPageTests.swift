import ConfidentLearning
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct ReportRegionsPageTests {
    /// The page of a report with those regions and crops of the first of them.
    private func page(_ summary: RegionSummary, _ crops: [EncodedRegion], names: [String]) -> String {
        let data = ReportData(
            summary: AuditSummary(
                images: 2, classes: 2, pixels: 12, ignoredPixels: 0, issues: 4, rule: .lowSelfConfidence, downsample: 1,
                perClass: names.enumerated().map {
                    .init(index: $0, name: $1, pixels: 6, issues: 2, threshold: 0.5)
                }, swaps: [], worstImages: [], warnings: [], seconds: 0, bytesRead: 0),
            cutoff: nil, histogram: ConfidenceHistogram(), labelFiles: ["l"], predProbFiles: ["p"], issuesFile: nil,
            regions: summary)
        var out = ""
        ReportPage(data: data, pictures: [], regions: crops).write { out += $0 }
        return out
    }

    private func crop(_ region: Region, rank: Int = 0, photo: [UInt8]? = nil) -> EncodedRegion {
        EncodedRegion(
            RegionPicture(
                region: region, left: 0, top: 0,
                picture: ImagePicture(
                    rank: rank, rankCount: 2,
                    image: .init(name: "c", index: 1, isNamed: true, issues: 3, pixels: 6), score: 0.5, height: 2,
                    width: 3, given: [1, 0, 0, 1, 0, ImagePicture.void], predicted: [0, 0, 0, 0, 0, 0],
                    issues: region.runs.joined().map { .init(pixel: $0, given: 0, suggested: 1) }, photo: photo)))
    }

    @Test("a crop has the outlines of both classes and of the region, and a picture")
    func outlines() {
        let region = RegionExportTests.summary.regions[0]
        let encoded = crop(region)
        // Given 0 at (0,1) (0,2) (1,1), which is the region too; with it 1 is all but the void corner.
        #expect(encoded.regionPath == "M1 0h2v1h-1v1h-1z")
        #expect(encoded.givenPath == encoded.regionPath)
        #expect(encoded.suggestedPath == "M0 0h3v1h-1v1h-2z")
        #expect(encoded.crop.starts(with: [137, 80, 78, 71]))
        let photo = crop(region, photo: (0..<18).map { UInt8($0) })
        #expect(photo.crop != encoded.crop && (photo.width, photo.height) == (3, 2))
    }

    @Test("the page lists regions with their crops, and lets nothing in a name become markup")
    func listed() {
        var summary = RegionExportTests.summary
        summary.images[1].name = "<c>"
        let page = page(
            summary, [crop(summary.regions[1], rank: 1), crop(summary.regions[0])], names: ["road", "<sky>"])
        #expect(page.contains("3 regions in all"))
        #expect(page.contains("<th scope=\"row\">&lt;c&gt;@0x1</th>"))
        #expect(!page.contains("<sky>") && !page.contains("<c>"))
        #expect(page.contains("<option value=\"0-1\">road → &lt;sky&gt; (2)</option>"))
        let first = page.firstRange(of: "<b>1</b> road")
        let second = page.firstRange(of: "<b>2</b> road")
        #expect(first != nil && second != nil && first!.lowerBound < second!.lowerBound)
    }

    @Test("without regions the page says so; where they were not looked for it has no such section")
    func nothing() {
        var summary = RegionExportTests.summary
        summary.regions = []
        summary.found = 0
        let page = page(summary, [], names: ["a", "b"])
        #expect(page.contains("<h2>Mislabelled regions</h2>\n<p class=\"note\">No issues.</p>"))
        #expect(!page.contains("<figure"))
    }

    @Test("a large crop is reduced until it fits")
    func large() {
        let side = 600
        var random: UInt64 = 1
        let photo = (0..<3 * side * side).map { _ -> UInt8 in
            random = random &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(truncatingIfNeeded: random >> 33)
        }
        var region = RegionExportTests.summary.regions[0]
        region.runs = [0..<100]
        let encoded = EncodedRegion(
            RegionPicture(
                region: region, left: 0, top: 0,
                picture: ImagePicture(
                    rank: 0, rankCount: 100,
                    image: .init(name: "c", index: 1, isNamed: true, issues: 100, pixels: side * side), score: 0.5,
                    height: side, width: side, given: [UInt16](repeating: 0, count: side * side),
                    predicted: [UInt16](repeating: 0, count: side * side),
                    issues: (0..<100).map { .init(pixel: $0, given: 0, suggested: 1) }, photo: photo)))
        #expect(encoded.crop.count <= EncodedRegion.allBytes / 100)
        #expect(encoded.width >= 24 && encoded.width == encoded.height)
        #expect(encoded.regionPath.hasPrefix("M0 0h"))
    }
}
