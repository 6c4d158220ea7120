import ConfidentLearning
import HostSystem
import NumPyFiles

/// A run for quality scores of images, and on request of pixels: `masklint score`.
public struct ScoreRun {
    private let plan: ScorePlan
    private let thresholds: ThresholdSource
    private let progress: ProgressMeter

    /// - Parameter thresholds: whose thresholds `num_pixel_issues` judges by.
    public init(plan: ScorePlan, thresholds: ThresholdSource = .data, progress: ProgressMeter = ProgressMeter()) {
        self.plan = plan
        self.thresholds = thresholds
        self.progress = progress
    }

    /// Runs, writes the output file whole or not at all, and sums up.
    ///
    /// **Errors.** Everything that is wrong with a file or with what it holds, as one line.
    /// **Cost.** One pass over the probabilities; a second where both `pixel_scores` and `label_issues` are written.
    public func run() throws(AuditError) -> ScoreSummary {
        try plan.audit.files.whole { () throws(AuditError) in try steps() }
    }

    private func steps() throws(AuditError) -> ScoreSummary {
        let start = monotonicSeconds()
        let dataset = try Dataset(plan.audit.dataset, for: plan.audit.rule)
        try dataset.checkFiles(plan.audit, writing: (plan.output, "--output", "scores.npz"))
        let arrays = (plan.writesPixelScores ? 1 : 0) + (plan.issuesBelow == nil ? 0 : 1)
        if arrays > (plan.method == .softmin ? 1 : 0) { try dataset.checkReadableTwice("a second array of pixels") }
        let context = try RunContext(
            plan: plan.audit, dataset: dataset, temporaryFolder: temporaryFolder(beside: plan.output))
        let archive = try plan.output.map { path throws(AuditError) in
            try OutputArchive(path: path, isStored: plan.isStored, in: plan.audit.files)
        }
        let board = ScoreBoard(context: context, temperature: plan.temperature)
        var products: [ScoreObserver.Product] = []
        if plan.writesPixelScores { products.append(.pixelScores) }
        if let limit = plan.issuesBelow { products.append(.issues(below: limit)) }

        var scan: ScanPass.Result
        var scores: [Double?]
        switch plan.method {
        case .softmin:
            scan = try pass(context, board, products.first, archive)
            scores = board.scores()
            products = Array(products.dropFirst())
        case .numPixelIssues:
            let given = try thresholds.given(plan.audit, dataset)
            let found = try Scan(of: context, passTotal: plan.audit.rule.passCount, progress: progress)
            let detection = try Detection(found, in: context, given: given, progress: progress)
            let counts = try OutputPass(context, detection.resolver, .masks, into: nil, progress).run()
            scan = found.result
            scan.bytesRead += detection.bytesRead
            scores = dataset.images.indices.map {
                let counted = dataset.images[$0].pixelCount - scan.ignoredByImage[$0]
                return counted == 0 ? nil : 1 - Double(counts.byImage[$0]) / Double(counted)
            }
        }
        for product in products { _ = try pass(context, board, product, archive) }
        let ranking = ScoreSummary.ranking(scores)
        if let archive {
            try archive.add(key: "image_scores", scores.map { $0 ?? .nan })
            try archive.add(key: "ranking", ranking.map { Int64($0) })
            try context.checkUnchanged()
            try archive.finish()
        }
        return summary(
            dataset, scan, scores, ranking, issues: plan.issuesBelow == nil ? nil : board.issues,
            seconds: monotonicSeconds() - start)
    }

    /// Scans and scores every pixel; writes one array of them where `product` says which.
    private func pass(
        _ context: RunContext, _ board: ScoreBoard, _ product: ScoreObserver.Product?, _ archive: OutputArchive?
    ) throws(AuditError) -> ScanPass.Result {
        var output: (product: ScoreObserver.Product, writer: UnitOutputWriter)?
        if let archive, let product {
            let (key, type): (String, DType) =
                switch product {
                case .pixelScores: ("pixel_scores", Float.dtype)
                case .issues: ("label_issues", Bool.dtype)
                }
            output = (
                product, try UnitOutputWriter(context: context, archive: archive, key: key, elementType: type)
            )
        }
        progress.begin(pass: 1, context.dataset)
        let made = output
        let scan = try ScanPass(context: context, store: nil, progress: progress) {
            ScoreObserver(context: context, board: board, output: made)
        }.run()
        try output?.writer.end()
        return scan
    }

    private func summary(
        _ dataset: Dataset, _ scan: ScanPass.Result, _ scores: [Double?], _ ranking: [Int], issues: Int?,
        seconds: Double
    ) -> ScoreSummary {
        return ScoreSummary(
            method: plan.method, temperature: plan.method == .softmin ? plan.temperature : nil,
            pixels: dataset.pixelCount, ignoredPixels: scan.ignoredByImage.reduce(0, +),
            images: dataset.images.indices.map {
                .init(
                    name: dataset.imageName($0), index: $0, isNamed: dataset.hasNames, score: scores[$0],
                    countedPixels: dataset.images[$0].pixelCount - scan.ignoredByImage[$0])
            },
            ranking: ranking, issues: issues, warnings: dataset.warnings, seconds: seconds, bytesRead: scan.bytesRead)
    }
}
