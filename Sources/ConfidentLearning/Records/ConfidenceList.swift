/// Probabilities as they were read: float for float16 and float32 data, double for all other data. They are never
/// narrowed.
public struct ConfidenceList: Sendable, Equatable {
    public private(set) var isWide: Bool
    var narrow: [Float] = []
    var wide: [Double] = []

    init(isWide: Bool) {
        self.isWide = isWide
    }

    public var count: Int { isWide ? wide.count : narrow.count }

    mutating func removeAll(isWide: Bool) {
        self.isWide = isWide
        narrow.removeAll(keepingCapacity: true)
        wide.removeAll(keepingCapacity: true)
    }

    func compacted() -> ConfidenceList {
        var copy = ConfidenceList(isWide: isWide)
        copy.narrow = exactCopy(narrow)
        copy.wide = exactCopy(wide)
        return copy
    }

    public subscript(index: Int) -> Double {
        isWide ? wide[index] : Double(narrow[index])
    }
}
