import ConfidentLearning
import Testing

/// Arrays small enough to be worked by hand; each comment shows the working.
@Suite struct RuleTests {
    func run(_ pixels: [[Double]], _ labels: [Int32], _ rule: FilterRule, type: PlaneType = .float64)
        -> (issues: [FoundIssue], thresholds: [Double?], counts: [Int])
    {
        let scanned = scan(Planes(pixels, type: type), labels: labels)
        #expect(scanned.fault == nil)
        let thresholds = scanned.totals.thresholds()
        return (issues([scanned.record], rule, thresholds)[0], thresholds.values, scanned.totals.counts)
    }

    @Test("a threshold is the mean self-confidence of the pixels labelled with the class")
    func thresholds() throws {
        // Class 0: pixels 0, 1, 3 with 0.75, 0.5, 0.25: 1.5 / 3 = 0.5. Class 1: pixel 2 with 0.625.
        let pixels = [[0.75, 0.25], [0.5, 0.5], [0.375, 0.625], [0.25, 0.75]]
        let (_, thresholds, counts) = run(pixels, [0, 0, 1, 0], .confidentLearning)
        #expect(thresholds == [0.5, 0.625])
        #expect(counts == [3, 1])
    }

    @Test("a pixel that is confidently another class is an issue under both rules", arguments: FilterRule.local)
    func mislabelled(rule: FilterRule) {
        // t0 = (0.875 + 0.875 + 0.125) / 3 = 0.625, t1 = (0.875 + 0.75) / 2 = 0.8125. Pixel 2 is labelled 0, predicted
        // 1 with 0.875 >= 0.8125: contested and confident, n = 1, and 0.125 is the lowest self-confidence of all.
        let pixels = [[0.875, 0.125], [0.875, 0.125], [0.125, 0.875], [0.125, 0.875], [0.25, 0.75]]
        let (issues, thresholds, _) = run(pixels, [0, 0, 0, 1, 1], rule)
        #expect(thresholds == [0.625, 0.8125])
        #expect(issues == [FoundIssue(2, 0, 1)])
    }

    @Test("a contested pixel below the predicted class's threshold is no issue", arguments: FilterRule.local)
    func unsure(rule: FilterRule) {
        // t1 = (0.875 + 0.875) / 2 = 0.875; pixel 1 is labelled 0 and predicted 1 with 0.625 < 0.875. t0 = 0.375 lies
        // at its own class's probability, so k* is the given label.
        let (issues, _, _) = run([[0.375, 0.625], [0.125, 0.875], [0.125, 0.875]], [0, 1, 1], rule)
        #expect(issues == [])
    }

    @Test("confident learning suggests the most probable of the classes that are confident, not the predicted one")
    func confidentButNotPredicted() {
        // t0 = (0.875 + 0.125) / 2 = 0.5; t1 = 0.75 (pixel 2); t2 = 0.25 (pixel 3). Pixel 1, labelled 0, has
        // 0.125, 0.5, 0.375: predicted 1, but 0.5 < 0.75; class 2 is confident, 0.375 >= 0.25. So k* = 2.
        let pixels = [[0.875, 0.125, 0], [0.125, 0.5, 0.375], [0.25, 0.75, 0], [0.75, 0, 0.25]]
        let (issues, thresholds, _) = run(pixels, [0, 0, 1, 2], .confidentLearning)
        #expect(thresholds == [0.5, 0.75, 0.25])
        // Pixel 3, labelled 2: predicted 0 with 0.75 >= 0.5, confident.
        #expect(issues == [FoundIssue(1, 0, 2), FoundIssue(3, 2, 0)])
    }

    @Test("the ranking takes uncontested pixels too, which use up places")
    func uncontestedInRanking() {
        // t0 = (0.375 + 0.4375) / 2 = 0.40625; t1 = 0.375; t2 = 0.25. Contested: pixel 1 (0 -> 1 with 0.5625 >= 0.375).
        // n = 1, and the lowest self-confidence is pixel 3's 0.25... which is predicted 2, as labelled: uncontested.
        // Four classes: pixel 3 has 0.25 each but for the ties' sake class 2 a little more.
        let pixels = [
            [0.4375, 0.1875, 0.1875, 0.1875], [0.375, 0.5625, 0.0625, 0], [0.3125, 0.375, 0.3125, 0],
            [0.25, 0.25, 0.28125, 0.21875],
        ]
        let (issues, thresholds, _) = run(pixels, [0, 0, 1, 2], .lowSelfConfidence)
        #expect(thresholds == [0.40625, 0.375, 0.28125, nil])
        #expect(issues == [])
        #expect(run(pixels, [0, 0, 1, 2], .confidentLearning).issues == [FoundIssue(1, 0, 1)])
    }

    @Test("pixels equal to the cut-off are taken by flat position")
    func tiesAtTheCutoff() {
        // Pixels 0 to 3, labelled 0: predicted 1, self-confidence 0.25 each. Pixel 4 labelled 1 with 0.75: t1 = 0.75.
        // With 0.75 at pixels 1 and 3 only, and 0.5 in class 1 of pixels 0 and 2 (0.25 in class 2): n = 2, four ties,
        // so the first two by position are taken, confident or not.
        let sure = [0.25, 0.75, 0]
        let unsure = [0.25, 0.5, 0.25]
        let (issues, _, _) = run([unsure, sure, unsure, sure, [0.25, 0.75, 0]], [0, 0, 0, 0, 1], .lowSelfConfidence)
        #expect(issues == [FoundIssue(0, 0, 1), FoundIssue(1, 0, 1)])
    }

    @Test("the lowest class wins where probabilities are equal", arguments: [PlaneType.float16, .float32, .float64])
    func argmaxTies(type: PlaneType) {
        // Predicted 0 for both. Pixel 0 is labelled 0, so it is not contested; pixel 1 is labelled 1: contested,
        // 0.5 >= t0 = 0.5, n = 1 of self-confidences 0.5, 0.5: the tie goes to pixel 0, which is no issue.
        let (low, _, _) = run([[0.5, 0.5], [0.5, 0.5]], [0, 1], .lowSelfConfidence, type: type)
        #expect(low == [])
        // Class 0 and 1 are both confident at 0.5; the lower one is k*.
        let (confident, _, _) = run([[0.5, 0.5], [0.5, 0.5]], [0, 1], .confidentLearning, type: type)
        #expect(confident == [FoundIssue(1, 1, 0)])
    }

    @Test("of equally probable confident classes the lowest is suggested")
    func suggestionTies() {
        // t1 = t3 = 0.3125 (pixels 1, 2); t2 = 0.875 (pixel 3). Pixel 0, labelled 0: predicted 2 with 0.375 < 0.875,
        // classes 1 and 3 confident at 0.3125 each.
        let pixels = [
            [0, 0.3125, 0.375, 0.3125], [0.6875, 0.3125, 0, 0], [0.6875, 0, 0, 0.3125], [0.125, 0, 0.875, 0],
        ]
        #expect(run(pixels, [0, 1, 3, 2], .confidentLearning).issues.first == FoundIssue(0, 0, 1))
    }

    @Test(
        "a probability up to 1e-6 below its threshold counts as confident",
        arguments: [
            (0.75 - 0.9e-6, true), (0.75 - 1.1e-6, false), (0.75, true),
        ])
    func slack(predicted: Double, isIssue: Bool) {
        // t1 is 0.75 by pixels 1 and 2; pixel 0, labelled 0, has 1 - p and p.
        let (issues, thresholds, _) = run(
            [[1 - predicted, predicted], [0.25, 0.75], [0.25, 0.75]], [0, 1, 1], .lowSelfConfidence)
        #expect(thresholds[1] == 0.75)
        #expect(issues == (isIssue ? [FoundIssue(0, 0, 1)] : []))
    }

    @Test("nothing is confident in a class without evidence under confident learning")
    func classWithoutEvidence() {
        // No label 2. t0 = 0.25 and t1 = 0.5 are the mean of one pixel each. Pixel 0 (labelled 0) is 0.25, 0.125,
        // 0.625: the predicted class 2 has no threshold, k* is class 0 itself. Pixel 1 is predicted as labelled.
        let pixels = [[0.25, 0.125, 0.625], [0.25, 0.5, 0.25]]
        let (confident, thresholds, counts) = run(pixels, [0, 1], .confidentLearning)
        #expect(thresholds == [0.25, 0.5, nil])
        #expect(counts == [1, 1, 0])
        #expect(confident == [])
        // cleanlab gives it 2e-6, and everything is confident in it: n = 1, pixel 0 is the lowest.
        #expect(run(pixels, [0, 1], .lowSelfConfidence).issues == [FoundIssue(0, 0, 2)])
    }

    @Test("a threshold is at least 2e-6, cleanlab's lower bound")
    func lowerBound() {
        #expect(run([[0, 1], [0, 1]], [0, 0], .confidentLearning).thresholds == [2e-6, nil])
    }

    @Test("ignored pixels are neither counted nor ranked nor issues", arguments: FilterRule.local)
    func ignored(rule: FilterRule) {
        // As `mislabelled`, with ignored pixels before, between and after that would be issues if they were counted.
        let void = [0.0, 1.0]
        let pixels = [
            void, [0.875, 0.125], [0.875, 0.125], void, [0.125, 0.875], [0.125, 0.875], [0.25, 0.75], void,
        ]
        let (issues, thresholds, counts) = run(pixels, [-1, 0, 0, -1, 0, 1, 1, -1], rule)
        #expect(thresholds == [0.625, 0.8125])
        #expect(counts == [3, 2])
        #expect(issues == [FoundIssue(4, 0, 1)])
    }

    @Test("only ignored pixels give no thresholds and no issues", arguments: FilterRule.local)
    func allIgnored(rule: FilterRule) {
        let (issues, thresholds, counts) = run([[0.5, 0.5], [0, 1]], [-1, -1], rule)
        #expect(issues == [])
        #expect(thresholds == [nil, nil])
        #expect(counts == [0, 0])
    }

    @Test("one class is never contested", arguments: FilterRule.local)
    func oneClass(rule: FilterRule) {
        let (issues, thresholds, _) = run([[1], [0.995], [1]], [0, 0, 0], rule)
        #expect(issues == [])
        #expect(abs((thresholds[0] ?? 0) - 2.995 / 3) < 1e-12)
    }
}
