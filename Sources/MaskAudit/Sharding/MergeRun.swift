import HostSystem
import NumPyFiles

/// The kinds of files that can be merged; what a file holds tells which it is.
public enum MergeKind: Sendable {
    /// Parts that `masklint thresholds` or `masklint merge` wrote.
    case part
    /// Masks that `masklint find` wrote.
    case masks
    /// Summaries that `masklint find --json` wrote.
    case summary

    /// **Errors.** A file that is nothing of these, or cannot be read.
    init(path: String) throws(AuditError) {
        if try Self.startsAsObject(path) {
            self = .summary
            return
        }
        let file = try PartFile(path: path)
        if file.has(ThresholdPart.versionKey) {
            self = .part
        } else if file.hasMasks {
            self = .masks
        } else {
            throw .input(
                path, "is neither a part nor masks nor a summary",
                remedy: "name files that masklint thresholds, merge or find wrote")
        }
    }

    /// The kind of all files.
    ///
    /// **Errors.** Files of several kinds.
    public static func of(_ paths: [String]) throws(AuditError) -> MergeKind {
        guard let first = paths.first else { preconditionFailure("nothing to merge") }
        let kind = try MergeKind(path: first)
        for path in paths.dropFirst() {
            let other = try MergeKind(path: path)
            guard other == kind else {
                throw .input(
                    path, "is \(other.noun), \(printable(first)) is \(kind.noun)",
                    remedy: "merge files of one kind at a time")
            }
        }
        return kind
    }

    private var noun: String {
        switch self {
        case .part: "a part"
        case .masks: "an archive of masks"
        case .summary: "a summary"
        }
    }
}

/// Joins parts of shards.
public struct MergeRun {
    let paths: [String]
    let output: String
    let isPartial: Bool
    let isStored: Bool
    let files: RunFiles

    /// - Parameters:
    ///   - isPartial: whether shards may be missing.
    ///   - isStored: whether the output's arrays are stored instead of deflated.
    public init(paths: [String], output: String, isPartial: Bool, isStored: Bool = false, files: RunFiles = RunFiles())
    {
        self.files = files
        self.paths = paths
        self.output = output
        self.isPartial = isPartial
        self.isStored = isStored
    }

    /// Joins parts of thresholds and writes one.
    ///
    /// **Errors.** As of `ThresholdPart.merged`, and files that are no parts.
    public func parts() throws(AuditError) -> ThresholdSummary {
        try files.whole { () throws(AuditError) in try mergedParts() }
    }

    private func mergedParts() throws(AuditError) -> ThresholdSummary {
        let start = monotonicSeconds()
        try noteFiles()
        var parts: [ThresholdPart.Named] = []
        for path in paths { parts.append((try ThresholdPart(path: path), path)) }
        let whole = try ThresholdPart.merged(parts, isPartial: isPartial)
        try whole.write(to: output, isStored: isStored, in: files)
        return ThresholdSummary(whole, names: nil, seconds: monotonicSeconds() - start)
    }
}
extension MergeRun {
    /// Notes what is read and written, and throws where the output is a folder, or one of the inputs.
    public func noteFiles() throws(AuditError) {
        try files.write(output, option: "--output")
        for path in paths { try files.read(path) }
    }
}

extension MergeKind {
    /// Whether a file's first character is a brace, as that of a summary is.
    private static func startsAsObject(_ path: String) throws(AuditError) -> Bool {
        let start = try AuditError.wrapping(try firstBytes(path: path, count: 64))
        return start.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }
}
