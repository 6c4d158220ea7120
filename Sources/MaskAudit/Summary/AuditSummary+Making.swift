package import ConfidentLearning

/// Summaries that are made of others and not by a run.
extension AuditSummary {
    /// One of no images.
    package init(rule: FilterRule, downsample: Int, perClass: [ClassRow]) {
        self.init(
            images: 0, classes: perClass.count, pixels: 0, ignoredPixels: 0, issues: 0, rule: rule,
            downsample: downsample, perClass: perClass, swaps: [], worstImages: [], warnings: [], seconds: 0,
            bytesRead: 0)
    }
}

extension AuditSummary.ClassRow {
    package init(of index: Int, named name: String?, pixels: Int, issues: Int, threshold: Double?) {
        self.init(index: index, name: name, pixels: pixels, issues: issues, threshold: threshold)
    }
}

extension AuditSummary.Swap {
    package init(of given: Int, to suggested: Int, pixels: Int) {
        self.init(given: given, suggested: suggested, pixels: pixels)
    }
}

extension AuditSummary.ImageRow {
    /// - Parameter name: nil for an image that is known by its position.
    package init(at index: Int, named name: String?, issues: Int, pixels: Int) {
        self.init(name: name ?? String(index), index: index, isNamed: name != nil, issues: issues, pixels: pixels)
    }
}
