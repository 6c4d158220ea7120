import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct ScoreTextTests {
    private func summary(_ images: [(name: String, score: Double?, pixels: Int)], isNamed: Bool = true) -> ScoreSummary
    {
        ScoreSummary(
            method: .softmin, temperature: 0.1, pixels: 30, ignoredPixels: 4,
            images: images.enumerated().map { index, image in
                .init(
                    name: image.name, index: index, isNamed: isNamed, score: image.score, countedPixels: image.pixels)
            },
            ranking: ScoreSummary.ranking(images.map(\.score)), issues: nil, warnings: [], seconds: 0, bytesRead: 0)
    }

    @Test("the table goes from the worst image to those without a score")
    func csv() {
        let table = summary([("b", 0.5, 10), ("empty", nil, 0), ("x,y", 0.25, 16)]).csv
        #expect(table == "image,score,counted_pixels\n\"x,y\",0.25,16\nb,0.5,10\nempty,,0\n")
    }

    @Test("names reach neither the terminal nor a spreadsheet as commands")
    func hostileNames() {
        let summary = summary([("=1+1", 0.5, 10), ("a\u{1b}[2Jb", 0.25, 16)])
        #expect(summary.csv == "image,score,counted_pixels\na\\u{1b}[2Jb,0.25,16\n'=1+1,0.5,10\n")
        #expect(summary.text.contains("\na\\u{1b}[2Jb   0.250000"))
        #expect(!summary.text.contains("\u{1b}"))
    }

    @Test("equal scores rank by position")
    func ties() {
        #expect(ScoreSummary.ranking([0.5, nil, 0.25, 0.5, nil, 0.25]) == [2, 5, 0, 3, 1, 4])
    }

    @Test("JSON has null for an image without a score, and its number where it has no name")
    func json() {
        let text = summary([("0", nil, 0), ("1", 0.125, 8)], isNamed: false).json.text
        #expect(text.contains("\"image_scores\":[null,0.125],\"ranking\":[1,0]"))
        #expect(text.contains("{\"image\":1,\"score\":0.125,\"pixels\":8}"))
    }

    @Test("the summary lists ten images with a score, the worst first")
    func text() {
        let text = summary((0..<12).map { ("i\($0)", 1 - Double($0) / 16, 1) } + [("none", nil, 0)]).text
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 3 + 1 + 10)
        #expect(lines[4].hasPrefix("i11 "))
        #expect(lines[4].contains("0.312500"))
        #expect(!text.contains("none"))
    }
}
