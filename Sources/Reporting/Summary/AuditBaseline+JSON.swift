public import MaskAudit

extension AuditBaseline {
    /// The summary of an earlier run, as `--json` prints it.
    ///
    /// **Errors.** A file that cannot be read, is no JSON, no such summary, one of a later schema, or one of a
    /// run that counted no pixel.
    public init(path: String) throws(AuditError) {
        let json = try JSONValue(path: path)
        func fault(_ finding: String) -> AuditError {
            .input(
                InputFault(
                    file: printable(path), finding: finding, remedy: "name what find --json-file or --json wrote"))
        }
        guard json["tool"]?.string == "masklint" else { throw fault("is no summary of masklint") }
        // Summaries without a number are older than the number.
        let schema = json["schema_version"]?.integer ?? 1
        guard schema == AuditSummary.schemaVersion else {
            throw fault("has schema_version \(schema), \(AuditSummary.schemaVersion) is read")
        }
        func missing(_ key: String) -> AuditError { fault("is no summary of issues: \(key) is not as it is written") }
        func count(_ key: String, of value: JSONValue, named name: String) throws(AuditError) -> Int {
            guard let number = value[key]?.integer, number >= 0 else { throw missing(name) }
            return number
        }
        guard let rule = json["filter_by"]?.string else { throw missing("filter_by") }
        guard case .array(let classes)? = json["per_class"] else { throw missing("per_class") }
        guard case .array(let images)? = json["worst_images"] else { throw missing("worst_images") }
        var rows: [ClassRow] = []
        for (index, row) in classes.enumerated() {
            let name = "per_class[\(index)]"
            rows.append(
                ClassRow(
                    name: row["name"]?.string, pixels: try count("pixels", of: row, named: name),
                    issues: try count("issues", of: row, named: name)))
        }
        let countedPixels = try count("counted_pixels", of: json, named: "counted_pixels")
        guard countedPixels > 0 else {
            throw .input(
                InputFault(
                    file: printable(path),
                    finding: "is of a run that counted no pixel, so there is nothing to compare with",
                    remedy: "name the summary of a run with counted pixels"))
        }
        self.init(
            file: path, rule: rule, downsample: try count("downsample", of: json, named: "downsample"),
            onlyClass: json["only_class"]?.integer,
            countedPixels: countedPixels,
            issues: try count("issues", of: json, named: "issues"), perClass: rows,
            worstImages: images.compactMap { $0["image"]?.string ?? $0["image"]?.integer.map(String.init) })
    }
}
