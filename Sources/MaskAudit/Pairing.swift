import NumPyFiles

/// Pairs label images with probability images: by name where both sides have names, else by position.
struct Pairing {
    struct Place: Equatable {
        var source: Int
        var image: Int
    }

    private(set) var labels: [ArraySource]
    private(set) var probabilities: [ArraySource]
    private(set) var pairs: [(label: Place, probability: Place)] = []
    private var names: [String]?

    init(labels: [ArraySource], probabilities: [ArraySource]) {
        self.labels = labels
        self.probabilities = probabilities
    }

    mutating func pair() throws(AuditError) {
        let given = labels.map(\.imageName), predicted = probabilities.map(\.imageName)
        let areNamed = !given.isEmpty && !given.contains(nil) && !predicted.contains(nil)
        if areNamed {
            // Files in a row that share no name at all are in a row, not named: l0.npy l1.npy beside p0.npy p1.npy.
            let sharesNames = !Set(given).isDisjoint(with: Set(predicted))
            let areFiles = (labels + probabilities).allSatisfy { $0.entry.memberName == nil }
            if sharesNames || !areFiles || given.count != predicted.count {
                try pairByName(given.compactMap { $0 }, predicted.compactMap { $0 })
                return
            }
        }
        try pairByPosition()
        if !given.contains(nil) && !given.isEmpty { names = given.compactMap { $0 } }
    }

    private mutating func pairByName(_ given: [String], _ predicted: [String]) throws(AuditError) {
        let labelAt = try Self.index(given, labels), probabilityAt = try Self.index(predicted, probabilities)
        try Self.checkPartners(of: given, in: probabilityAt, from: labels, missingIn: probabilities)
        try Self.checkPartners(of: predicted, in: labelAt, from: probabilities, missingIn: labels)
        let order = given.sorted(by: isNaturallyOrdered)
        for name in order {
            if let label = labelAt[name], let probability = probabilityAt[name] {
                pairs.append((Place(source: label, image: 0), Place(source: probability, image: 0)))
            }
        }
        names = order
    }

    private static func index(_ names: [String], _ sources: [ArraySource]) throws(AuditError) -> [String: Int] {
        var index: [String: Int] = [:]
        for (position, name) in names.enumerated() {
            if let other = index.updateValue(position, forKey: name) {
                throw .input(
                    sources[position].displayName,
                    "a second image named \(quoted(name)), after \(sources[other].displayName)",
                    remedy: "give every image its own name")
            }
        }
        return index
    }

    private static func checkPartners(
        of names: [String], in partners: [String: Int], from: [ArraySource], missingIn: [ArraySource]
    ) throws(AuditError) {
        let missing = names.filter { partners[$0] == nil }
        guard let first = missing.first else { return }
        let shown = missing.prefix(5).map(printable).joined(separator: ", ")
        let more = missing.count > 5 ? " and \(missing.count - 5) more" : ""
        let nearest = partners.keys.filter { editDistance($0, first) <= max(1, first.count / 3) }
            .min { (editDistance($0, first), $0) < (editDistance($1, first), $1) }
        throw .input(
            missingIn.first?.path ?? "?",
            "\(missing.count) of \(names.count) images in \(from.first?.path ?? "?") have no partner here: \(shown)\(more)",
            remedy: nearest.map { "is \(quoted(first)) named \(quoted($0)) here? names must be equal" }
                ?? "add or remove images so that names are equal")
    }

    private mutating func pairByPosition() throws(AuditError) {
        let given = Self.places(labels), predicted = Self.places(probabilities)
        guard given.count == predicted.count else {
            let detail =
                labels.count == 1 && probabilities.count == 1
                ? "shapes disagree: pred_probs \(probabilities[0].header.shapeText), \(labels[0].displayName) labels "
                    + labels[0].header.shapeText
                : "\(predicted.count) images in \(probabilities.count) arrays, \(given.count) in the labels"
            throw .input(probabilities.first?.displayName ?? "?", detail, remedy: "export both from the same images")
        }
        pairs = Array(zip(given, predicted).map { (label: $0, probability: $1) })
    }

    private static func places(_ sources: [ArraySource]) -> [Place] {
        sources.enumerated().flatMap { index, source in
            (0..<source.imageCount).map { Place(source: index, image: $0) }
        }
    }

    /// How the output is keyed: by name where there are names, in one array where sizes allow it, else by file and
    /// position.
    func form(images: [ImageEntry]) -> OutputForm {
        if let names { return .named(names) }
        if labels.count == 1 {
            let axes = labels[0].axes
            let size = [axes.height, axes.width]
            return .dense(shape: axes.hasImageAxis ? [axes.imageCount] + size : size)
        }
        let first = images.first
        if images.allSatisfy({ $0.height == first?.height && $0.width == first?.width }) {
            return .dense(shape: [images.count, first?.height ?? 0, first?.width ?? 0])
        }
        return .named(images.map { "\($0.labelSource)_\(stem(labels[$0.labelSource].path))/\($0.labelIndex)" })
    }
}

/// Levenshtein distance, for naming the nearest of some names.
func editDistance(_ a: String, _ b: String) -> Int {
    let left = Array(a.utf8.prefix(200)), right = Array(b.utf8.prefix(200))
    var row = Array(0...right.count)
    for (i, first) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, second) in right.enumerated() {
            let substituted = diagonal + (first == second ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substituted, row[j + 1] + 1, row[j] + 1)
        }
    }
    return row[right.count]
}
