/// Names of one side that have no partner on the other, and what to make of it.
struct Partners {
    /// All names of the side, and those without a partner.
    let names: [String]
    let missing: [String]
    let place: [ArraySource]
    let otherPlace: [ArraySource]
    /// Names of the other side that have no partner on this.
    let otherMissing: [String]

    /// Names that a message lists.
    private static let listedCount = 5

    var fault: AuditError {
        let here = Self.path(otherPlace)
        let there = Self.path(place)
        var finding =
            "\(missing.count) of \(names.count) images in \(there) have no partner here: \(Self.list(missing))"
        if !otherMissing.isEmpty {
            finding +=
                "; \(otherMissing.count) here \(otherMissing.count == 1 ? "has" : "have") none there: \(Self.list(otherMissing))"
        }
        return .input(here, finding, remedy: remedy + byPosition)
    }

    private var remedy: String {
        guard let first = missing.first, let nearest = Self.nearest(to: first, in: otherMissing) else {
            return "add or remove images so that names are equal"
        }
        if let difference = constantDifference(first, nearest) { return difference }
        let distance = editDistance(first, nearest)
        let isNear = distance <= max(1, max(first.utf8.count, nearest.utf8.count) / 3)
        return isNear
            ? "is \(quoted(first)) named \(quoted(nearest)) here? names must be equal"
            : "add or remove images so that names are equal"
    }

    /// A difference that all names share, such as `img_mask` beside `img_prob`.
    private func constantDifference(_ first: String, _ nearest: String) -> String? {
        guard missing.count > 1 else { return nil }
        let candidates = Set(otherMissing)
        func isConstant(_ rename: (String) -> String?) -> Bool {
            missing.allSatisfy { name in rename(name).map { candidates.contains($0) } ?? false }
        }
        let common = first.commonPrefix(with: nearest)
        let ends = (String(first.dropFirst(common)), String(nearest.dropFirst(common)))
        if isConstant({ $0.hasSuffix(ends.0) ? $0.dropLast(ends.0.count) + ends.1 : nil }) {
            return Self.rename("end", there: ends.0, here: ends.1)
        }
        let commonEnd = String(first.reversed()).commonPrefix(with: String(nearest.reversed()))
        let starts = (String(first.dropLast(commonEnd)), String(nearest.dropLast(commonEnd)))
        if isConstant({ $0.hasPrefix(starts.0) ? starts.1 + $0.dropFirst(starts.0.count) : nil }) {
            return Self.rename("start", there: starts.0, here: starts.1)
        }
        return nil
    }

    private static func rename(_ verb: String, there: String, here: String) -> String {
        let words = [(here, "here"), (there, "there")].filter { !$0.0.isEmpty }
            .map { "with \(quoted($0.0)) \($0.1)" }.joined(separator: " and ")
        return "names \(verb) \(words); rename the files so that names are equal"
    }

    /// Files in a row are paired by position, where no name is on both sides.
    private var byPosition: String {
        let canBe =
            missing.count == names.count && otherMissing.count == names.count
            && (place + otherPlace).allSatisfy(\.isInFolder)
        guard canBe, let here = otherPlace.first, let there = place.first else { return "" }
        return
            "; or name the files themselves, as in \(Self.files(of: there)) and \(Self.files(of: here)), to pair them "
            + "by position"
    }

    /// A pattern for the files of a folder.
    private static func files(of source: ArraySource) -> String {
        let folder = source.givenPath.hasSuffix("/") ? String(source.givenPath.dropLast()) : source.givenPath
        return "\(folder)/*\(arraySuffixes.first { source.path.lowercased().hasSuffix($0) } ?? "")"
    }

    private static func nearest(to name: String, in candidates: [String]) -> String? {
        candidates.map { (distance: editDistance($0, name), name: $0) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    private static func path(_ sources: [ArraySource]) -> String {
        guard let first = sources.first?.givenPath else { return "?" }
        let paths = Set(sources.map(\.givenPath))
        return paths.count > 1 ? "\(first) and \(paths.count - 1) more" : first
    }

    private static func list(_ names: [String]) -> String {
        let more = names.count > listedCount ? " and \(names.count - listedCount) more" : ""
        return names.prefix(listedCount).map(printable).joined(separator: ", ") + more
    }
}

extension String {
    /// Characters that two texts have in common from their starts.
    fileprivate func commonPrefix(with other: String) -> Int {
        zip(self, other).prefix { $0 == $1 }.count
    }
}
