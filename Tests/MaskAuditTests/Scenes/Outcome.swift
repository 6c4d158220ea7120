import MaskAudit
import NumPyFiles
import TestSupport
import Testing

/// An array that a run wrote, or a fixture holds.
struct StoredArray: Equatable {
    var descr: String
    var shape: [Int]
    var values: [Double]

    var flags: [Bool] { values.map { $0 != 0 } }
    var integers: [Int] { values.map { Int($0) } }
}

/// All arrays of an archive, in its order.
struct StoredArchive: Equatable {
    var keys: [String] = []
    var arrays: [String: StoredArray] = [:]

    init(_ path: String) throws {
        let file = try ArrayFile(path: path)
        for entry in file.arrays {
            let stream = try file.stream(entry)
            var bytes: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &bytes)
            _ = try stream.finish()
            keys.append(entry.key)
            arrays[entry.key] = StoredArray(
                descr: stream.header.dtype.descr, shape: stream.header.shape,
                values: Self.values(bytes, stream.header.dtype))
        }
    }

    subscript(key: String) -> StoredArray? { arrays[key] }

    static func values(_ bytes: [UInt8], _ dtype: DType) -> [Double] {
        stride(from: 0, to: bytes.count, by: dtype.byteCount).map { at in
            var bits: UInt64 = 0
            for index in (0..<dtype.byteCount).reversed() { bits = bits << 8 | UInt64(bytes[at + index]) }
            return switch (dtype.kind, dtype.byteCount) {
            case (.float, 2): halfValue(UInt16(bits))
            case (.float, 4): Double(Float(bitPattern: UInt32(bits)))
            case (.float, _): Double(bitPattern: bits)
            case (.signedInteger, _): Double(Int64(bitPattern: bits))
            default: Double(bits)
            }
        }
    }
}

/// What a run left: its summary, its file's bytes and what is in it.
struct Outcome {
    var summary: AuditSummary
    var bytes: [UInt8]
    var archive: StoredArchive

    var masks: [Bool] { archive["label_issues"]?.flags ?? [] }
    var thresholds: [Double] { archive["confident_thresholds"]?.values ?? [] }
}

extension TemporaryFolder {
    /// Runs an audit of files in this folder into `out.npz`.
    func audit(
        _ labels: [String] = ["labels.npy"], _ predProbs: [String] = ["pred_probs.npy"],
        source: ScanSource = .data, thresholds: ThresholdSource = .data, _ change: (inout FindPlan) -> Void = { _ in }
    ) throws -> Outcome {
        var plan = FindPlan(
            labels: InputSelection(paths: labels.map { self($0) }),
            predProbs: InputSelection(paths: predProbs.map { self($0) }), output: self("out.npz"))
        change(&plan)
        let summary = try FindRun(plan: plan, source: source, thresholds: thresholds).run()
        return Outcome(summary: summary, bytes: try read("out.npz"), archive: try StoredArchive(self("out.npz")))
    }

    /// The line that a failing run ends with, without this folder's path.
    func fault(
        _ labels: [String] = ["labels.npy"], _ predProbs: [String] = ["pred_probs.npy"],
        sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout FindPlan) -> Void = { _ in }
    ) -> String {
        do {
            _ = try audit(labels, predProbs, change)
            Issue.record("nothing was thrown", sourceLocation: sourceLocation)
            return ""
        } catch {
            let line = "\(error)".split(separator: path + "/", omittingEmptySubsequences: false).joined()
            #expect(!line.contains("\n"), sourceLocation: sourceLocation)
            let left = (try? names.filter { $0.hasPrefix("out") || $0.hasPrefix(".") }) ?? ["?"]
            #expect(left == [], "files left behind", sourceLocation: sourceLocation)
            return line
        }
    }

    /// Writes labels.npy and pred_probs.npy.
    func write(_ scene: Scene, labels: String = "|u1", probabilities: String = "<f4") throws {
        try write(scene.labels.npy(labels), to: "labels.npy")
        try write(scene.probabilities.npy(probabilities), to: "pred_probs.npy")
    }
}

func expectEqual(
    _ outcome: Outcome, _ reference: Reference, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.masks == reference.masks.flatMap { $0 }, sourceLocation: sourceLocation)
    #expect(outcome.thresholds.map { $0.isNaN ? nil : $0 } == reference.thresholds, sourceLocation: sourceLocation)
    #expect(outcome.archive["class_counts"]?.integers == reference.counts, sourceLocation: sourceLocation)
    #expect(
        outcome.archive["issue_counts"]?.integers == reference.masks.map { $0.filter { $0 }.count },
        sourceLocation: sourceLocation)
    if let suggested = outcome.archive["suggested_labels"] {
        #expect(suggested.integers == reference.suggested.flatMap { $0 }, sourceLocation: sourceLocation)
    }
}

/// Elements of an array of an archive, our own output or a fixture.
func elements<Element: BitwiseCopyable>(_ path: String, _ key: String, as type: Element.Type) throws
    -> [Element]
{
    let file = try ArrayFile(path: path)
    let entry = try #require(file.arrays.first { $0.key == key })
    let stream = try file.stream(entry)
    var bytes: [UInt8] = []
    try stream.read(count: stream.header.byteCount, into: &bytes)
    return unsafe bytes.withUnsafeBytes { raw in
        (0..<bytes.count / MemoryLayout<Element>.size).map {
            unsafe raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: type)
        }
    }
}

extension FindPlan {
    /// A plan of defaults for some inputs.
    init(labels: InputSelection, predProbs: InputSelection, output: String?) {
        self.init(audit: AuditPlan(labels: labels, predProbs: predProbs), output: output)
    }
}
