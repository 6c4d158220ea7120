import ConfidentLearning
public import MaskAudit

extension RegionSummary {
    /// The summary for people: totals, what was left out, the regions of highest score and the most frequent swaps.
    public var text: String {
        var out = """
            images    \(grouped(images.count))
            pixels    \(grouped(pixels)), \(grouped(ignoredPixels)) ignored, \(grouped(pixels - ignoredPixels)) counted
            issues    \(grouped(issues)) in \(counted(found, "region"))
            listed    \(counted(regions.count, "region"))\(leftOutText)
            rule      \(rule.rawValue)\(groupText); score = \(scoreFormula)

            """
        if isReviewed {
            out += "review    \(grouped(chosen.count)) accepted, \(grouped(rejected.count)) rejected\n"
        }
        guard !regions.isEmpty else { return out }
        return out + "\n" + regionTable + "\n" + swapTable
    }

    private var groupText: String { grouping == .given ? ", regions of one given class" : "" }

    private var leftOutText: String {
        let reasons = [
            (leftOut.known, "rejected before"), (leftOut.byClass, "of other classes"), (leftOut.byArea, "too small"),
            (leftOut.atBoundary, "at boundaries"), (leftOut.byScore, "of low score"), (leftOut.byRank, "beyond --top"),
        ]
        let texts = reasons.filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }
        return texts.isEmpty ? "" : "; left out: " + texts.joined(separator: ", ")
    }

    private func label(_ index: Int) -> String {
        classNames.map { printable("\(index) \($0[index])") } ?? String(index)
    }

    private var regionTable: String {
        textTable(
            [
                .left("worst regions"), .left("given -> suggested"), .right("pixels"),
                .right("self-confidence"), .right("score"),
            ],
            regions.prefix(Self.listedCount).map {
                [
                    printable(identifier($0)), "\(label($0.given)) -> \(label($0.suggested))", grouped($0.area),
                    fixed($0.selfConfidence, decimals: 4), fixed($0.score, decimals: 4),
                ]
            })
    }

    private struct SwapSum {
        var given: Int
        var suggested: Int
        var regions = 0
        var pixels = 0

        mutating func add(_ area: Int) {
            regions += 1
            pixels += area
        }
    }

    /// The pairs of given and suggested class among the listed regions, those of most pixels first, then by class.
    private var swaps: [SwapSum] {
        var sums: [Int: SwapSum] = [:]
        // Positions are sorted, not regions: copies would count references to runs that lie all over memory.
        for index in regions.indices {
            let (given, suggested) = (regions[index].given, regions[index].suggested)
            sums[given * classes + suggested, default: SwapSum(given: given, suggested: suggested)]
                .add(regions[index].area)
        }
        return sums.sorted { ($1.value.pixels, $0.key) < ($0.value.pixels, $1.key) }.map(\.value)
    }

    private var swapTable: String {
        textTable(
            [.left("given -> suggested"), .right("regions"), .right("pixels")],
            swaps.prefix(Self.listedCount).map {
                ["\(label($0.given)) -> \(label($0.suggested))", grouped($0.regions), grouped($0.pixels)]
            })
    }
}
