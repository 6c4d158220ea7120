/// What values outside 0..K-1 are likely to be, and the option that makes the labels right.
///
/// `--ignore-label` is named without an "if" only for values that mark void pixels by custom: for any other value it could
/// leave a class out, and the run would judge the rest by the wrong predictions and say nothing.
struct LabelAdvice {
    let classCount: Int
    /// The labels that are classes, such as `0..20`.
    let labelRange: String
    /// Values of one image that are no class, with the number of their pixels, commonest first.
    let outside: [(value: Int, count: Int)]
    /// How many pixels of the image are predicted as the class of their number, and as the class one below it; nil where
    /// options change the labels' numbers already.
    let agreement: (asNumbered: Int, oneLess: Int)?

    /// Values that datasets and training code write where a pixel has no class, beside negative ones: 255 (PASCAL VOC,
    /// Cityscapes), 254, and the largest numbers of the wider types.
    private static let voidValues: Set<Int> = [254, 255, 32_767, 65_535, 2_147_483_647, 4_294_967_295]
    /// The divisor in the panoptic ids of Cityscapes, COCO and others.
    static let usualDivisor = 1000
    private static let listedValueCount = 8
    /// Pixels that have to fit before a message says how labels are numbered.
    private static let sureCount = 64

    /// `; outside are 4 (1280x), 255 (64x)`; empty where there is one value alone, which the message names anyway.
    var list: String {
        guard outside.count > 1 else { return "" }
        let more =
            outside.count > Self.listedValueCount ? " and \(outside.count - Self.listedValueCount) more values" : ""
        return "; outside are "
            + outside.prefix(Self.listedValueCount).map { "\($0.value) (\($0.count)x)" }.joined(separator: ", ") + more
    }

    var remedy: String {
        guard !outside.isEmpty else { return "labels are \(labelRange)" }
        if classCount == 1 { return "if pred_probs hold one foreground probability a pixel, pass --binary" }
        let values = outside.map(\.value).sorted()
        let voids = values.filter(Self.looksVoid)
        let others = values.filter { !Self.looksVoid($0) }
        let ignoring = voids.map { "--ignore-label=\($0)" }.joined(separator: " ")
        let also = ignoring.isEmpty ? "" : " \(ignoring)"
        let marks = "\(voids.count == 1 ? "it marks" : "they mark") void pixels"
        if others.isEmpty {
            return voids == [255] && classCount == 2
                ? "if it marks void pixels, pass --ignore-label=255; for masks stored as 0 and 255, --map-label 255=1"
                : "if \(marks), pass \(ignoring)"
        }
        if others == [classCount] { return numbering(also: also) }
        if others.contains(where: { $0 >= Self.usualDivisor }),
            others.allSatisfy({ 0..<classCount ~= $0 / Self.usualDivisor })
        {
            return "if these are panoptic ids, class x 1000 + instance, pass --label-divisor 1000\(also)"
        }
        return "number the classes as pred_probs do with --map-labels FILE, a table of values and classes, or "
            + "--map-label VALUE=CLASS for each" + (voids.isEmpty ? "" : "; void pixels are left out with \(ignoring)")
    }

    /// Whether a label is one of those that mark void pixels by custom.
    static func looksVoid(_ value: Int) -> Bool { value < 0 || voidValues.contains(value) }

    /// What to do where K is a label: classes are numbered from 1, or K marks void pixels. Predictions tell which.
    private func numbering(also: String) -> String {
        let reducing = "--reduce-zero-label\(also)"
        let ignoring = "--ignore-label=\(classCount)\(also)"
        let (asNumbered, oneLess) = agreement ?? (0, 0)
        let fitsOneLess = oneLess >= Self.sureCount && oneLess > 2 * asNumbered
        let fitsAsNumbered = asNumbered >= Self.sureCount && asNumbered > 2 * oneLess
        if fitsOneLess {
            return "classes are numbered from 1 here, as predictions fit the labels less 1: pass \(reducing), which "
                + "ignores label 0"
        }
        if fitsAsNumbered {
            return "if \(classCount) marks void pixels, pass \(ignoring)"
        }
        return "if classes are numbered from 1 and 0 marks void pixels, pass \(reducing); if \(classCount) marks void "
            + "pixels, \(ignoring)"
    }
}
