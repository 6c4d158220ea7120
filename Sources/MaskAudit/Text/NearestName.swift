/// The name that a misspelt one most likely stands for: the nearest within a third of its length, or the only one that
/// it is the start of; nil where none is near.
///
/// **Cost.** The product of the lengths, a name.
public func nearestName(to text: String, among names: [String]) -> String? {
    let starts = names.filter { $0.hasPrefix(text) }
    if text.count >= 2, starts.count == 1 { return starts[0] }
    var best: (name: String, distance: Int)?
    for name in names {
        let distance = editDistance(Array(text.unicodeScalars), Array(name.unicodeScalars))
        if distance < best?.distance ?? .max { best = (name, distance) }
    }
    guard let best, best.distance <= max(1, min(text.count, best.name.count) / 3) else { return nil }
    return best.name
}

/// The fewest insertions, deletions, replacements and exchanges of neighbours that turn one into the other.
private func editDistance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var last = Array(0...second.count)
    for (row, letter) in first.enumerated() {
        var line = [row + 1]
        for (column, other) in second.enumerated() {
            var least = min(last[column] + (letter == other ? 0 : 1), min(last[column + 1], line[column]) + 1)
            if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
                least = min(least, before[column - 1] + 1)
            }
            line.append(least)
        }
        (before, last) = (last, line)
    }
    return last[second.count]
}
