internal import CPixelKernels

/// The issues among the contested pixels of a run: one bit per pixel, and what each of them suggests.
///
/// Masks and counts are made from whole words of bits, some ten times as fast as issue by issue.
public struct FlaggedPixels: Sendable {
    /// One bit per pixel, set where it is an issue.
    let words: [UInt64]
    /// One bit per pixel, set where it is contested. `given` and `suggested` hold the labels of each such pixel,
    /// flagged or not.
    let contested: [UInt64]
    let given: [UInt16]
    let suggested: [UInt16]

    /// How many issues there are among some pixels; `range` starts at a whole word of the record.
    public func count(in range: Range<Int>) -> Int {
        words[Self.words(of: range)].bitCount
    }

    /// One byte per pixel of the range, 1 where it is an issue.
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

    /// Adds the issues to `counts`, which has shape (K, K), with a row per given class and a column per suggested one.
    public func addPairs(classCount: Int, to counts: inout [Int]) {
        precondition(words.count == contested.count && counts.count == classCount * classCount, "sizes disagree")
        precondition(
            contested.bitCount == given.count && given.count == suggested.count
                && max(given.reduce(0, max), suggested.reduce(0, max)) < max(1, classCount),
            "labels of another record")
        unsafe counts.withUnsafeMutableBytes { raw in
            guard let base = unsafe raw.assumingMemoryBound(to: Int64.self).baseAddress else { return }
            unsafe mlk_count_pairs(
                words, contested, words.count, given, suggested, classCount, base)
        }
    }

    /// Calls `body` for each issue, in pixel order.
    public func forEachIssue(_ body: (_ pixel: Int, _ given: Int, _ suggested: Int) -> Void) {
        var before = 0
        for (word, bits) in words.enumerated() {
            var rest = bits
            while rest != 0 {
                let bit = rest & (0 &- rest)
                let number = before + (contested[word] & (bit - 1)).nonzeroBitCount
                body(word * 64 + rest.trailingZeroBitCount, Int(given[number]), Int(suggested[number]))
                rest ^= bit
            }
            before += contested[word].nonzeroBitCount
        }
    }

    private static func words(of range: Range<Int>) -> Range<Int> {
        precondition(range.lowerBound % 64 == 0, "not a whole word")
        return range.lowerBound / 64..<(range.upperBound + 63) / 64
    }
}

extension CandidateRecord {
    /// The contested ones among some of the record's pixels, one bit each. Each suggests its predicted label.
    func flagged(_ taken: [UInt64]) -> FlaggedPixels {
        var words = taken
        for word in words.indices { words[word] &= contestedBits[word] }
        return FlaggedPixels(words: words, contested: contestedBits, given: given, suggested: predicted)
    }
}
