import ConfidentLearning
import TestSupport

@testable import MaskAudit

/// What a run for regions left: its summary, and its corrected labels where they were asked for.
struct RegionOutcome {
    var summary: RegionSummary
    var corrected: StoredArchive?

    /// Listed regions by place.
    var placed: [Region] {
        summary.regions.sorted { ($0.image, $0.row, $0.column) < ($1.image, $1.row, $1.column) }
    }
}

extension TemporaryFolder {
    /// Looks for regions among all contested pixels of files in this folder, unless `change` says otherwise.
    func regions(
        _ labels: [String] = ["labels.npy"], _ predProbs: [String] = ["pred_probs.npy"],
        _ change: (inout RegionPlan) -> Void = { _ in }
    ) throws -> RegionOutcome {
        var audit = AuditPlan(
            labels: InputSelection(paths: labels.map { self($0) }),
            predProbs: InputSelection(paths: predProbs.map { self($0) }))
        audit.rule.filter = .predictedNeqGiven
        var plan = RegionPlan(audit: audit, output: self("regions.csv"))
        change(&plan)
        let summary = try RegionRun(plan: plan).run { _ in }
        return RegionOutcome(summary: summary, corrected: try plan.correctedFile.map { try StoredArchive($0) })
    }

    /// The line that a failing run ends with, without this folder's path.
    func regionFault(_ change: (inout RegionPlan) -> Void) -> String {
        do {
            _ = try regions(change: change)
            return "nothing was thrown"
        } catch {
            return "\(error)".split(separator: path + "/", omittingEmptySubsequences: false).joined()
        }
    }

    private func regions(change: (inout RegionPlan) -> Void) throws -> RegionOutcome {
        try regions(["labels.npy"], ["pred_probs.npy"], change)
    }
}

/// An image drawn in letters: `a` to `c` are pixels given 0 and predicted 0 to 2, `A` to `C` given 1, `x` is void.
struct Sketch {
    var rows: [String]

    static let void = 255

    init(_ rows: String...) { self.rows = rows }
    init(rows: [String]) { self.rows = rows }

    var height: Int { rows.count }
    var width: Int { rows[0].count }

    /// A scene of three classes; the predicted class has 3/4, the given one the rest where it is another.
    var scene: Scene {
        let letters = rows.flatMap { Array($0) }
        var image = Scene.Image(
            height: height, width: width, labels: [],
            probabilities: [Double](repeating: 0, count: 3 * letters.count))
        for (pixel, letter) in letters.enumerated() {
            let isVoid = letter == "x"
            let given = letter.isUppercase ? 1 : 0
            let predicted = isVoid ? 0 : Int((letter.lowercased().first?.asciiValue ?? 97) - 97)
            image.labels.append(isVoid ? Self.void : given)
            image.probabilities[predicted * letters.count + pixel] = predicted == given || isVoid ? 1 : 0.75
            if predicted != given && !isVoid { image.probabilities[given * letters.count + pixel] = 0.25 }
        }
        return Scene(classCount: 3, images: [image])
    }

    /// With rows for columns.
    var transposed: Sketch {
        let letters = rows.map { Array($0) }
        return Sketch(rows: (0..<width).map { x in String(letters.map { $0[x] }) })
    }
}
