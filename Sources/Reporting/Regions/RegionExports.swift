import MaskAudit

/// Writes regions as files that annotation tools import.
struct RegionExports {
    let summary: RegionSummary
    /// The file name of each image; nil to use the names of the dataset.
    let fileNames: [String]?
    /// Whether COCO masks without holes are polygons.
    var usesPolygons = false

    func fileName(_ image: Int) -> String { fileNames?[image] ?? summary.images[image].name }
}
