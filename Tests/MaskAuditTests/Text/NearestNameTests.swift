import MaskAudit
import Testing

@Suite struct NearestNameTests {
    private static let options = [
        "labels", "labels-key", "pred-probs", "filter-by", "downsample", "downsample-labels", "fail-over", "top",
        "json",
    ]

    @Test(
        "a misspelt name is taken for the nearest",
        arguments: [
            ("labls", "labels"), ("label", "labels"), ("filter-bye", "filter-by"), ("fitler-by", "filter-by"),
            ("pred_probs", "pred-probs"), ("downsampel", "downsample"), ("Labels", "labels"), ("tpo", "top"),
            ("jsn", "json"), ("failover", "fail-over"),
        ])
    func nearest(text: String, name: String) { #expect(nearestName(to: text, among: Self.options) == name) }

    @Test("the start of one name alone is taken for it", arguments: [("filter", "filter-by"), ("pred", "pred-probs")])
    func starts(text: String, name: String) { #expect(nearestName(to: text, among: Self.options) == name) }

    @Test("what is like no name is taken for none", arguments: ["", "x", "threads", "verbose", "tops-of-all", "down"])
    func none(text: String) { #expect(nearestName(to: text, among: Self.options) == nil) }

    @Test("of names equally near the first is taken")
    func ties() {
        #expect(nearestName(to: "cat", among: ["car", "can"]) == "car")
        #expect(nearestName(to: "cat", among: []) == nil)
    }
}
