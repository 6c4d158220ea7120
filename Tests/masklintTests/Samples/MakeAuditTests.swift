import Foundation
import TestSupport
import Testing

/// `make audit` of the repository's Makefile, with the program that is built already.
@Suite struct MakeAuditTests {
    let command: Command

    init() throws { command = try Command() }

    /// Runs it in the folder of the data; `-o release` takes the program as it is.
    private func audit(_ more: String, labels: String = "labels.npy") throws -> CommandRun {
        try command.shell(
            "env -u MAKEFLAGS make -s -o release -f '\(repositoryPath)/Makefile' audit BINARY=\"$1\" LABELS='\(labels)' "
                + "PRED_PROBS=pred_probs.npy OUT=issues.npz \(more)")
    }

    private func modified(_ name: String) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: command.folder(name))[.modificationDate] as? Date
    }

    @Test("other options run again, the same options do not")
    func options() throws {
        let first = try audit("ARGS='--fail-over 20%'")
        #expect(first.status == 0, "\(first.errors)")
        let written = try modified("issues.npz")
        let again = try audit("ARGS='--fail-over 20%'")
        #expect(again.status == 0)
        #expect(again.text == "")
        #expect(try modified("issues.npz") == written)
        let stricter = try audit("ARGS='--fail-over 10%'")
        #expect(stricter.status == 2)
        #expect(stricter.errors.contains("is above --fail-over 10 %"), "\(stricter.errors)")
        // A gate that failed fails again, and what is allowed once more passes.
        #expect(try audit("ARGS='--fail-over 10%'").status == 2)
        #expect(try audit("ARGS='--fail-over 20%'").status == 0)
        #expect(try audit("").text.contains("issues    2"))
        #expect(try audit("ARGS='--class-names \"two words.txt\"'").status == 2)
        try command.folder.write(Array("it's sky\nroad\n".utf8), to: "two words.txt")
        let named = try audit("ARGS='--class-names \"two words.txt\"'")
        #expect(named.status == 0, "\(named.errors)")
        #expect(named.text.contains("0 it's sky"))
    }

    @Test("other inputs run again, and an input that is not there is named")
    func inputs() throws {
        #expect(try audit("").status == 0)
        try command.folder.write(try command.folder.read("labels.npy"), to: "other.npy")
        #expect(try audit("", labels: "other.npy").text.contains("issues    2"))
        let blank = try audit("", labels: "my labels.npy")
        #expect(blank.status == 2)
        #expect(blank.errors.contains("my is not there; make takes no names with blanks"), "\(blank.errors)")
    }

    @Test("an empty OUT means the usual name")
    func emptyOutput() throws {
        let run = try command.shell(
            "env -u MAKEFLAGS make -s -o release -f '\(repositoryPath)/Makefile' audit BINARY=\"$1\" LABELS=labels.npy "
                + "PRED_PROBS=pred_probs.npy OUT=")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try command.folder.names.contains("label_issues.npz"))
    }
}
