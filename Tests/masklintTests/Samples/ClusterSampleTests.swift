import Foundation
import MaskAudit
import TestSupport
import Testing

/// The samples in Samples/cluster on three small shards, one of which has a blank in its folder's name.
@Suite struct ClusterSampleTests {
    let folder: TemporaryFolder
    static let names = ["a", "b", "c10"]
    static let samples = repositoryPath + "/Samples/cluster"

    init() throws {
        folder = try TemporaryFolder()
        var random = SplitMix(seed: 110)
        var labels: [Int] = []
        var values: [Double] = []
        for folderName in ["data/labels", "data/probs"] {
            try FileManager.default.createDirectory(atPath: folder(folderName), withIntermediateDirectories: true)
        }
        for name in Self.names {
            let given = (0..<2 * 16 * 8).map { _ in random.below(20) == 0 ? 255 : random.below(2) }
            // Mostly what is given; float32, so that the cut-off takes a second round.
            let first = given.map { label in
                let sure = 0.5 + random.unit() / 2
                return Double(Float(label == 0 || random.below(4) == 0 ? sure : 1 - sure))
            }
            let planes = (0..<2).flatMap { image -> [Double] in
                let part = Array(first[image * 128..<image * 128 + 128])
                return part + part.map { 1 - $0 }
            }
            try folder.write(NumberArray([2, 16, 8], given).npy("|u1"), to: "data/labels/\(name).npy")
            try folder.write(NumberArray([2, 2, 16, 8], planes).npy("<f4"), to: "data/probs/\(name).npy")
            labels += given
            values += planes
        }
        try folder.write(NumberArray([6, 16, 8], labels).npy("|u1"), to: "labels.npy")
        try folder.write(NumberArray([6, 2, 16, 8], values).npy("<f4"), to: "pred_probs.npy")
    }

    private func succeed(_ line: String) throws -> CommandRun {
        let run = try TestSupport.shell(line, [program, Self.samples], folder: folder.path)
        #expect(run.status == 0, "\(run.text)\(run.errors)")
        return run
    }

    /// The masks of all shards and the summary are those of one run.
    private func expectWhole(rule: String) throws {
        _ = try succeed(
            """
            "$1" find -l labels.npy -p pred_probs.npy --ignore-label 255 --filter-by \(rule) -o whole.npz --store -q \
                --top 1000000 --json-file whole.json
            "$1" merge out/masks/a.npz out/masks/b.npz out/masks/c10.npz -o all.npz --store -q
            """)
        // Stored arrays: how they were put together does not show.
        #expect(try folder.read("all.npz") == folder.read("whole.npz"))
        let merged = try json("out/summary.json")
        let whole = try json("whole.json")
        for key in ["issues", "counted_pixels", "swaps", "per_class", "worst_images", "images"] {
            #expect(merged[key] == whole[key], "\(key)")
        }
        #expect(whole["issues"]?.integer != 0)
    }

    private func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: String(decoding: folder.read(name), as: UTF8.self))
    }

    @Test(
        "make gives the masks of one run, and does nothing twice",
        arguments: ["low_self_confidence", "confident_learning"])
    func make(rule: String) throws {
        let line = "make -j2 -f \"$2/Makefile\" MASKLINT=\"$1\" DATA=data RULE=\(rule) OPTIONS='--ignore-label 255'"
        _ = try succeed(line)
        try expectWhole(rule: rule)
        #expect(try succeed(line).text == "")
        _ = try succeed(line + " out/issues.npz")
        // A shard that is newer is read again, the others are not.
        let again = try succeed("sleep 1; touch data/labels/b.npy; " + line)
        #expect(again.text.split(separator: "\n").count { $0.contains("--keep-records") } == 1)
        try expectWhole(rule: rule)
    }

    @Test("other options, another rule and another shard do all of it again")
    func options() throws {
        func line(_ rule: String, _ options: String) -> String {
            "make -f \"$2/Makefile\" MASKLINT=\"$1\" DATA=data RULE=\(rule) OPTIONS='\(options)'"
        }
        func kept(_ run: CommandRun) -> Int { run.text.split(separator: "\n").count { $0.contains("--keep-records") } }
        _ = try succeed(line("", "--ignore-label 255"))
        try expectWhole(rule: "low_self_confidence")
        #expect(kept(try succeed(line("confident_learning", "--ignore-label 255"))) == 3)
        try expectWhole(rule: "confident_learning")
        #expect(try succeed(line("confident_learning", "--ignore-label 255")).text == "")
        #expect(kept(try succeed(line("confident_learning", "--ignore-label 255 --ignore-label 0"))) == 3)
        #expect(try json("out/summary.json")["per_class"]?.elements.first?["pixels"] == .number(0))
        // The same data twice would be refused: the last label is another one.
        _ = try succeed(
            "(head -c -1 data/labels/b.npy; printf '\\377') > data/labels/d.npy; cp data/probs/b.npy data/probs/d.npy")
        #expect(kept(try succeed(line("", "--ignore-label 255"))) == 4)
        #expect(try json("out/summary.json")["images"] == .number(8))
    }

    @Test("a shard that fails stops make, which goes on from there when it is mended")
    func resumed() throws {
        let line = "make -f \"$2/Makefile\" MASKLINT=\"$1\" DATA=data OPTIONS='--ignore-label 255'"
        _ = try succeed("mv data/probs/b.npy kept; head -c 100 kept > data/probs/b.npy")
        let failed = try TestSupport.shell(line, [program, Self.samples], folder: folder.path)
        #expect(failed.status == 2)
        #expect(failed.errors.contains("data/probs/b.npy"))
        let again = try succeed("mv kept data/probs/b.npy; touch data/probs/b.npy; " + line)
        #expect(again.text.split(separator: "\n").count { $0.contains("--keep-records") } == 2)
        try expectWhole(rule: "low_self_confidence")
    }

    /// Runs the script at once, once a task; fails where it is to wait for a job that there is none of.
    static let sbatch = """
        #!/bin/sh
        tasks=0
        while [ $# -gt 0 ]; do
            case $1 in
                --array=1-*) tasks=${1#--array=1-} ;;
                --dependency=afterok:*) [ -f "jobs/${1#--dependency=afterok:}" ] || exit 3 ;;
                --*) ;;
                *) break ;;
            esac
            shift
        done
        mkdir -p jobs
        job=$(($(ls jobs | wc -l) + 1))
        if [ $tasks = 0 ]; then
            sh "$@" >&2 || exit 4
        fi
        for task in $(seq $tasks); do
            SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=2 sh "$@" >&2 || exit 5
        done
        : > jobs/$job
        echo "$job;cluster"
        """

    @Test(
        "Slurm's job arrays give the masks of one run",
        arguments: [("low_self_confidence", 6), ("confident_learning", 4)])
    func slurm(rule: String, jobCount: Int) throws {
        try folder.write(Array(Self.sbatch.utf8), to: "sbatch")
        _ = try succeed(
            """
            sh -n "$2/step.sh" && sh -n "$2/submit.sh" && chmod +x sbatch && PATH=$PWD:$PATH MASKLINT="$1" RULE=\(rule) \
                OPTIONS='--ignore-label 255' sh "$2/submit.sh" data out --partition=any
            """)
        try expectWhole(rule: rule)
        #expect(try folder.names.contains("jobs"))
        #expect(try succeed("ls jobs | wc -l").text.filter(\.isNumber) == String(jobCount))
    }
}
