public import MaskAudit
import NumPyFiles

/// A report on disk: the page, and on request a folder of pictures.
public struct ReportFiles {
    private let plan: ReportPlan
    private let thresholds: ThresholdSource
    private let pictureFolder: String?

    public init(plan: ReportPlan, thresholds: ThresholdSource = .data, pictureFolder: String?) {
        self.plan = plan
        self.thresholds = thresholds
        self.pictureFolder = pictureFolder
    }

    /// Runs, writes the pictures as they come and then the page.
    ///
    /// **Errors.** As of `ReportRun`, and what cannot be written. Page and pictures appear together or
    /// not at all.
    /// **Cost.** Encoded pictures are held until the page is written: about what the page weighs.
    public func write(_ progress: ProgressMeter) throws(AuditError) -> AuditSummary {
        try plan.audit.files.whole { () throws(AuditError) in
            // Both made first: a folder that is not there is told before the work, not after.
            let file = try plan.audit.files.textFile(plan.output, option: "--output", example: "report.html")
            if let pictureFolder { try plan.audit.files.folder(pictureFolder, option: "--png-dir") }
            var pictures: [EncodedPicture] = []
            var regions: [EncodedRegion] = []
            let data = try ReportRun(plan: plan, thresholds: thresholds, progress: progress).run(
                { picture throws(AuditError) in
                    let encoder = PictureEncoder(imageCount: picture.rankCount, reservedBytes: EncodedRegion.allBytes)
                    pictures.append(encoder.encode(picture))
                    if let pictureFolder { try write(picture, to: pictureFolder) }
                }, showRegion: { regions.append(EncodedRegion($0)) })
            let report = ReportPage(data: data, pictures: pictures, regions: regions)
            try AuditError.wrapping { () throws(ArrayFileError) in
                try report.write { text throws(ArrayFileError) in try file.write(text) }
                try file.commit()
            }
            return data.summary
        }
    }

    private func write(_ picture: ImagePicture, to folder: String) throws(AuditError) {
        for (kind, png) in PictureEncoder.files(picture) {
            let path = "\(folder)/\(pictureFileName(picture, kind: kind))"
            try plan.audit.files.file(png, path, option: "--png-dir")
        }
    }
}

/// `01-frame10-given.png`: the place among the worst, what is harmless of the image's name, and what is shown.
///
/// Names of images are keys of archives: whatever could lead out of the folder or trouble a shell is replaced.
func pictureFileName(_ picture: ImagePicture, kind: String) -> String {
    let place = String(picture.rank + 1)
    var name = ""
    for scalar in picture.image.name.unicodeScalars.prefix(80) {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": name.unicodeScalars.append(scalar)
        default: name += "_"
        }
    }
    if !picture.image.isNamed { name = "image\(name)" }
    return (place.count < 2 ? "0" : "") + "\(place)-\(name)-\(kind).png"
}
