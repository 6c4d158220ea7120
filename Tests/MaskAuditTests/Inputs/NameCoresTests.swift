import TestSupport
import Testing

@testable import MaskAudit

@Suite struct NameCoresTests {
    @Test(
        "what all names begin and end with is left out, whole numbers at a time",
        arguments: [
            (["aachen_000_gtFine", "aachen_001_gtFine"], ["000", "001"]), (["im_101", "im_102"], ["101", "102"]),
            (["a_7_x", "b_7_x"], ["a", "b"]), (["a", "aa"], ["", "a"]), (["1a", "1b", "1ab"], ["1a", "1b", "1ab"]),
            (["x"], [""]), ([], []),
        ] as [([String], [String])])
    func cores(names: [String], cores: [String]) {
        #expect(NameCores(names).cores == cores)
    }

    @Test("partners are one to one, or none")
    func partners() {
        let labels = ["c_000_19_gtFine_labelTrainIds", "c_001_19_gtFine_labelTrainIds"]
        #expect(
            NameCores.partners(of: labels, among: ["c_001_19_leftImg8bit", "c_000_19_leftImg8bit"])
                == [labels[0]: "c_000_19_leftImg8bit", labels[1]: "c_001_19_leftImg8bit"])
        #expect(NameCores.partners(of: ["a_l", "b_l"], among: ["a_p", "c_p"]) == nil)
        #expect(NameCores.partners(of: ["a_l"], among: ["b_p"]) == nil)
        #expect(NameCores.partners(of: ["im_1", "im_2"], among: ["im_11", "im_12"]) == nil)
    }

    @Test("the run says how unequal names were paired, and keeps the labels' names")
    func note() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            npz(["a1_gt", "a2_gt"].map { ($0, NumberArray([1, 1], [0]).npy("|u1")) }), to: "labels.npz")
        try folder.write(
            npz(["a2_prob", "a1_prob"].map { ($0, NumberArray([2, 1, 1], [0.5, 0.5]).npy("<f4")) }),
            to: "pred_probs.npz")
        let outcome = try folder.audit(["labels.npz"], ["pred_probs.npz"])
        #expect(
            outcome.summary.warnings.first
                == "names are paired without what all names of a side begin and end with, as 'a1_gt' of the labels and "
                + "'a1_prob' of the pred_probs")
        #expect(outcome.archive.keys.prefix(2) == ["label_issues/a1_gt", "label_issues/a2_gt"])
    }
}
