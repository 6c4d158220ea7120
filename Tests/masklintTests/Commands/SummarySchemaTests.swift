import MaskAudit
import TestSupport
import Testing

/// `Scripts/summary.schema.json` and what the program prints.
@Suite struct SummarySchemaTests {
    let command: Command
    let validator: SchemaValidator

    init() throws {
        command = try Command()
        validator = SchemaValidator(schema: try JSONValue(path: "\(repositoryPath)/Scripts/summary.schema.json"))
    }

    @Test(
        "what --json prints is valid",
        arguments: [
            [], ["--filter-by", "both"], ["--joint"], ["--only-class", "1"], ["--downsample", "2"], ["--top", "0"],
            ["--ignore-label", "1"], ["--ignore-label", "0", "--ignore-label", "1"], ["--fail-over", "0.01"],
            ["--fail-over", "2", "--fail-over-class", "1=0"],
        ])
    func valid(options: [String]) throws {
        let run = try TestSupport.run(
            program, ["find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "o.npz", "--json"] + options,
            folder: command.folder.path)
        #expect(run.status < 2)
        #expect(validator.faults(try JSONValue(parsing: run.text)) == [])
    }

    @Test("so is what a report prints, and what is compared with a baseline")
    func others() throws {
        let first = try command("report", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "r.html", "--json")
        #expect(validator.faults(try JSONValue(parsing: first.text)) == [])
        try command.folder.write(first.output, to: "b.json")
        let second = try command.find("--json", "--baseline", "b.json", "--fail-on-new-worst")
        #expect(second.status == 0)
        let json = try JSONValue(parsing: second.text)
        #expect(validator.faults(json) == [])
        #expect(json["comparison"]?["file"] == .string("b.json"))
    }

    @Test("the schema describes every key of the summary")
    func described() throws {
        let json = try JSONValue(parsing: command.find("--json").text)
        #expect(Set(json.keys) == Set(validator.schema["properties"]?.keys ?? []))
        #expect(json.keys == validator.schema["required"]?.elements.compactMap(\.string))
    }

    @Test(
        "what is not as the schema has it is refused",
        arguments: [
            ("\"issues\":2", "\"issues\":\"2\"", "$.issues is not of type [\"integer\"]"),
            ("\"issues\":2", "\"issues\":2.5", "$.issues is not of type [\"integer\"]"),
            ("\"images\":2", "\"images\":-1", "$.images is beyond its minimum 0.0"),
            ("\"issue_rate\":0.125", "\"issue_rate\":1.5", "$.issue_rate is beyond its maximum 1.0"),
            ("\"tool\":\"masklint\"", "\"tool\":\"other\"", "$.tool is none of"),
            ("\"images\":2,", "", "$ has no images"),
            ("\"threshold\":", "\"treshold\":", "$.per_class[0] has no threshold"),
            ("\"threshold\":", "\"treshold\":", "$.per_class[1] has an unknown treshold"),
            ("\"only_class\":null", "\"only_class\":true", "$.only_class is not of type"),
            ("\"warnings\":[]", "\"warnings\":[1]", "$.warnings[0] is not of type [\"string\"]"),
        ])
    func refused(from: String, to: String, fault: String) throws {
        let text = try command.find("--json").text
        #expect(text.contains(from))
        let faults = validator.faults(try JSONValue(parsing: text.replacing(from, with: to)))
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }
}
