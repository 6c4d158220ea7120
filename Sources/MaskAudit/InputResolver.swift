import NumPyFiles

/// Turns the paths of one input into arrays: files in a row, folders of .npy, archives with one array or one an image.
struct InputResolver {
    let side: InputSide
    let ranks: RankRule
    let selection: InputSelection

    /// Files kept open for the whole run; with more, each is opened when its turn comes.
    static let openFileLimit = 64

    /// The arrays in dataset order: as the paths stand, natural order within folders and archives.
    ///
    /// **Errors.** Whatever makes a path unusable, by its name.
    func resolve() throws(AuditError) -> [ArraySource] {
        var sources: [ArraySource] = []
        for path in selection.paths {
            if pathKind(path) == .folder {
                sources += try folder(path)
            } else {
                sources += try file(path)
            }
        }
        if sources.count > Self.openFileLimit {
            for index in sources.indices where sources[index].imageCount == 1 { sources[index].file = nil }
        }
        return sources
    }

    private func folder(_ path: String) throws(AuditError) -> [ArraySource] {
        let names = try AuditError.wrapping { () throws(ArrayFileError) in try fileNames(inFolder: path) }
            .filter { $0.hasSuffix(".npy") && !$0.hasPrefix(".") }
            .sorted(by: isNaturallyOrdered)
        guard !names.isEmpty else {
            throw .input(
                path, "is a directory without .npy files", remedy: "name a file, or a folder with one .npy an image")
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        var sources: [ArraySource] = []
        for name in names {
            let file = try AuditError.wrapping { () throws(ArrayFileError) in try ArrayFile(path: prefix + name) }
            guard let entry = file.arrays.first, !file.isArchive else {
                throw .input(file.path, "is an archive in a folder of .npy files", remedy: "name archives one by one")
            }
            var source = try array(file, entry, imageName: String(name.dropLast(4)))
            guard source.imageCount == 1 else {
                throw .input(
                    file.path,
                    "\(side.noun) of shape \(source.header.shapeText) hold \(source.imageCount) images; in a folder "
                        + "each file is one image",
                    remedy: "name the files themselves to have them concatenated")
            }
            if names.count > Self.openFileLimit { source.file = nil }
            sources.append(source)
        }
        return sources
    }

    private func file(_ path: String) throws(AuditError) -> [ArraySource] {
        let file = try AuditError.wrapping { () throws(ArrayFileError) in try ArrayFile(path: path) }
        guard file.isArchive else {
            let source = try array(file, file.arrays[0], imageName: nil)
            // A file of one image among several is known by its stem.
            let isNamed = selection.paths.count > 1 && !source.axes.hasImageAxis
            return [isNamed ? try array(file, file.arrays[0], imageName: stem(path)) : source]
        }
        if let key = selection.key {
            return [try array(file, try entry(key, in: file), imageName: nil)]
        }
        guard let first = file.arrays.first else {
            throw .input(path, "the archive has no arrays" + others(file), remedy: "save it with numpy.savez")
        }
        if file.arrays.count == 1 {
            return [try array(file, first, imageName: nil)]
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

    /// An archive with one member an image, in natural order of the names.
    private func imageMembers(_ file: ArrayFile) throws(AuditError) -> [ArraySource] {
        var isAnImage = false
        for entry in file.arrays {
            let header = try? file.header(of: entry)
            if header?.shape.count == ranks.imageRank { isAnImage = true }
        }
        guard isAnImage else {
            throw .input(
                file.path, "\(file.arrays.count) arrays and none with key \(quoted(side.defaultKey))" + contents(file),
                remedy: "name the one to read with \(side.keyOption)")
        }
        var sources: [ArraySource] = []
        var keys: Set<String> = []
        for entry in file.arrays.sorted(by: { isNaturallyOrdered($0.key, $1.key) }) {
            guard keys.insert(entry.key).inserted else {
                throw .input(
                    file.path, "duplicate key \(quoted(entry.key))",
                    remedy: "save the archive again with every array once")
            }
            let source = try array(file, entry, imageName: entry.key)
            guard source.header.shape.count == ranks.imageRank else {
                throw .input(
                    source.displayName,
                    "\(side.noun) of shape \(source.header.shapeText) have \(source.header.shape.count) axes; in an "
                        + "archive with one member an image each has \(ranks.imageRank)",
                    remedy: "name the array to read with \(side.keyOption)")
            }
            sources.append(source)
        }
        return sources
    }

    private func array(_ file: ArrayFile, _ entry: ArrayEntry, imageName: String?) throws(AuditError) -> ArraySource {
        let (header, trailing) = try AuditError.wrapping { () throws(ArrayFileError) in
            (try file.header(of: entry), try file.trailingByteCount(of: entry))
        }
        let name = entry.memberName.map { "\(file.path)[\(printable($0))]" } ?? file.path
        let axes = try ranks.axes(of: header, name: name)
        return ArraySource(
            path: file.path, entry: entry, header: header, displayName: name, imageName: imageName, axes: axes,
            file: file, trailingByteCount: trailing)
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

/// A file's name without folder and `.npy`.
func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
}

/// A name from a file as one harmless line: control characters are escaped, and length is bounded.
public func printable(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars.prefix(120) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            text += "\\u{" + String(scalar.value, radix: 16) + "}"
        default:
            text.unicodeScalars.append(scalar)
        }
    }
    return name.unicodeScalars.count > 120 ? text + "..." : text
}

func quoted(_ name: String) -> String {
    "'" + printable(name) + "'"
}
