import Foundation
import TestSupport
import Testing

/// The manual page of `find`, whole, as `make man` makes it.
@Suite struct ManualPageSnapshotTests {
    /// The argument parser's tool, which `Scripts/test.sh` builds beside the program; `swift test` alone does not.
    private static let generator =
        program.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/generate-manual"

    @Test(
        "the manual page of find is as committed",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: generator),
            "generate-manual is not built; run `swift build --product generate-manual`"))
    func page() throws {
        let folder = try TemporaryFolder()
        let run = try TestSupport.run(
            "/bin/sh", [repositoryPath + "/Scripts/manual.sh", program, Self.generator, folder("manual")])
        #expect(run.status == 0, "\(run.errors)")
        let page = String(decoding: try folder.read("manual/share/man/man1/masklint-find.1"), as: UTF8.self)
        try Snapshot("masklint-find.1").check(withoutTimes(page))
    }
}
