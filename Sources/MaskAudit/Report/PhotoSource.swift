import NumPyFiles

/// Photographs of a dataset's images: uint8 (N,H,W,3), or one array per image.
struct PhotoSource: Sendable {
    let sources: [ArraySource]
    let access: [ArrayAccess]
    /// For each image of the dataset, the array of its photograph and the position in it; nil where there is no photograph.
    let places: [(source: Int, image: Int)?]

    /// Pairs by name where both sides have names, else by position.
    ///
    /// **Errors.** Another number of images than the labels have, another size, no name in common.
    init(_ selection: InputSelection, plan: DatasetPlan, dataset: Dataset, temporaryFolder: String) throws(AuditError) {
        let sources = try InputResolver(side: .images, ranks: RankRule(plan: plan, side: .images), selection: selection)
            .resolve()
        var places: [(source: Int, image: Int)?] = []
        if case .named(let names) = dataset.form, !sources.contains(where: { $0.imageName == nil }) {
            var byName: [String: Int] = [:]
            for (index, source) in sources.enumerated() {
                if let name = source.imageName { byName[name] = index }
            }
            places = names.map { name in byName[name].map { ($0, 0) } }
            guard places.contains(where: { $0 != nil }) else {
                throw .input(
                    selection.paths[0], "no image has a name that a label has, such as \(quoted(names.first ?? ""))",
                    remedy: "give images the names of their labels")
            }
        } else {
            for (index, source) in sources.enumerated() {
                for image in 0..<source.imageCount { places.append((index, image)) }
            }
            guard places.count == dataset.images.count else {
                throw .input(
                    selection.paths[0], "\(places.count) images for \(dataset.images.count) labels",
                    remedy: "export both from the same images")
            }
        }
        for (index, place) in places.enumerated() {
            guard let place else { continue }
            let source = sources[place.source]
            let image = dataset.images[index]
            guard source.axes.shape == image.shape else {
                func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " x ") }
                throw .input(
                    source.displayName,
                    "\(dataset.imageText(index)) is \(text(source.axes.shape)) pixels, its labels \(text(image.shape))",
                    remedy: "resize the images to their labels")
            }
        }
        var access: [ArrayAccess] = []
        for source in sources { access.append(try source.access(temporaryFolder: temporaryFolder)) }
        self.sources = sources
        self.access = access
        self.places = places
    }

    /// Throws where a file changed on disk since it was opened.
    func checkUnchanged() throws(AuditError) {
        try AuditError.wrapping { () throws(ArrayFileError) in
            for case .mapped(let array) in access { try array.check() }
            for source in sources { try source.file?.checkUnchanged() }
        }
    }

    /// Red, green and blue of a part of an image, whatever the order in the file.
    ///
    /// - Parameter rows: of a volume counted through all of its slices.
    func pixels(
        source index: Int, image: Int, rows: Range<Int>, columns: Range<Int>, _ bytes: ImageBytes
    ) -> [UInt8] {
        let source = sources[index]
        let axes = source.axes
        let base = source.base(image: image)
        var out: [UInt8] = []
        out.reserveCapacity(3 * rows.count * columns.count)
        bytes.withBytes { raw in
            for row in rows {
                for column in columns {
                    let at = base + axes.offset(ofPixel: row * axes.width + column)
                    for channel in 0..<3 { out.append(raw.byte(at + channel * axes.classStride)) }
                }
            }
        }
        return out
    }
}

extension RawSpan {
    /// The byte at an offset; outside is a precondition.
    func byte(_ offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount, "beyond the bytes")
        return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
