import NumPyFiles

/// Turns the paths of one input into arrays. A path names a file, a folder with one file per image, an archive with one
/// array or one per image, or standard input.
struct InputResolver {
    let side: InputSide
    let ranks: RankRule
    let selection: InputSelection

    /// Files kept open for the whole run; beyond it, files of one image are opened when their turn comes.
    static let openFileLimit = 64

    /// The arrays in dataset order: as the paths stand, in natural order within folders, in the archive's within archives.
    ///
    /// **Errors.** Whatever makes a path unusable, by its name.
    func resolve() throws(AuditError) -> [ArraySource] {
        var sources: [ArraySource] = []
        var openCount = 0
        for path in selection.paths {
            if path == PipedArray.path {
                sources.append(try standardInput())
            } else if pathKind(path) == .folder {
                for file in try FolderListing(path).files {
                    sources.append(try imageFile(file, folder: path))
                    Self.limitOpenFiles(&sources, from: sources.count - 1, &openCount)
                }
            } else {
                let first = sources.count
                sources += try file(path)
                Self.limitOpenFiles(&sources, from: first, &openCount)
            }
        }
        try Self.checkSize(sources)
        return sources
    }

    /// Most images: each takes some fifty bytes of memory, whatever its file holds.
    private static let imageLimit = 1 << 24
    /// Most images without pixels, of which a header can claim any number.
    private static let emptyImageLimit = 1 << 20
    /// Most pixels: far more than there are, and no sum of theirs overflows.
    private static let pixelLimit = 1 << 48

    /// Throws where arrays have more images or pixels than a run can take.
    private static func checkSize(_ sources: [ArraySource]) throws(AuditError) {
        var images = 0
        var pixels = 0
        for source in sources {
            let isEmpty = source.axes.elementsPerImage == 0
            let limit = isEmpty ? emptyImageLimit : imageLimit
            guard source.imageCount <= limit - images else {
                throw .input(
                    source.displayName,
                    "shape \(source.header.shapeText) has more than \(limit) images\(isEmpty ? " without pixels" : "")"
                        + (images > 0 ? " with the \(images) before it" : ""),
                    remedy: isEmpty ? "leave out images without pixels" : "cut the dataset into shards")
            }
            images += source.imageCount
            // The product is no more than the header's, which was multiplied when it was read.
            let (sum, isOver) = pixels.addingReportingOverflow(source.imageCount * source.axes.pixelCount)
            guard !isOver, sum <= pixelLimit else {
                throw .input(
                    source.displayName, "has more than 2^48 pixels with the arrays before it",
                    remedy: "cut the dataset into shards")
            }
            pixels = sum
        }
    }

    /// Closes the file behind the sources from `first` on when many are open and it is cheap to open again.
    private static func limitOpenFiles(_ sources: inout [ArraySource], from first: Int, _ openCount: inout Int) {
        openCount += 1
        guard openCount > openFileLimit, sources.count == first + 1, sources[first].imageCount == 1 else { return }
        sources[first].file = nil
        openCount -= 1
    }

    private func standardInput() throws(AuditError) -> ArraySource {
        let pipe = try PipedArray()
        let axes = try ranks.axes(of: pipe.header, name: PipedArray.name)
        guard axes.isImageContiguous else {
            throw .input(
                PipedArray.name, "\(side.noun) of several images are in Fortran order, C order is needed in a pipe",
                remedy: "write numpy.ascontiguousarray(array), or save to a file and name that")
        }
        return ArraySource(
            path: PipedArray.devicePath, givenPath: PipedArray.path, entry: nil, header: pipe.header,
            displayName: PipedArray.name, imageName: nil, axes: axes, pipe: pipe, trailingByteCount: 0)
    }

    /// One image, named by its file.
    private func imageFile(_ path: String, folder: String) throws(AuditError) -> ArraySource {
        let file = try AuditError.wrapping(try ArrayFile(path: path))
        let source = try array(file, try imageEntry(file), imageName: stem(path), givenPath: folder)
        guard source.imageCount == 1 else {
            throw .input(
                file.path,
                "\(side.noun) of shape \(source.header.shapeText) hold \(source.imageCount) images; in a folder "
                    + "each file is one image",
                remedy: side == .labels && source.header.mayHoldColours
                    ? ArraySource.colourRemedy
                    : "name the files themselves to have them concatenated"
                        + (ranks.wouldBeVolumes([source.header]) ? "; for volumes, pass --volumes" : ""))
        }
        return source
    }

    /// The one array of a file in a folder, whatever its key.
    private func imageEntry(_ file: ArrayFile) throws(AuditError) -> ArrayEntry {
        guard let first = file.arrays.first else { throw noArrays(file) }
        guard file.isArchive else { return first }
        if let key = selection.key { return try entry(key, in: file) }
        if file.arrays.count == 1 { return first }
        guard file.arrays.contains(where: { $0.key == side.defaultKey }) else {
            throw .input(
                file.path,
                "\(file.arrays.count) arrays in a file of a folder, where each file is one image"
                    + contents(file), remedy: "name the one to read with \(side.keyOption)")
        }
        return try entry(side.defaultKey, in: file)
    }

    private func noArrays(_ file: ArrayFile) -> AuditError {
        .input(file.path, "the archive has no arrays" + others(file), remedy: "save it with numpy.savez")
    }

    private func file(_ path: String) throws(AuditError) -> [ArraySource] {
        let file = try AuditError.wrapping(try ArrayFile(path: path))
        guard file.isArchive else {
            let source = try array(file, file.arrays[0], imageName: nil)
            // A file of one image among several is known by its stem.
            let isNamed = selection.paths.count > 1 && !source.axes.hasImageAxis
            return [isNamed ? try array(file, file.arrays[0], imageName: stem(path)) : source]
        }
        if let key = selection.key {
            return [try array(file, try entry(key, in: file), imageName: nil)]
        }
        guard let first = file.arrays.first else { throw noArrays(file) }
        if file.arrays.count == 1 {
            var source = try array(file, first, imageName: nil)
            if !source.axes.hasImageAxis { source.loneKey = first.key }
            return [source]
        }
        if file.arrays.contains(where: { $0.key == side.defaultKey }) {
            return [try array(file, try entry(side.defaultKey, in: file), imageName: nil)]
        }
        return try imageMembers(file)
    }

    private func entry(_ key: String, in file: ArrayFile) throws(AuditError) -> ArrayEntry {
        let matches = file.arrays.filter { $0.key == key }
        guard let match = matches.first else {
            throw .input(
                file.path, "no array with key \(quoted(key))" + contents(file),
                remedy: "name one of them with \(side.keyOption)")
        }
        guard matches.count == 1 else {
            throw .input(
                file.path, "duplicate key \(quoted(key)): \(matches.count) members have it",
                remedy: "save the archive again with every array once")
        }
        return match
    }

    /// An archive with one member per image, in the archive's order, names that differ in numbers alone in natural order.
    private func imageMembers(_ file: ArrayFile) throws(AuditError) -> [ArraySource] {
        var keys: Set<String> = []
        for entry in file.arrays {
            guard keys.insert(entry.key).inserted else {
                throw .input(
                    file.path, "duplicate key \(quoted(entry.key))",
                    remedy: "save the archive again with every array once")
            }
        }
        // Members are told apart by their number of axes: all images keep a batch axis of length 1, or none does.
        var byRank: [Int: [ArrayEntry]] = [:]
        for entry in file.arrays {
            if let rank = try imageRank(entry, in: file) { byRank[rank, default: []].append(entry) }
        }
        let images = byRank.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.value ?? []
        guard images.count == file.arrays.count else { throw notAllImages(file, images: images) }
        var sources: [ArraySource] = []
        for entry in inNaturalOrder(images, by: \.key) {
            sources.append(try array(file, entry, imageName: entry.key))
        }
        return sources
    }

    /// Axes of a member that is one image by its shape. Members of a dtype that is not read are none.
    private func imageRank(_ entry: ArrayEntry, in file: ArrayFile) throws(AuditError) -> Int? {
        do throws(ArrayFileError) {
            let header = try file.header(of: entry)
            return ranks.isOneImage(header) ? header.shape.count : nil
        } catch {
            switch error.code {
            case .objectDType, .structuredDType, .unsupportedDType: return nil
            default: throw .file(error)
            }
        }
    }

    private func notAllImages(_ file: ArrayFile, images: [ArrayEntry]) -> AuditError {
        let known = Set(images)
        let others = file.arrays.filter { !known.contains($0) }
        guard let odd = others.first, images.count >= 2 * others.count else {
            let headers = file.arrays.compactMap { try? file.header(of: $0) }
            return .input(
                file.path, "\(file.arrays.count) arrays and none with key \(quoted(side.defaultKey))" + contents(file),
                remedy: "name the one to read with \(side.keyOption)"
                    + (ranks.wouldBeVolumes(headers) ? "; if each is a volume, pass --volumes" : ""))
        }
        let header = try? file.header(of: odd)
        return .input(
            file.path,
            "\(images.count) of \(file.arrays.count) arrays are \(side.noun) of one image, \(quoted(odd.key)) is not"
                + (header.map { ": \($0.shapeText) \($0.dtype.name)" } ?? ""),
            remedy: "leave it out of the archive, or name the one array to read with \(side.keyOption)")
    }

    private func array(
        _ file: ArrayFile, _ entry: ArrayEntry, imageName: String?, givenPath: String? = nil
    ) throws(AuditError) -> ArraySource {
        let (header, trailing) = try AuditError.wrapping(
            (try file.header(of: entry), try file.trailingByteCount(of: entry)))
        let name = entry.memberName.map { "\(file.path)[\(printable($0))]" } ?? file.path
        if trailing > 0, let count = try? file.arrayCount(of: entry), count > 1 {
            throw .input(
                name, "holds \(count) arrays one after another, of which numpy.load reads the first",
                remedy: "save them as one array with numpy.stack, or each in a file of its own")
        }
        let axes = try ranks.axes(of: header, name: name, isAlone: imageName != nil)
        return ArraySource(
            path: file.path, givenPath: givenPath ?? file.path, entry: entry, header: header, displayName: name,
            imageName: imageName, axes: axes, file: file, stamp: file.stamp, trailingByteCount: trailing)
    }

    /// The arrays of an archive with their shapes and dtypes, the first ones.
    private func contents(_ file: ArrayFile) -> String {
        guard !file.arrays.isEmpty else { return " (the archive has no arrays)" }
        let shown = file.arrays.prefix(8).map { entry in
            let header = try? file.header(of: entry)
            return printable(entry.key) + (header.map { " \($0.shapeText) \($0.dtype.name)" } ?? "")
        }
        let more = file.arrays.count - shown.count
        return " (the archive has: " + shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "") + ")"
    }

    private func others(_ file: ArrayFile) -> String {
        file.otherMembers.isEmpty ? "" : " (it holds: " + file.otherMembers.prefix(4).joined(separator: ", ") + ")"
    }
}
