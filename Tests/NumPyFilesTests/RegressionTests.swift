import NumPyFiles
import TestSupport
import Testing

/// Inputs that a fuzzer or a comparison with NumPy once found something with; the folder's README tells what.
@Suite struct RegressionTests {
    static let inputs: [String] = {
        let names = ((try? fileNames(inFolder: fixturesPath + "/regressions")) ?? []).compactMap(\.text)
        return names.filter { $0 != "README.md" }
    }()

    @Test("there are inputs") func some() { #expect(!Self.inputs.isEmpty) }

    @Test("an input that once failed is refused in one line", arguments: inputs)
    func refused(name: String) throws {
        let spool = try TemporaryFolder()
        let found = error { () throws(ArrayFileError) in
            let file = try ArrayFile(path: fixturesPath + "/regressions/" + name)
            for entry in file.arrays { _ = try allBytes(file, entry, spool: spool.path) }
        }
        let text = try #require(found).description
        #expect(text.contains(name))
        #expect(!text.utf8.contains { $0 < 0x20 })
    }
}
