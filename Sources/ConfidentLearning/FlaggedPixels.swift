internal import CPixelKernels

/// The issues of a record where each suggests its predicted label: a bit a pixel, as in the record.
///
/// Masks and counts come from the bits as a whole, some ten times as fast as issue by issue.
public struct FlaggedPixels: Sendable {
    let words: [UInt64]

    /// Issues among some pixels; `range` starts at a whole word of the record.
    public func count(in range: Range<Int>) -> Int {
        words[Self.words(of: range)].reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// A byte a pixel of the range, 1 where it is an issue.
    public func mask(of range: Range<Int>) -> [UInt8] {
        let wordRange = Self.words(of: range)
        precondition(wordRange.upperBound <= words.count, "pixels beyond the record")
        return unsafe [UInt8](capacity: range.count) { target in
            unsafe words.withUnsafeBufferPointer { words in
                guard let base = words.baseAddress else { return 0 }
                unsafe mlk_expand(base + wordRange.lowerBound, range.count, target)
                return range.count
            }
        }
    }

    /// Adds the issues to `counts`, (K,K) with given classes by row.
    public func addPairs(of record: CandidateRecord, classCount: Int, to counts: inout [Int]) {
        precondition(
            words.count == record.contestedBits.count && counts.count == classCount * classCount, "sizes disagree")
        precondition(
            record.contestedBits.reduce(0) { $0 + $1.nonzeroBitCount } == record.contestedCount
                && max(record.given.reduce(0, max), record.predicted.reduce(0, max)) < max(1, classCount),
            "labels of another record")
        unsafe counts.withUnsafeMutableBytes { raw in
            guard let base = unsafe raw.assumingMemoryBound(to: Int64.self).baseAddress else { return }
            unsafe mlk_count_pairs(
                words, record.contestedBits, words.count, record.given, record.predicted, classCount, base)
        }
    }

    private static func words(of range: Range<Int>) -> Range<Int> {
        precondition(range.lowerBound % 64 == 0, "not a whole word")
        return range.lowerBound / 64..<(range.upperBound + 63) / 64
    }
}

extension IssueSelector {
    /// The contested ones among the pixels that `low_self_confidence` takes.
    ///
    /// - Parameter tiesTaken: how many of this record's pixels equal to the cut-off are taken, the first ones.
    public func lowSelfConfidenceIssues(
        in record: CandidateRecord, cutoff: SelfConfidenceCutoff, tiesTaken: Int
    ) -> FlaggedPixels {
        var words = record.taken(by: cutoff, ties: tiesTaken)
        for word in words.indices { words[word] &= record.contestedBits[word] }
        return FlaggedPixels(words: words)
    }
}
