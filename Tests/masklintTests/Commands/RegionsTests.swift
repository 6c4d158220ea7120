import MaskAudit
import TestSupport
import Testing

@Suite struct RegionsTests {
    let command: Command

    init() throws { command = try Command() }

    private func regions(_ more: String...) throws -> CommandRun {
        try TestSupport.run(
            program, ["regions", "-l", "labels.npy", "-p", "pred_probs.npy"] + more, folder: command.folder.path)
    }

    @Test("a run writes what is asked for, prints the summary, and nothing else")
    func files() throws {
        let run = try regions(
            "-o", "r.csv", "--coco", "c.json", "--label-studio", "l.json", "--corrected", "fixed.npz")
        #expect(run.status == 0 && run.errors == "")
        #expect(run.text.hasPrefix("images    2\npixels    16, 0 ignored, 16 counted\nissues    2 in 2 regions\n"))
        #expect(
            try command.folder.names == ["c.json", "fixed.npz", "l.json", "labels.npy", "pred_probs.npy", "r.csv"])
        let lines = String(decoding: try command.folder.read("r.csv"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        // Both of one pixel and the same confidence: in dataset order.
        #expect(lines[1].hasPrefix("0@0x3,,0,1,,0,,1,3,0,1,1,"))
        #expect(lines[2].hasPrefix("1@1x0,,1,0,,1,,1,0,1,1,1,"))
        let quiet = try regions("-o", "r.JSON", "-q")
        #expect(quiet.status == 0 && quiet.text == "" && quiet.errors == "")
        let json = try JSONValue(parsing: String(decoding: try command.folder.read("r.JSON"), as: UTF8.self))
        #expect(json["regions"]?.elements.count == 2)
    }

    @Test("a reviewed table becomes corrected labels and a list that keeps rejected regions away")
    func review() throws {
        _ = try regions("-o", "r.csv")
        let table = String(decoding: try command.folder.read("r.csv"), as: UTF8.self)
            .replacing("0@0x3,,", with: "0@0x3,accept,").replacing("1@1x0,,", with: "1@1x0,reject,")
        try command.folder.write(Array(table.utf8), to: "reviewed.csv")
        let run = try regions(
            "--accept", "reviewed.csv", "--corrected", "fixed.npz", "--known-out", "known.csv", "--json")
        #expect(run.status == 0 && run.errors == "")
        #expect(try JSONValue(parsing: run.text)["regions_listed"] == .number(2))
        let known = String(decoding: try command.folder.read("known.csv"), as: UTF8.self)
        // Down the columns of 2 x 4: one outside, one inside, six outside.
        #expect(known == "id,decision,given,suggested,mask\n1@1x0,reject,0,1,2x4:116\n")
        for (name, listed) in [("known.csv", 1), ("reviewed.csv", 1)] {
            #expect(
                try regions("-o", "r.csv", "--known", name).text.contains("listed    \(listed) region; left out: 1 "))
        }
        // Corrected labels are labels: the accepted region is none any more.
        let next = try command(
            "regions", "-l", "fixed.npz", "-p", "pred_probs.npy", "-o", "r.csv", "--known", "known.csv")
        #expect(next.text.contains("listed    0 regions; left out: 1 rejected before\n"))
    }

    @Test("known lists of two days are joined, each region once")
    func joined() throws {
        _ = try regions("-o", "r.csv")
        let table = String(decoding: try command.folder.read("r.csv"), as: UTF8.self)
        for (name, region) in [("one.csv", "0@0x3"), ("two.csv", "1@1x0")] {
            try command.folder.write(Array(table.replacing("\(region),,", with: "\(region),reject,").utf8), to: name)
        }
        _ = try regions("--accept", "one.csv", "--known-out", "known1.csv", "-o", "o.csv")
        _ = try regions(
            "--accept", "two.csv", "--known", "known1.csv", "one.csv", "--known-out", "known2.csv", "-o", "o.csv")
        let known = String(decoding: try command.folder.read("known2.csv"), as: UTF8.self)
        #expect(known.split(separator: "\n").map { $0.prefix(5) } == ["id,de", "0@0x3", "1@1x0"])
    }

    @Test("names of the images' files go into the exports, one a line")
    func fileNames() throws {
        try command.folder.write(Array("a.png\r\nb c.png\n".utf8), to: "names.txt")
        _ = try regions("--coco", "c.json", "--label-studio", "l.json", "--file-names", "names.txt")
        for name in ["c.json", "l.json"] {
            #expect(String(decoding: try command.folder.read(name), as: UTF8.self).contains("\"b c.png\""))
        }
        try command.folder.write(Array("a.png\n".utf8), to: "names.txt")
        #expect(
            try command.fault(regions("--coco", "d.json", "--file-names", "names.txt"))
                == "names.txt: 1 names for 2 images; write one name a line, in the order of the images")
        #expect(try !command.folder.names.contains("d.json"))
    }

    @Test("files that cannot be used are told in a line before anything is written")
    func faults() throws {
        try command.folder.write(Array("id,decision\n9@0x0,accept\n".utf8), to: "bad.csv")
        #expect(
            try command.fault(regions("--accept", "bad.csv", "-o", "o.csv")).hasPrefix(
                "bad.csv: line 2: no region '9@0x0'"))
        #expect(
            try command.fault(regions("--known", "bad.csv", "-o", "o.csv")).hasPrefix("bad.csv: line 1: no column "))
        #expect(try command.fault(regions("-o", "none/o.csv")).hasPrefix("none/o.csv: "))
        #expect(try command.fault(regions("-o", "labels.npy")).hasPrefix("labels.npy: the output is also an input"))
        #expect(try command.fault(regions("--coco", "bad.csv", "--known", "bad.csv")).hasPrefix("bad.csv: "))
        #expect(try command.folder.names == ["bad.csv", "labels.npy", "pred_probs.npy"])
    }

    @Test(
        "options that do not go together are told with usage",
        arguments: [
            [], ["-o", "-"], ["-o", "a", "--known-out", "b"],
            ["-o", "a", "--file-names", "b"], ["-o", "a", "--polygons"], ["--corrected", "a", "--top", "3"],
            ["-o", "a", "--connectivity", "6"],
            ["-o", "a", "--boundary", "-1"], ["-o", "a", "--boundary", "1", "--skip-boundary", "2"],
            ["-o", "a", "--min-area", "0"], ["-o", "a", "--min-score", "2"], ["-o", "a", "--top", "0"],
        ])
    func usage(options: [String]) throws {
        let run = try TestSupport.run(
            program, ["regions", "-l", "labels.npy", "-p", "pred_probs.npy"] + options, folder: command.folder.path)
        #expect(run.status == 64)
        #expect(run.errors.contains("Usage: masklint regions"))
        #expect(try command.folder.names == Command.inputs)
    }

    @Test("probabilities may come through a pipe, labels not")
    func pipes() throws {
        let run = try command.shell("\"$1\" regions -l labels.npy -p - -o r.csv -q < pred_probs.npy")
        #expect(run.status == 0 && run.errors == "")
        #expect(try command.shell("\"$1\" regions -l - -p pred_probs.npy -o s.csv < labels.npy").status == 64)
    }
}
