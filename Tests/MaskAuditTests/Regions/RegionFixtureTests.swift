import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

/// Regions against what SciPy and pycocotools make of the same data; `Tests/Fixtures/README.md` tells how.
@Suite struct RegionFixtureTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let names = ["blocks", "noise", "solid", "sparse"]

    @Test("every fixture is listed")
    func listed() throws {
        let files = try fileNames(inFolder: "\(fixturesPath)/regions").compactMap(\.text).filter {
            $0.hasSuffix(".npz")
        }
        #expect(files.map { String($0.dropLast(4)) } == Self.names)
    }

    @Test(
        "components, boxes, boundary pixels and means are SciPy's and NumPy's", arguments: names,
        [Connectivity.four, .eight])
    func components(name: String, connectivity: Connectivity) throws {
        let (outcome, wanted) = try run(name, connectivity)
        let whole = try #require(wanted["whole_\(connectivity.rawValue)"]).integers
        let floats = try #require(wanted["floats_\(connectivity.rawValue)"]).values
        let regions = outcome.placed
        try #require(whole.count == 11 * regions.count)
        for (number, region) in regions.enumerated() {
            #expect(
                whole[11 * number..<11 * number + 11]
                    == [
                        region.image, region.row, region.column, region.given, region.suggested, region.area,
                        region.left, region.top, region.width, region.height, region.boundaryPixels,
                    ])
            let own = [
                region.centerX, region.centerY, region.selfConfidence, region.lowestSelfConfidence,
                region.suggestedConfidence,
            ]
            // Sums are exact, means rounded once.
            for (found, expected) in zip(own, floats[5 * number..<5 * number + 5]) {
                #expect(abs(found - expected) <= 1e-12)
            }
        }
    }

    @Test("masks as text are pycocotools'", arguments: names, [Connectivity.four, .eight])
    func text(name: String, connectivity: Connectivity) throws {
        let (outcome, wanted) = try run(name, connectivity)
        let lines = try #require(wanted["counts_\(connectivity.rawValue)"]).integers.map { UInt8($0) }
            .split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        let image = outcome.summary.images[0]
        let texts = outcome.placed.map {
            ColumnRuns(height: image.height, width: image.width, runs: $0.runs).text
        }
        #expect(texts == lines)
    }

    private func run(_ name: String, _ connectivity: Connectivity) throws -> (RegionOutcome, StoredArchive) {
        let path = "\(fixturesPath)/regions/\(name).npz"
        let outcome = try folder.regions {
            $0.audit.dataset.labels = InputSelection(paths: [path])
            $0.audit.dataset.predProbs = InputSelection(paths: [path])
            $0.connectivity = connectivity
        }
        return (outcome, try StoredArchive(path))
    }
}
