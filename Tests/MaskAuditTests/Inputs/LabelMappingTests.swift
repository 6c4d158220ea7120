import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

@Suite struct LabelMappingTests {
    /// Of three classes unless told otherwise.
    func mapping(classCount: Int = 3, _ change: (inout DatasetPlan) -> Void) -> LabelMapping {
        var plan = DatasetPlan(labels: InputSelection(paths: []), predProbs: InputSelection(paths: []))
        change(&plan)
        return LabelMapping(plan, classCount: plan.isBinary ? 2 : classCount, fileClassCount: classCount)
    }

    func classes(_ mapping: LabelMapping, _ values: [Int]) -> [Int32] { values.map { mapping.classOf($0) } }

    let unusable = LabelMapping.unusable

    @Test("a value is divided, replaced, held against the ignored ones and counted down, in that order")
    func order() {
        let mapping = mapping {
            $0.labelDivisor = 10
            $0.labelMap = [7: 1, 8: .ignored, 9: 255]
            $0.ignoredLabels = [255, 3]
            $0.reducesZeroLabel = true
        }
        #expect(
            classes(mapping, [0, 9, 10, 19, 20, 30, 70, 79, 80, 90, 2555, 40, 2560, -1])
                == [-1, -1, 0, 0, 1, -1, 0, 0, -1, -1, -1, unusable, unusable, unusable])
        #expect(mapping.writtenValues == [70, 20, 30])
        #expect(mapping.countedValues == 10...79)
        #expect(mapping.labelRangeText == "1..3")
        #expect(mapping.ignoredClasses == [2])
    }

    @Test("a class is written as the lowest value that stands for it, or as its own number")
    func written() {
        #expect(mapping { $0.labelMap = [9: 0, 7: 0, 33: 2] }.writtenValues == [7, 1, 33])
        #expect(mapping { $0.labelMap = [1: 2, 2: 1] }.writtenValues == [0, 2, 1])
        #expect(mapping { $0.reducesZeroLabel = true }.writtenValues == [1, 2, 3])
        #expect(mapping { $0.labelDivisor = 1000 }.writtenValues == [0, 1000, 2000])
        #expect(mapping { $0.labelMap = [7: .ignored, 8: 5] }.writtenValues == [0, 1, 2])
    }

    @Test(
        "the written type is the smallest that holds what is written, K and 255",
        arguments: [
            (3, 1, [:], false, "|u1"), (255, 1, [:], true, "|u1"), (256, 1, [:], false, "<u2"),
            (3, 1000, [:], false, "<u2"), (150, 1000, [:], false, "<u4"), (3, 1, [-1: 0], false, "<i2"),
            (3, 1, [70_000: 1], false, "<u4"), (3, 1, [Int.max: 1], false, "<u8"),
            (3, 1_000_000, [Int.max: 1], false, "<u4"),
        ] as [(Int, Int, [Int: Int], Bool, String)])
    func type(classCount: Int, divisor: Int, map: [Int: Int], isReduced: Bool, descr: String) {
        let mapping = mapping(classCount: classCount) {
            $0.labelDivisor = divisor
            $0.labelMap = map.mapValues { .label($0) }
            $0.reducesZeroLabel = isReduced
        }
        #expect(mapping.writtenType.descr == descr)
    }

    @Test("values beyond the table are classified as those within")
    func beyondTheTable() {
        let mapping = mapping(classCount: 400) {
            $0.labelDivisor = 1000
            $0.ignoredLabels = [-1, 999_999_999]
        }
        #expect(classes(mapping, [262_143, 262_144, 399_999, 400_000]) == [262, 262, 399, unusable])
        #expect(
            classes(mapping, [-1, -1000, -1001, 999_999_999_000, Int.max, Int.min]) == [-1, -1] + [unusable, -1] + [
                unusable, unusable,
            ])
    }

    @Test("one class against all others judges the labels of every class")
    func channel() {
        let mapping = mapping {
            $0.form = .binary
            $0.channel = 1
            $0.ignoredLabels = [255, 2]
        }
        #expect(classes(mapping, [0, 1, 2, 255, 3]) == [0, 1, -1, -1, unusable])
        #expect(mapping.writtenValues == [0, 1] && mapping.writesClasses)
        #expect(mapping.labelRangeText == "0..2" && mapping.ignoredClasses == [])
    }
}
