/// Names without what all of them begin with and end with: `000` and `001` of `aachen_000_gtFine` and `aachen_001_gtFine`.
///
/// Digits that stand together are never cut apart, so that `img_101` and `img_102` do not become `1` and `2`.
struct NameCores {
    /// What is left of each name, in the order of the names.
    let cores: [String]

    init(_ names: [String]) {
        let names = names.map { Array($0.unicodeScalars) }
        let shortest = names.map(\.count).min() ?? 0
        let first = names.first ?? []
        func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

        var start = 0
        while start < shortest && names.allSatisfy({ $0[start] == first[start] }) { start += 1 }
        while start > 0 && isDigit(first[start - 1]) { start -= 1 }
        var end = 0
        while end < shortest - start && names.allSatisfy({ $0[$0.count - 1 - end] == first[first.count - 1 - end] }) {
            end += 1
        }
        while end > 0 && isDigit(first[first.count - end]) { end -= 1 }
        cores = names.map { name in
            var core = String.UnicodeScalarView()
            core.append(contentsOf: name[start..<name.count - end])
            return String(core)
        }
    }

    /// The partner of each of `names` among `others`, by their cores; nil where that is not one to one.
    ///
    /// **Edge cases.** Two names at least are needed: one alone consists of what all names have in common.
    static func partners(of names: [String], among others: [String]) -> [String: String]? {
        guard names.count == others.count, names.count > 1 else { return nil }
        var byCore: [String: String] = [:]
        for (core, other) in zip(NameCores(others).cores, others) {
            guard byCore.updateValue(other, forKey: core) == nil else { return nil }
        }
        var partners: [String: String] = [:]
        for (core, name) in zip(NameCores(names).cores, names) {
            guard let other = byCore.removeValue(forKey: core) else { return nil }
            partners[name] = other
        }
        return partners
    }
}
