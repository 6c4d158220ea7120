/// Whether `a` comes before `b` in natural order: runs of digits compare as numbers, so `img2` is before `img10`.
///
/// **Edge cases.** Numbers that are equal but written differently (`01`, `1`) and all else fall back to byte order, so
/// the order is total.
public func isNaturallyOrdered(_ a: String, _ b: String) -> Bool {
    let left = Array(a.utf8)
    let right = Array(b.utf8)
    var i = 0
    var j = 0
    while i < left.count && j < right.count {
        if isDigit(left[i]) && isDigit(right[j]) {
            let first = digits(left, &i)
            let second = digits(right, &j)
            if first.count != second.count { return first.count < second.count }
            if first != second { return first.lexicographicallyPrecedes(second) }
        } else {
            if left[i] != right[j] { return left[i] < right[j] }
            i += 1
            j += 1
        }
    }
    if left.count - i != right.count - j { return left.count - i < right.count - j }
    return left.lexicographicallyPrecedes(right)
}

/// Things in the order given, apart from those whose names differ in numbers alone: these come in natural order, at the
/// place of the first of them.
///
/// An archive's own order pairs its images with an array that has no names, and shells list `img10` before `img2`.
func inNaturalOrder<Named>(_ things: [Named], by name: (Named) -> String) -> [Named] {
    var places: [[UInt8]: Int] = [:]
    let placed = things.enumerated().map { index, thing in
        let name = name(thing)
        let bytes = Array(name.utf8)
        // The name without its numbers.
        let text = bytes.indices.compactMap { at -> UInt8? in
            guard isDigit(bytes[at]) else { return bytes[at] }
            return at > 0 && isDigit(bytes[at - 1]) ? nil : UInt8(ascii: "0")
        }
        let place = places[text] ?? index
        places[text] = place
        return (place: place, name: name, thing: thing)
    }
    return placed.sorted { a, b in
        a.place != b.place ? a.place < b.place : isNaturallyOrdered(a.name, b.name)
    }.map(\.thing)
}

private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// The run of digits from `index` on, without leading zeros; `index` moves past it.
private func digits(_ bytes: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
    var start = index
    while index < bytes.count && isDigit(bytes[index]) { index += 1 }
    while start < index - 1 && bytes[start] == UInt8(ascii: "0") { start += 1 }
    return bytes[start..<index]
}
