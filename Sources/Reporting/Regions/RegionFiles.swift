public import MaskAudit
import NumPyFiles

/// Runs `masklint regions` and writes its files: table, exports and known regions. The run writes the corrected labels.
public struct RegionFiles {
    /// The files to write; nil for those that are not asked for.
    public struct Outputs: Sendable {
        /// CSV, or JSON where it ends in `.json`.
        public var table: String?
        public var coco: String?
        public var labelStudio: String?
        public var known: String?
        /// Whether COCO masks without holes are polygons.
        public var usesPolygons = false

        public init() {}

        /// The path of each file and the option that names it.
        public var paths: [(path: String, option: String)] {
            [(table, "--output"), (coco, "--coco"), (labelStudio, "--label-studio"), (known, "--known-out")]
                .compactMap { path, option in path.map { ($0, option) } }
        }
    }

    private let plan: RegionPlan
    private let outputs: Outputs
    private let fileNamesFile: String?

    public init(plan: RegionPlan, outputs: Outputs, fileNamesFile: String? = nil) {
        self.plan = plan
        self.outputs = outputs
        self.fileNamesFile = fileNamesFile
    }

    /// Runs and writes.
    ///
    /// **Errors.** As of `RegionRun`, and what cannot be written. All files appear at the end, or none.
    public func write(_ progress: ProgressMeter) throws(AuditError) -> RegionSummary {
        try plan.audit.files.whole { () throws(AuditError) in
            // The files are made before the run, so that a missing folder is reported before the work and not after.
            var files: [String: AtomicTextFile] = [:]
            for (path, option) in outputs.paths {
                files[option] = try plan.audit.files.textFile(path, option: option, example: "regions.csv")
            }
            let fileNames = try fileNamesFile.map { path throws(AuditError) in try textLines(path) }
            let made = files
            return try RegionRun(plan: plan, progress: progress).run { summary throws(AuditError) in
                try check(summary, fileNames)
                try write(summary, fileNames, to: made)
            }
        }
    }

    private func write(
        _ summary: RegionSummary, _ fileNames: [String]?, to files: [String: AtomicTextFile]
    ) throws(AuditError) {
        let exports = RegionExports(summary: summary, fileNames: fileNames, usesPolygons: outputs.usesPolygons)
        let threads = plan.audit.run.threads
        try AuditError.wrapping { () throws(ArrayFileError) in
            if let file = files["--output"], let path = outputs.table {
                try summary.writeTable(to: file, path: path, threads: threads)
            }
            if let file = files["--coco"] { try exports.writeCOCO(to: file, threads: threads) }
            if let file = files["--label-studio"] { try exports.writeLabelStudio(to: file, threads: threads) }
            if let file = files["--known-out"] { try writeKnown(summary, file) }
            for (_, option) in outputs.paths { try files[option]?.commit() }
        }
    }

    private func check(_ summary: RegionSummary, _ fileNames: [String]?) throws(AuditError) {
        if let fileNames, let fileNamesFile, fileNames.count != summary.images.count {
            throw .input(
                InputFault(
                    file: printable(fileNamesFile),
                    finding: "\(fileNames.count) names for \(summary.images.count) images",
                    remedy: "write one name a line, in the order of the images"))
        }
        if let path = outputs.labelStudio,
            let image = summary.images.first(where: { $0.height * $0.width > BrushRuns.limit })
        {
            throw .input(
                InputFault(
                    file: printable(path),
                    finding: "image \(printable(image.name)) has \(image.height * image.width) pixels, Label Studio's "
                        + "brush takes \(BrushRuns.limit)",
                    remedy: "leave --label-studio out"))
        }
    }

    /// Writes the regions that earlier reviews and this one rejected, each once.
    private func writeKnown(_ summary: RegionSummary, _ file: AtomicTextFile) throws(ArrayFileError) {
        try file.write(KnownRegion.csvHead)
        let rejected = summary.rejected.map {
            KnownRegion(
                identifier: summary.identifier($0), given: $0.given, suggested: $0.suggested, mask: summary.mask($0),
                file: "", line: 0)
        }
        var lines: Set<String> = []
        for region in plan.known + rejected where lines.insert(region.csvLine).inserted {
            try file.write(region.csvLine)
        }
    }
}
