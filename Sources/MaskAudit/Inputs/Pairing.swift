import NumPyFiles

/// Pairs label images with probability images: by name where both sides have names, else by position.
///
/// Names that are unequal throughout are compared without what all names of their side begin and end with.
struct Pairing {
    struct Place: Equatable {
        var source: Int
        var image: Int
    }

    private(set) var labels: [ArraySource]
    private(set) var probabilities: [ArraySource]
    private(set) var pairs: [(label: Place, probability: Place)] = []
    /// Whether names paired the images.
    private(set) var isByName = false
    private var names: [String]?
    /// How names paired images although they are unequal; nil where they are equal.
    private(set) var note: String?

    init(labels: [ArraySource], probabilities: [ArraySource]) {
        self.labels = labels
        self.probabilities = probabilities
    }

    mutating func pair() throws(AuditError) {
        let given = labels.map(\.imageName)
        let predicted = probabilities.map(\.imageName)
        let areNamed = !given.isEmpty && !given.contains(nil) && !predicted.contains(nil)
        if areNamed {
            // Files in a row that share no name at all are in a row, not named: l0.npy l1.npy beside p0.npy p1.npy.
            let sharesNames = !Set(given).isDisjoint(with: Set(predicted))
            let areFilesInARow = (labels + probabilities).allSatisfy { $0.entry?.memberName == nil && !$0.isInFolder }
            if sharesNames || !areFilesInARow || given.count != predicted.count {
                try pairByName(given.compactMap { $0 }, predicted.compactMap { $0 })
                return
            }
        }
        try pairByPosition()
        if !given.contains(nil) && !given.isEmpty {
            names = given.compactMap { $0 }
            _ = try Self.index(names ?? [], labels)
        } else if labels.count == 1, probabilities.count == 1, let key = labels[0].loneKey,
            key == probabilities[0].loneKey
        {
            // A dataset of one array per image that has one image.
            names = [key]
        }
    }

    private mutating func pairByName(_ given: [String], _ predicted: [String]) throws(AuditError) {
        let labelAt = try Self.index(given, labels)
        let probabilityAt = try Self.index(predicted, probabilities)
        var partners: [String: String] = [:]
        var missing = given.filter { probabilityAt[$0] == nil }
        var extra = predicted.filter { labelAt[$0] == nil }
        if missing.count == given.count, let found = NameCores.partners(of: given, among: predicted) {
            partners = found
            (missing, extra) = ([], [])
        }
        if !missing.isEmpty {
            throw Partners(
                names: given, missing: missing, place: labels, otherPlace: probabilities, otherMissing: extra
            )
            .fault
        }
        if !extra.isEmpty {
            throw Partners(names: predicted, missing: extra, place: probabilities, otherPlace: labels, otherMissing: [])
                .fault
        }
        let order = inNaturalOrder(given, by: \.self)
        if let first = order.first, let partner = partners[first] {
            note =
                "names are paired without what all names of a side begin and end with, as \(quoted(first)) of the labels "
                + "and \(quoted(partner)) of the pred_probs"
        }
        for name in order {
            if let label = labelAt[name], let probability = probabilityAt[partners[name] ?? name] {
                pairs.append((Place(source: label, image: 0), Place(source: probability, image: 0)))
            }
        }
        names = order
        isByName = true
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

    private mutating func pairByPosition() throws(AuditError) {
        let given = Self.places(labels)
        let predicted = Self.places(probabilities)
        guard given.count == predicted.count else {
            if labels.count == 1 && probabilities.count == 1 {
                throw Dataset.shapesDisagree(labels[0], probabilities[0])
            }
            throw .input(
                probabilities.first?.displayName ?? "?",
                "\(predicted.count) images in \(probabilities.count) arrays, \(given.count) in the labels",
                remedy: "export both from the same images")
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
            return .dense(shape: axes.hasImageAxis ? [axes.imageCount] + axes.shape : axes.shape)
        }
        let shape = images.first?.shape ?? labels.first?.axes.shape ?? [0, 0]
        if images.allSatisfy({ $0.shape == shape }) { return .dense(shape: [images.count] + shape) }
        return .named(images.map { "\($0.labelSource)_\(stem(labels[$0.labelSource].path))/\($0.labelIndex)" })
    }
}
