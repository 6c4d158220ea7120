import ConfidentLearning
public import MaskAudit
import NumPyFiles

/// Joins summaries of shards, as `find --json` prints them, in the order given.
///
/// Numbers add up and the worst images are those of the whole, exactly. Swaps are added as far as they are listed: all of
/// them where each summary lists all, which `find --top` sees to; a warning tells where one does not. Gates and baselines
/// are left out.
public struct SummaryMerge {
    private var whole: AuditSummary
    private let firstFile: String
    private var swaps: [[Int]: Int] = [:]
    /// Warnings of the files that are in the whole.
    private var warned: Set<String> = []

    /// **Errors.** Files that are no summaries, or of other thresholds, rules or classes than the first.
    public init(paths: [String]) throws(AuditError) {
        let first = try SummaryFile(path: paths[0])
        firstFile = paths[0]
        whole = AuditSummary(rule: first.rule, downsample: first.downsample, perClass: first.emptyRows)
        whole.onlyClass = first.onlyClass
        whole.minimumEvidence = first.minimumEvidence
        whole.agreeingPixels = 0
        whole.thresholdsFrom = first.thresholdsFrom
        for path in paths { try add(try SummaryFile(path: path)) }
        whole.swaps = swaps.map { .init(of: $0.key[0], to: $0.key[1], pixels: $0.value) }
            .sorted { ($1.pixels, $0.given, $0.suggested) < ($0.pixels, $1.given, $1.suggested) }
    }

    /// The summary for people lists the ten commonest swaps.
    public var summary: AuditSummary { whole }

    /// With every swap that is known, so that it can be merged again.
    public var json: JSONText {
        var all = whole
        all.listedSwapCount = all.swaps.count
        return all.json
    }

    /// Writes the object to a file that appears with all outputs of the run.
    public func write(to path: String, in files: RunFiles) throws(AuditError) {
        try files.file(Array((json.text + "\n").utf8), path, option: "--output")
    }

    private mutating func add(_ file: SummaryFile) throws(AuditError) {
        if let difference = file.difference(from: whole) {
            throw file.fault(
                "\(difference) than \(printable(firstFile))", remedy: "merge summaries of one dataset's shards")
        }
        let firstImage = whole.images
        whole.images = sum(whole.images, file.images)
        whole.pixels = sum(whole.pixels, file.pixels)
        whole.ignoredPixels = sum(whole.ignoredPixels, file.ignoredPixels)
        whole.issues = sum(whole.issues, file.issues)
        if let agreeing = file.agreeingPixels {
            whole.agreeingPixels = whole.agreeingPixels.map { sum($0, agreeing) }
        } else {
            whole.agreeingPixels = nil
        }
        whole.bytesRead = sum(whole.bytesRead, file.bytesRead)
        whole.seconds += file.seconds
        if whole.thresholdsFrom != file.thresholdsFrom { whole.thresholdsFrom = nil }
        for row in file.perClass {
            whole.perClass[row.index].pixels = sum(whole.perClass[row.index].pixels, row.pixels)
            whole.perClass[row.index].issues = sum(whole.perClass[row.index].issues, row.issues)
        }
        for swap in file.swaps {
            swaps[[swap.given, swap.suggested]] = sum(swaps[[swap.given, swap.suggested]] ?? 0, swap.pixels)
        }
        let listed = file.swaps.reduce(0) { sum($0, $1.pixels) }
        if listed < file.issues {
            whole.warnings.append(
                "\(printable(file.path)): its swaps are \(listed) of \(file.issues) issues; find --top "
                    + "\(whole.classes * whole.classes) lists all")
        }
        for warning in file.warnings where warned.insert(warning).inserted { whole.warnings.append(warning) }
        // Among equals the earlier image comes first, and each list holds the most that its shard can add.
        whole.worstImages = Array(
            (whole.worstImages
                + file.worstImages.map {
                    .init(
                        at: sum($0.index, firstImage), named: $0.isNamed ? $0.name : nil, issues: $0.issues,
                        pixels: $0.pixels)
                })
                .enumerated().sorted { ($1.element.issues, $0.offset) < ($0.element.issues, $1.offset) }
                .prefix(10).map(\.element))
    }

    /// No numbers of a file overflow.
    private func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, isOver) = a.addingReportingOverflow(b)
        return isOver ? .max : sum
    }
}

/// A summary as it stands in a file.
private struct SummaryFile {
    let path: String
    let rule: FilterRule
    let downsample: Int
    let onlyClass: Int?
    let minimumEvidence: Double?
    let thresholdsFrom: String?
    let images: Int
    let pixels: Int
    let ignoredPixels: Int
    let issues: Int
    /// nil in summaries of earlier versions.
    let agreeingPixels: Int?
    let bytesRead: Int
    let seconds: Double
    let perClass: [AuditSummary.ClassRow]
    let swaps: [AuditSummary.Swap]
    let worstImages: [AuditSummary.ImageRow]
    let warnings: [String]

    init(path: String) throws(AuditError) {
        self.path = path
        let json = try JSONValue(path: path)
        func fault(_ key: String) -> AuditError {
            .input(
                InputFault(
                    file: printable(path), finding: "is no summary of issues: \(key) is not as it is written",
                    remedy: "name what find --json-file or --json wrote"))
        }
        func count(_ value: JSONValue, _ key: String, below limit: Int = .max) throws(AuditError) -> Int {
            guard let number = value[key]?.integer, number >= 0, number < limit else { throw fault(key) }
            return number
        }
        func isGiven(_ value: JSONValue, _ key: String) -> Bool { (value[key] ?? .null) != .null }
        guard json["tool"]?.string == "masklint" else { throw fault("tool") }
        guard let rule = json["filter_by"]?.string.flatMap({ FilterRule(rawValue: $0) }) else {
            throw fault("filter_by")
        }
        self.rule = rule
        downsample = try count(json, "downsample")
        minimumEvidence = json["min_evidence"]?.number
        thresholdsFrom = json["thresholds_from"]?.string
        images = try count(json, "images")
        pixels = try count(json, "pixels")
        ignoredPixels = try count(json, "ignored_pixels", below: pixels + 1)
        issues = try count(json, "issues")
        agreeingPixels =
            try isGiven(json, "agreeing_pixels")
            ? count(json, "agreeing_pixels", below: pixels - ignoredPixels + 1) : nil
        bytesRead = try count(json, "bytes_read")
        seconds = json["seconds"]?.number ?? 0
        warnings = json["warnings"]?.elements.compactMap(\.string) ?? []
        var perClass: [AuditSummary.ClassRow] = []
        for (index, row) in (json["per_class"]?.elements ?? []).enumerated() {
            perClass.append(
                .init(
                    of: index, named: row["name"]?.string, pixels: try count(row, "pixels"),
                    issues: try count(row, "issues"), threshold: row["threshold"]?.number))
        }
        guard !perClass.isEmpty, perClass.count <= 1 << 16 else { throw fault("per_class") }
        self.perClass = perClass
        onlyClass = try isGiven(json, "only_class") ? count(json, "only_class", below: perClass.count) : nil
        var swaps: [AuditSummary.Swap] = []
        for swap in json["swaps"]?.elements ?? [] {
            swaps.append(
                .init(
                    of: try count(swap, "given", below: perClass.count),
                    to: try count(swap, "suggested", below: perClass.count), pixels: try count(swap, "pixels")))
        }
        self.swaps = swaps
        var worstImages: [AuditSummary.ImageRow] = []
        for image in json["worst_images"]?.elements ?? [] {
            let name = image["image"]?.string
            worstImages.append(
                .init(
                    at: try name == nil ? count(image, "image") : 0, named: name, issues: try count(image, "issues"),
                    pixels: try count(image, "pixels")))
        }
        self.worstImages = worstImages
    }

    var emptyRows: [AuditSummary.ClassRow] {
        perClass.map { .init(of: $0.index, named: $0.name, pixels: 0, issues: 0, threshold: $0.threshold) }
    }

    /// What a summary has otherwise than another, as `was found by another rule`.
    func difference(from other: AuditSummary) -> String? {
        if rule != other.rule { return "was found by another rule" }
        if downsample != other.downsample { return "has another --downsample" }
        if onlyClass != other.onlyClass { return "has another --only-class" }
        if minimumEvidence != other.minimumEvidence { return "has another --min-evidence" }
        if perClass.map(\.name) != other.perClass.map(\.name) { return "has other classes" }
        return perClass.map(\.threshold) == other.perClass.map(\.threshold) ? nil : "was found by other thresholds"
    }

    func fault(_ finding: String, remedy: String) -> AuditError {
        .input(InputFault(file: printable(path), finding: finding, remedy: remedy))
    }
}
