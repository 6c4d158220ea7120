import Foundation
import TestSupport
import Testing

@testable import masklint

/// Every option that names a file, of every command, as the parser lists them.
@Suite struct OutputFilesTests {
    private enum Role {
        /// With the file that it reads here.
        case input(String)
        case output
        case outputFolder
    }

    /// What each option is to a run. One that is not here fails the first test: whoever adds an option says what it is.
    private static let roles: [String: Role] = [
        "labels": .input("labels.npy"), "pred-probs": .input("pred_probs.npy"), "class-names": .input("names.txt"),
        "map-labels": .input("map.csv"), "records": .input("rec.npz"), "thresholds": .input("t.npz"),
        "baseline": .input("base.json"), "config": .input("c.json"), "images": .input("images.npy"),
        "issues": .input("issues.npz"), "accept": .input("done.csv"), "known": .input("known.csv"),
        "file-names": .input("files.txt"),
        "output": .output, "regions": .output, "json-file": .output, "markdown": .output, "junit": .output,
        "csv": .output, "coco": .output, "label-studio": .output, "corrected": .output, "known-out": .output,
        "keep-records": .output, "png-dir": .outputFolder,
    ]

    /// What else an option needs, and the options that it takes the place of.
    private static let companions: [String: (more: [String: String], less: [String])] = [
        "records": (["thresholds": "t.npz"], ["labels", "pred-probs"]), "file-names": (["coco": "o.coco"], []),
        "known-out": (["accept": "done.csv"], []), "score thresholds": (["method": "num_pixel_issues"], []),
    ]

    /// Pairs of a command and an option that it knows and refuses.
    private static let refused: Set<String> = ["score records", "report records", "regions records"]

    static let commands = ["find", "regions", "score", "report", "thresholds", "merge"]

    private let command: Command

    init() throws {
        command = try Command()
        let folder = command.folder
        try folder.write(Array("road\ncar\n".utf8), to: "names.txt")
        try folder.write(Array("a.png\nb.png\n".utf8), to: "files.txt")
        try folder.write(Array("0,0\n1,1\n".utf8), to: "map.csv")
        try folder.write(Array("{}\n".utf8), to: "c.json")
        try folder.write(NumberArray([2, 2, 4, 3], [Double](repeating: 7, count: 48)).npy("|u1"), to: "images.npy")
        let run = try command.shell(
            """
            in="-l labels.npy -p pred_probs.npy -q"
            "$1" thresholds $in -o t.npz --keep-records rec.npz && "$1" find $in -o issues.npz --json-file base.json &&
            "$1" regions $in -o done.csv && "$1" regions $in -o x.csv --accept done.csv --known-out known.csv &&
            rm x.csv && ln -s . here
            """)
        #expect(run.status == 0, "\(run.errors)")
    }

    private static func options(_ name: String) -> [String] {
        Masklint.table.command(name)?.options.filter(\.isPath).map(\.name) ?? []
    }

    private static func outputs(_ name: String) -> [String] {
        options(name).filter { if case .output? = roles[$0] { true } else { false } }
    }

    private static func inputs(_ name: String) -> [(option: String, file: String)] {
        options(name).compactMap { option in
            if case .input(let file)? = roles[option] { (option, file) } else { nil }
        }
    }

    /// A line with some options, all that they need, and the inputs and the output that every line has.
    private func line(_ name: String, _ given: [String: String]) -> [String] {
        var values: [String: String] = name == "merge" ? [:] : ["labels": "labels.npy", "pred-probs": "pred_probs.npy"]
        values["output"] = "o.main"
        for option in given.keys {
            for key in [option, "\(name) \(option)"] {
                guard let companion = Self.companions[key] else { continue }
                for less in companion.less { values[less] = nil }
                values.merge(companion.more) { $1 }
            }
        }
        values.merge(given) { $1 }
        return [name] + (name == "merge" ? ["base.json", "-q"] : ["-q"])
            + values.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
    }

    private func run(_ name: String, _ given: [String: String]) throws -> CommandRun {
        try TestSupport.run(program, line(name, given), folder: command.folder.path)
    }

    /// The regular files of the folder with what they hold.
    private func contents() throws -> [String: [UInt8]] {
        var all: [String: [UInt8]] = [:]
        for name in try command.folder.names where name != "here" { all[name] = try command.folder.read(name) }
        return all
    }

    @Test("every option that takes a path is an input or an output of these tests")
    func complete() {
        #expect(Self.commands + ["inspect"] == Self.commands.filter { Masklint.table.command($0) != nil } + ["inspect"])
        #expect(Set(Masklint.table.commands.map(\.name)) == Set(Self.commands + ["inspect"]))
        for command in Masklint.table.commands {
            for option in command.options where option.isPath {
                #expect(Self.roles[option.name] != nil, "\(command.name) --\(option.name)")
            }
        }
    }

    @Test("no output replaces an input, whatever path leads there", arguments: commands)
    func inputs(name: String) throws {
        let inputs = Self.inputs(name).filter { !Self.refused.contains("\(name) \($0.option)") }
        for (option, file) in inputs {
            // The line is good but for the output.
            let control = try run(name, [option: file])
            #expect(control.status == 0, "\(name) --\(option): \(control.errors)")
            for made in try command.folder.names where made.hasPrefix("o.") {
                try FileManager.default.removeItem(atPath: command.folder(made))
            }
            try makeSymbolicLink(at: command.folder("link"), to: file)
            try FileManager.default.linkItem(atPath: command.folder(file), toPath: command.folder("hard"))
            let before = try contents()
            for output in Self.outputs(name) {
                for spelling in [file, "./\(file)", "link", "hard", "here/\(file)"] {
                    let run = try run(name, [option: file, output: spelling])
                    let place = "\(name) --\(option) \(file) --\(output) \(spelling)"
                    // Some outputs do not go with some inputs, which the line says first.
                    #expect(run.status == 2 || run.status == 64, "\(place): \(run.errors)")
                    #expect(
                        run.status == 64
                            || run.errors.contains(
                                ": the output is also an input; name another file with --\(output)\n"),
                        "\(place): \(run.errors)")
                    #expect(try contents() == before, "\(place)")
                }
            }
            for made in ["link", "hard"] { try FileManager.default.removeItem(atPath: command.folder(made)) }
        }
    }

    @Test("merge replaces none of its inputs")
    func merged() throws {
        let before = try contents()
        for spelling in ["base.json", "./base.json", "here/base.json"] {
            let run = try run("merge", ["output": spelling])
            #expect(run.status == 2)
            #expect(run.errors.contains("the output is also an input"))
            #expect(try contents() == before)
        }
    }

    @Test("no output replaces another, whatever path leads there", arguments: commands)
    func pairs(name: String) throws {
        try command.folder.write([1, 2, 3], to: "o.old")
        try makeSymbolicLink(at: command.folder("link"), to: "o.old")
        try FileManager.default.linkItem(atPath: command.folder("o.old"), toPath: command.folder("hard"))
        let before = try contents()
        let outputs = Self.outputs(name)
        for (index, first) in outputs.enumerated() {
            for second in outputs[(index + 1)...] {
                for (one, other) in [
                    ("o.new", "o.new"), ("o.new", "./o.new"), ("here/o.new", "o.new"), ("o.old", "link"),
                    ("hard", "o.old"),
                ] {
                    let run = try run(name, [first: one, second: other])
                    let place = "\(name) --\(first) \(one) --\(second) \(other)"
                    #expect(run.status == 2, "\(place): \(run.errors)")
                    #expect(
                        run.errors.contains("name the same file; name another file with --"), "\(place): \(run.errors)")
                    #expect(try contents() == before, "\(place)")
                }
            }
        }
    }

    @Test("a device may take several outputs")
    func devices() throws {
        let run = try command(
            "find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "/dev/null", "--markdown", "/dev/null")
        #expect(run.status == 0, "\(run.errors)")
    }

    /// All outputs of a command, each a file of its own that is there already.
    private func allOutputs(_ name: String) throws -> [String: String] {
        var given: [String: String] = [:]
        for output in Self.outputs(name) {
            given[output] = "o.\(output)"
            try command.folder.write(Array("old \(output)".utf8), to: "o.\(output)")
        }
        return given
    }

    @Test("where one output fails all others stay as they were", arguments: commands)
    func failures(name: String) throws {
        let given = try allOutputs(name)
        let before = try contents()
        for output in given.keys.sorted() {
            for path in ["missing/x", "here/missing/x"] + (hasFullDevice ? ["/dev/full"] : []) {
                let run = try run(name, given.merging([output: path]) { $1 })
                #expect(run.status == 2, "\(name) --\(output) \(path): \(run.errors)")
                #expect(run.errorLines.count == 1, "\(run.errors)")
                #expect(try contents() == before, "\(name) --\(output) \(path)")
            }
        }
        // The limit of 512 bytes, or of 1,024, lets some outputs be written whole.
        let words = line(name, given).map { "'\($0)'" }.joined(separator: " ")
        let limited = try command.shell("ulimit -f 1; \"$1\" \(words)")
        if limited.status != 0 {
            #expect(limited.status == 2)
            #expect(limited.errors.contains("raise the file size limit"))
            #expect(try contents() == before)
        }
        let run = try run(name, given)
        #expect(run.status == 0, "\(run.errors)")
        for output in given.keys { #expect(try command.folder.read("o.\(output)") != before["o.\(output)"]) }
    }

    @Test(
        "where standard output is full all outputs stay as they were",
        .enabled(if: hasFullDevice, "needs /dev/full"), arguments: commands)
    func fullStandardOutput(name: String) throws {
        let given = try allOutputs(name)
        let before = try contents()
        for flag in ["", "--json"] {
            let words = line(name, given).filter { $0 != "-q" }.map { "'\($0)'" }.joined(separator: " ")
            let run = try command.shell("\"$1\" \(words) \(flag) > /dev/full")
            #expect(run.status == 2)
            #expect(
                run.errorLines.last
                    == "masklint: error: standard output: cannot write: No space left on device; free some space or write to another disk"
            )
            #expect(try contents() == before)
        }
    }

    @Test("pictures appear with their page, or none of them")
    func pictures() throws {
        let options = ["output": "o.html", "png-dir": "pictures"]
        #expect(try run("report", options).status == 0)
        let folder = command.folder("pictures")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 6)
        for name in names { try command.folder.write([1], to: "pictures/\(name)") }
        let bad = try run("report", options.merging(["json-file": "missing/x"]) { $1 })
        #expect(bad.status == 2)
        if hasFullDevice { #expect(try run("report", options.merging(["json-file": "/dev/full"]) { $1 }).status == 2) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names.sorted())
        for name in names { #expect(try command.folder.read("pictures/\(name)") == [1]) }
        let new = try run("report", ["png-dir": "new", "json-file": "missing/x"])
        #expect(new.status == 2)
        #expect(try !command.folder.names.contains("new"))
        let file = try run("report", ["png-dir": "labels.npy"])
        #expect(
            file.errors == "masklint: error: labels.npy: is a file, a folder is needed; name a folder with --png-dir\n")
    }

    @Test("--no-sync writes the same")
    func unsynced() throws {
        #expect(try run("find", ["output": "o.a"]).status == 0)
        let run = try command("find", "-l", "labels.npy", "-p", "pred_probs.npy", "-o", "o.b", "-q", "--no-sync")
        #expect(run.status == 0)
        #expect(try command.folder.read("o.a") == command.folder.read("o.b"))
    }
}
