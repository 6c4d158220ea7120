import ArgumentParser
import MaskAudit
import NumPyFiles
import Reporting

/// The options that write the summary to files, in forms for machines and people.
struct SummaryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Also writes the object that --json prints; - for standard output.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var jsonFile: String?

    @Option(
        help: ArgumentHelp(
            "Also writes a summary in Markdown, for a job's page or a chat; - for standard output.", valueName: "file"),
        completion: .file(extensions: ["md"]))
    var markdown: String?

    @Option(
        help: ArgumentHelp(
            "Also writes gates and classes as JUnit's XML; - for standard output.", valueName: "file"),
        completion: .file(extensions: ["xml"]))
    var junit: String?

    /// Options and their paths, in the order of the help.
    private var named: [(option: String, path: String)] {
        [("--json-file", jsonFile), ("--markdown", markdown), ("--junit", junit)].compactMap { option, path in
            path.map { (option, $0) }
        }
    }

    /// Whether one of the forms goes to standard output, in place of the summary for people.
    var takesStandardOutput: Bool { named.contains { $0.path == "-" } }

    /// Throws where two outputs want standard output.
    func check(output: String?, regions: String? = nil, json: Bool) throws {
        var outputs = named
        if let regions { outputs.insert(("--regions", regions), at: 0) }
        if let output { outputs.insert(("--output", output), at: 0) }
        let printed = outputs.filter { $0.path == "-" }.map(\.option) + (json ? ["--json"] : [])
        if printed.count > 1 {
            throw ValidationError(
                "\(printed[0]) - and \(printed[1]) both want standard output; name a file for one of them.")
        }
    }

    /// Notes the files as outputs of a run that does not write them.
    func note(in files: RunFiles) throws(AuditError) {
        for (option, path) in named { try files.write(path, option: option, example: "summary") }
    }

    /// Runs the work with the files made already, so that a folder that is not there is told before it, and writes them.
    func writing(
        in files: RunFiles, _ work: () throws(AuditError) -> AuditSummary
    ) throws(AuditError) -> AuditSummary {
        var texts: [(option: String, file: AtomicTextFile)] = []
        for (option, path) in named where path != "-" {
            texts.append((option, try files.textFile(path, option: option, example: "summary")))
        }
        let summary = try work()
        try AuditError.wrapping { () throws(ArrayFileError) in
            for (option, file) in texts {
                try file.write(text(option, summary))
                try file.commit()
            }
        }
        return summary
    }

    /// What goes to standard output instead of the summary for people; nil for nothing.
    func printedText(_ summary: AuditSummary) -> String? {
        named.first { $0.path == "-" }.map { text($0.option, summary) }
    }

    private func text(_ option: String, _ summary: AuditSummary) -> String {
        switch option {
        case "--json-file": summary.json.text + "\n"
        case "--markdown": summary.markdown
        default: summary.junit
        }
    }
}
