public import MaskAudit

extension ScoreSummary {
    /// Images that a summary lists.
    static let listedImageCount = 10

    /// The summary for people: totals and the worst images.
    public var text: String {
        var out = """
            images    \(grouped(images.count))
            pixels    \(grouped(pixels)), \(grouped(ignoredPixels)) ignored, \(grouped(countedPixels)) counted
            method    \(method.rawValue)\(temperature.map { ", temperature \($0)" } ?? "")

            """
        if let issues {
            out += "issues    \(grouped(issues)) (\(percent(issues, of: countedPixels)) of counted pixels)\n"
        }
        let scored = ranking.prefix(Self.listedImageCount).filter { images[$0].score != nil }
        guard !scored.isEmpty else { return out }
        return out + "\n"
            + textTable(
                [.left("worst images"), .right("score"), .right("counted pixels")],
                scored.map {
                    [
                        printable(images[$0].name), images[$0].score.map { fixed($0, decimals: 6) } ?? "none",
                        grouped(images[$0].countedPixels),
                    ]
                })
    }

    /// The table that `--csv` writes: one line per image, worst first, an empty score where there is none.
    ///
    /// **Source.** RFC 4180; line ends are LF, as most readers have it.
    public var csv: String {
        var out = "image,score,counted_pixels\n"
        for index in ranking {
            let image = images[index]
            out += csvField(image.name) + "," + (image.score.map { "\($0)" } ?? "") + ",\(image.countedPixels)\n"
        }
        return out
    }

    /// The object that `--json` prints. Keys are stable; new ones may be added.
    public var json: JSONText {
        func name(_ image: ImageRow) -> JSONText { image.isNamed ? .string(image.name) : .integer(image.index) }
        return .result([
            ("method", .string(method.rawValue)),
            ("temperature", .optional(temperature)),
            ("images", .integer(images.count)),
            ("pixels", .integer(pixels)),
            ("ignored_pixels", .integer(ignoredPixels)),
            ("counted_pixels", .integer(countedPixels)),
            ("issues", .optional(issues)),
            ("image_scores", .array(images.map { .optional($0.score) })),
            ("ranking", .integers(ranking)),
            (
                "worst_images",
                .array(
                    ranking.prefix(Self.listedImageCount).map { images[$0] }.map {
                        .object([
                            ("image", name($0)), ("score", .optional($0.score)), ("pixels", .integer($0.countedPixels)),
                        ])
                    })
            ),
            ("warnings", .strings(warnings)),
            ("seconds", .number(seconds)),
            ("bytes_read", .integer(bytesRead)),
        ])
    }
}
