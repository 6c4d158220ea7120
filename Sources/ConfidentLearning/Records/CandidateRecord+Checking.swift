extension RecordCoding {
    /// A place in bytes that may be anyone's: what is not there is nil.
    public struct CheckedReader {
        private var reader = Reader()
        private var left: Int

        public init(_ bytes: RawSpan) { left = bytes.byteCount }

        /// Whether all was taken.
        public var isAtEnd: Bool { left == 0 }

        public mutating func take<Element: BitwiseCopyable>(_ count: Int, from bytes: RawSpan) -> [Element]? {
            let stride = MemoryLayout<Element>.stride
            guard count >= 0, count <= left / stride else { return nil }
            left -= count * stride
            return reader.take(count, from: bytes)
        }
    }

    /// Whether words hold a bit a pixel of runs that start at whole words each, and none after a run's end.
    public static func isBitmap(_ words: [UInt64], of runs: [Int]) -> Bool {
        guard words.count == runs.reduce(0, { $0 + ($1 + 63) / 64 }) else { return false }
        var end = 0
        for run in runs {
            end += (run + 63) / 64
            if run % 64 != 0 && words[end - 1] >> UInt64(run % 64) != 0 { return false }
        }
        return true
    }
}

extension CandidateRecord {
    /// Reads what `encode(into:)` appended out of bytes that may be anyone's; nil for a record that a scan of `runs` pixels
    /// (an image each) cannot have left. Values are taken as they are: any will do no more than flag other pixels.
    public init?(
        checking bytes: RawSpan, with reader: inout RecordCoding.CheckedReader, runs: [Int], classCount: Int
    ) {
        guard let counts: [Int] = reader.take(6, from: bytes), counts[5] == 0 || counts[5] == 1,
            counts[0] == runs.reduce(0, +)
        else { return nil }
        self.init(isWide: counts[5] == 1)
        guard let candidates: [UInt64] = reader.take(counts[1], from: bytes),
            let contested: [UInt64] = reader.take(counts[1], from: bytes),
            RecordCoding.isBitmap(candidates, of: runs), RecordCoding.isBitmap(contested, of: runs),
            zip(candidates, contested).allSatisfy({ $0 & $1 == $1 }),
            candidates.reduce(0, { $0 + $1.nonzeroBitCount }) == counts[2],
            contested.reduce(0, { $0 + $1.nonzeroBitCount }) == counts[3],
            counts[4] == 0 || counts[4] == counts[3].multipliedReportingOverflow(by: classCount).partialValue
        else { return nil }
        pixelCount = counts[0]
        candidateBits = candidates
        contestedBits = contested
        for (path, count) in [
            (\CandidateRecord.selfConfidence, counts[2]), (\.predictedConfidence, counts[3]), (\.vectors, counts[4]),
        ] {
            if isWide {
                guard let values: [Double] = reader.take(count, from: bytes) else { return nil }
                self[keyPath: path].wide = values
            } else {
                guard let values: [Float] = reader.take(count, from: bytes) else { return nil }
                self[keyPath: path].narrow = values
            }
        }
        guard let predicted: [UInt16] = reader.take(counts[3], from: bytes),
            let given: [UInt16] = reader.take(counts[3], from: bytes),
            predicted.allSatisfy({ Int($0) < classCount }), given.allSatisfy({ Int($0) < classCount })
        else { return nil }
        self.predicted = predicted
        self.given = given
    }
}
