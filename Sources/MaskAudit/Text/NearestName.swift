/// The name that a misspelt one most likely stands for: the only one that it is the start of, or else the nearest within
/// a third of its length; nil where none is near.
///
/// **Cost.** The product of the lengths for each name.
public func nearestName(to text: String, among names: [String]) -> String? {
    let starts = names.filter { $0.hasPrefix(text) }
    if text.count >= 2, starts.count == 1 { return starts[0] }
    var best: (name: String, distance: Int)?
    for name in names {
        let distance = editDistance(text, name)
        if distance < best?.distance ?? .max { best = (name, distance) }
    }
    guard let best, best.distance <= max(1, min(text.count, best.name.count) / 3) else { return nil }
    return best.name
}

/// The fewest insertions, deletions, replacements and exchanges of neighbours that turn one text into the other.
///
/// **Cost.** The product of the lengths, of which at most 200 characters each count.
func editDistance(_ first: String, _ second: String) -> Int {
    let first = Array(first.unicodeScalars.prefix(200))
    let second = Array(second.unicodeScalars.prefix(200))
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
