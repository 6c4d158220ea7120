/// What an image contributed to the counts of its dataset, as far as leaving the image out needs it: its own counts in the
/// cells that its contested pixels use, and its sums by bin.
///
/// **Cost.** 128 bytes, and 12 for each used cell: at most one for each contested pixel, and usually some hundred.
public struct ImageCounts: Sendable, Equatable {
    /// Numbers of cells, rising.
    var cells: [UInt32] = []
    /// The image's own counts in each.
    var seen: [UInt32] = []
    var given: [UInt32] = []
    var sums = BinSums()

    init() {}

    public var byteCount: Int { 12 * cells.count + 16 * RatioBins.count }

    /// Appends how many cells there are, the cells, and the sums.
    public func encode(into bytes: inout [UInt8]) {
        RecordCoding.append([cells.count], to: &bytes)
        for list in [cells, seen, given] { RecordCoding.append(list, to: &bytes) }
        for sum in [sums.seen, sums.given] { RecordCoding.append(sum, to: &bytes) }
    }

    /// Reads what `encode(into:)` appended; nil where the bytes are no counts. They may come from any file.
    public init?(decoding bytes: RawSpan, with reader: inout RecordCoding.Reader) {
        guard let count: [Int] = reader.take(1, from: bytes), let cells: [UInt32] = reader.take(count[0], from: bytes),
            let seen: [UInt32] = reader.take(count[0], from: bytes),
            let given: [UInt32] = reader.take(count[0], from: bytes),
            let allSeen: [Int] = reader.take(RatioBins.count, from: bytes),
            let allGiven: [Int] = reader.take(RatioBins.count, from: bytes),
            zip(cells, cells.dropFirst()).allSatisfy({ $0 < $1 }),
            (allSeen + allGiven).allSatisfy({ (0...1 << 60).contains($0) })
        else { return nil }
        self.cells = cells
        self.seen = seen
        self.given = given
        sums.seen = allSeen
        sums.given = allGiven
    }

    /// Whether all cells are of so many classes. Whether their counts fit the dataset's is left to `SurpriseTable`, which
    /// judges regions otherwise where they do not, and no more.
    public func fits(classCount: Int) -> Bool {
        cells.last.map { Int($0) < classCount * classCount * RatioBins.count } ?? true
    }
}
