import ArgumentParser
import Testing

@testable import MaskAudit
@testable import masklint

@Suite struct OptionTests {
    @Test(
        "sizes are bytes, or powers of 1,024",
        arguments: [
            ("0", 0), ("1000", 1000), ("1K", 1024), ("1k", 1024), ("512M", 512 << 20), ("4G", 4 << 30), ("2T", 2 << 40),
            ("8388607T", 8_388_607 << 40),
        ])
    func sizes(text: String, bytes: Int) { #expect(ByteSize(argument: text)?.bytes == bytes) }

    @Test(
        "what is no size is refused",
        arguments: ["", "K", "-1", "1.5G", "1KB", "8388608T", "9223372036854775808", "1 K"])
    func notSizes(text: String) { #expect(ByteSize(argument: text) == nil) }

    @Test(
        "replacements are two whole numbers, or one and the word ignore",
        arguments: [
            ("255=1", 255, 1), ("-1=0", -1, 0), ("3=-1", 3, -1), ("7=ignore", 7, .ignored), ("7=Ignore", 7, .ignored),
        ] as [(String, Int, LabelTarget)])
    func replacements(text: String, from: Int, to: LabelTarget) {
        let replacement = LabelReplacement(argument: text)
        #expect(replacement?.from == from)
        #expect(replacement?.to == to)
    }

    @Test("what is no replacement is refused", arguments: ["", "1", "=", "1=", "=1", "1=2=3", "a=1", "1=b", "1.0=2"])
    func notReplacements(text: String) { #expect(LabelReplacement(argument: text) == nil) }

    @Test(
        "options make the form of the probabilities",
        arguments: [
            ([], .probabilities), (["--logits"], .logits), (["--binary"], .binary),
            (["--binary", "--logits"], .binaryLogits),
            (["--unnormalized"], .unnormalized),
        ] as [([String], ProbabilityForm)])
    func forms(flags: [String], form: ProbabilityForm) throws {
        let options = try DatasetOptions.parse(["-l", "a", "-p", "b"] + flags)
        #expect(options.form == form)
        #expect(try options.plan().form == form)
    }

    @Test("every dataset option reaches the plan")
    func plan() throws {
        let plan = try DatasetOptions.parse([
            "-l", "a", "b", "-p", "c", "--labels-key", "y", "--pred-probs-key", "q", "--ignore-label", "255",
            "--ignore-label", "-1", "--map-label", "7=1", "--one-hot", "--layout", "nhwc", "--class-names", "n.txt",
            "--label-divisor", "1000", "--reduce-zero-label", "--ignore-unpredicted", "--bfloat16", "--map-label",
            "8=ignore",
        ]).plan()
        #expect(plan.labels == InputSelection(paths: ["a", "b"], key: "y"))
        #expect(plan.predProbs == InputSelection(paths: ["c"], key: "q"))
        #expect(plan.ignoredLabels == [255, -1])
        #expect(plan.labelMap == [7: 1, 8: .ignored])
        #expect(plan.labelDivisor == 1000 && plan.reducesZeroLabel && plan.ignoresUnpredicted && plan.isBFloat16)
        #expect(plan.oneHot)
        #expect(plan.layout == .nhwc)
        #expect(plan.classNamesFile == "n.txt")
    }

    @Test("progress names pass, images, rate and time left")
    func progress() {
        let report = ProgressMeter.Report(
            pass: 1, images: 1200, imageTotal: 4800, pixels: 30_000_000, pixelTotal: 120_000_000)
        #expect(ProgressLine.text(report, elapsed: 2) == "pass 1 of 2, 1,200 of 4,800 images, 15.0 Mpixel/s, 6 s left")
        #expect(ProgressLine.text(report, elapsed: 0) == "pass 1 of 2, 1,200 of 4,800 images")
    }
}
