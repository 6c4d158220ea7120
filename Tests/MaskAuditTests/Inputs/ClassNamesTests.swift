import TestSupport
import Testing

@testable import MaskAudit

@Suite struct ClassNamesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(NumberArray([1, 1, 1], [0]).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([1, 3, 1, 1], [1, 0, 0]).npy("<f4"), to: "pred_probs.npy")
    }

    func names(_ text: String, file: String = "names") throws -> [String?] {
        try folder.write(Array(text.utf8), to: file)
        return try folder.audit { $0.audit.dataset.classNamesFile = folder(file) }.summary.perClass.map(\.name)
    }

    @Test(
        "names are read one a line, as a list, and by their numbers",
        arguments: [
            "road\nsky\ncar, parked\n", " road\t\n\"sky\"\r\n'car, parked' \n",
            "[\"road\", \" sky \", \"car, parked\"]", "{\"2\": \"car, parked\", \"0\": \"road\", \"1\": \"sky\"}",
            "{\"model_type\": \"segformer\", \"id2label\": {\"0\": \"road\", \"1\": \"sky\", \"2\": \"car, parked\"}, "
                + "\"label2id\": {\"road\": 0}}",
        ])
    func forms(text: String) throws {
        #expect(try names(text) == ["road", "sky", "car, parked"])
    }

    @Test("lines that begin with a bracket are names")
    func brackets() throws {
        #expect(try names("[void]\nsky\ncar\n") == ["[void]", "sky", "car"])
    }

    @Test(
        "what is no list of names is told",
        arguments: [
            ("[\"a\", \"b\"]", "2 class names for 3 classes; name the classes 0 to 2"),
            ("a\nb\n", "2 class names for 3 classes; write one name a line, class 0 first"),
            ("[\"a\", 1, \"c\"]", "class 1 is a number, a name in quotes is needed"),
            ("{\"0\": \"a\", \"1\": \"b\", \"3\": \"c\"}", "class 2 has no name; name every class, from 0 on"),
            ("{\"model_type\": \"a\"}", "the key 'model_type' with a string is no class number with its name"),
            ("{\"0\" \"a\"}", "line 1 column 6 is no JSON"),
        ])
    func faults(text: String, fact: String) throws {
        let fault = #expect(throws: AuditError.self) { _ = try names(text) }
        #expect("\(try #require(fault))".hasPrefix("\(folder("names")): \(fact)"))
    }
}
