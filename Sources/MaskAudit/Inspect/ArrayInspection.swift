public import NumPyFiles

/// What is in a file or folder, array by array.
public struct FileInspection: Sendable {
    public var path: String
    public var isArchive = false
    public var isFolder = false
    /// Bytes on disk.
    public var byteCount = 0
    public var arrays: [ArrayInspection] = []
    /// Members that are no arrays.
    public var otherMembers: [String] = []
    /// Why nothing could be listed.
    public var fault: AuditError?
}

/// One array: what its header says, what its values are, and what the tool would take it for.
public struct ArrayInspection: Sendable {
    /// The key in its archive, or the file's name in its folder; empty for an .npy file.
    public var key: String
    /// nil where it could not be read.
    public var header: ArrayHeader?
    /// Whether the member is deflated; nil outside archives.
    public var isDeflated: Bool?
    /// Bytes of the array, and those that they take in the file.
    public var byteCount = 0
    public var storedByteCount = 0
    /// nil where the data were not read.
    public var statistics: ValueStatistics?
    /// What it would be taken for, in words.
    public var reading = ""
    /// Options that its values call for, and what is odd in them.
    public var hints: [String] = []
    /// What other arrays are compared with; nil where it is neither labels nor probabilities of classes.
    var shown: Shown?
    /// Why it cannot be read.
    public var fault: AuditError?
    /// Whether the fault is only that such arrays are not for this tool: strings, objects, structures.
    public var isForeign = false

    /// Sizes of one image, (H,W), or (D,H,W) of a volume; the largest label that does not mark void pixels.
    enum Shown: Sendable {
        case labels(size: [Int], largest: Int?)
        case probabilities(classes: Int, size: [Int])
    }
}

extension FileInspection {
    /// Adds the options that labels and probabilities call for only beside each other.
    ///
    /// Arrays are compared with the first one of the other kind that has their key, or else with the first of all.
    ///
    /// - Parameter earlier: what was named before this file.
    public mutating func compare(with earlier: [FileInspection]) {
        for index in arrays.indices {
            guard let shown = arrays[index].shown else { continue }
            let others = (earlier.flatMap(\.arrays) + arrays).filter {
                $0.shown.map { $0.isOther(than: shown) } ?? false
            }
            let own = others.first { $0.key == arrays[index].key } ?? others.first
            if let other = own?.shown { arrays[index].hints += shown.hints(beside: other) }
        }
    }
}

extension ArrayInspection.Shown {
    fileprivate func isOther(than other: Self) -> Bool {
        switch (self, other) {
        case (.labels, .probabilities), (.probabilities, .labels): true
        default: false
        }
    }

    fileprivate func hints(beside other: Self) -> [String] {
        switch (self, other) {
        case (.labels(let size, let largest), .probabilities(let classes, let predicted)),
            (.probabilities(let classes, let predicted), .labels(let size, let largest)):
            var hints: [String] = []
            if size.count == 2, predicted.count == 2, predicted != size, !predicted.contains(0),
                zip(predicted, size).allSatisfy({ $0 <= $1 })
            {
                hints.append(
                    "pass --upsample: predictions are \(predicted[0]) x \(predicted[1]), labels \(size[0]) x \(size[1])"
                )
            }
            if let largest, largest == classes {
                hints.append(
                    "pass --reduce-zero-label if 0 marks void pixels, as \(classes) is a label and the last class is "
                        + "\(classes - 1)")
            }
            return hints
        default: return []
        }
    }
}

/// Looks into files: headers always, values where asked.
///
/// **Cost.** One pass over each array in pieces; beside the statistics, one image up to 64 MiB is held.
public struct Inspector: Sendable {
    private let readsData: Bool

    private static let pieceByteCount = 1 << 20
    private static let firstImageLimit = 64 << 20
    /// With more arrays in a file, fewer values of each are kept.
    private static let manyArrays = 256

    public init(readsData: Bool) {
        self.readsData = readsData
    }

    /// Never throws: faults are part of what is found.
    public func inspect(_ path: String) -> FileInspection {
        var result = FileInspection(path: path)
        do throws(AuditError) {
            if path == PipedArray.path {
                try inspectPipe(&result)
            } else if pathKind(path) == .folder {
                result.isFolder = true
                try inspectFolder(path, &result)
            } else {
                try inspectFile(path, &result)
            }
        } catch {
            result.fault = error
        }
        return result
    }

    private func inspectPipe(_ result: inout FileInspection) throws(AuditError) {
        result.path = PipedArray.name
        let stream = try PipedArray().take()
        var array = ArrayInspection(key: "", header: stream.header)
        array.byteCount = stream.header.byteCount
        fill(&array, from: stream, limit: ValueStatistics.distinctLimit)
        array.storedByteCount = stream.bytesRead
        result.byteCount = stream.bytesRead
        result.arrays = [array]
    }

    private func inspectFolder(_ path: String, _ result: inout FileInspection) throws(AuditError) {
        let listing = try FolderListing(path)
        for file in listing.files {
            var one = FileInspection(path: file)
            do throws(AuditError) {
                try inspectFile(file, &one, isOneOfMany: listing.files.count > Self.manyArrays)
            } catch {
                one.arrays = [ArrayInspection(key: "", fault: error)]
            }
            result.byteCount += one.byteCount
            let name = String(decoding: file.utf8.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
            for var array in one.arrays {
                array.key = printable(name) + (array.key.isEmpty ? "" : "[\(array.key)]")
                result.arrays.append(array)
            }
        }
    }

    private func inspectFile(
        _ path: String, _ result: inout FileInspection, isOneOfMany: Bool = false
    ) throws(AuditError) {
        let file = try AuditError.wrapping(try ArrayFile(path: path))
        result.isArchive = file.isArchive
        result.byteCount = file.byteCount
        result.otherMembers = file.otherMembers
        let limit = isOneOfMany || file.arrays.count > Self.manyArrays ? 256 : ValueStatistics.distinctLimit
        for entry in file.arrays {
            var array = ArrayInspection(key: entry.key, isDeflated: file.isArchive ? entry.isDeflated : nil)
            array.storedByteCount = entry.storedByteCount
            do throws(ArrayFileError) {
                let header = try file.header(of: entry)
                array.header = header
                array.byteCount = header.byteCount
                fill(&array, from: try file.stream(entry), limit: limit)
            } catch {
                Self.note(error, in: &array)
            }
            result.arrays.append(array)
        }
        try AuditError.wrapping(try file.checkUnchanged())
    }

    private static func note(_ error: ArrayFileError, in array: inout ArrayInspection) {
        array.fault = .file(error)
        switch error.code {
        case .objectDType, .structuredDType, .unsupportedDType: array.isForeign = true
        default: break
        }
    }

    /// Reads the values and finds out what they are.
    private func fill(_ array: inout ArrayInspection, from stream: ArrayStream, limit: Int) {
        let header = stream.header
        var sample: [UInt8] = []
        if readsData {
            do throws(ArrayFileError) {
                array.statistics = try statistics(of: stream, limit: limit, sample: &sample)
            } catch {
                Self.note(error, in: &array)
            }
        }
        let verdict = ArrayReading(
            key: array.key, header: header, statistics: array.statistics, firstImage: sample)
        array.reading = verdict.text
        array.shown = verdict.shown
        array.hints = verdict.hints
    }

    private func statistics(
        of stream: ArrayStream, limit: Int, sample: inout [UInt8]
    ) throws(ArrayFileError) -> ValueStatistics {
        let header = stream.header
        let sampleByteCount = ArrayReading.firstImageByteCount(header).flatMap { $0 <= Self.firstImageLimit ? $0 : nil }
        var statistics = ValueStatistics(dtype: header.dtype, distinctLimit: limit)
        var piece: [UInt8] = []
        var left = header.byteCount
        while left > 0 {
            try stream.read(count: min(left, Self.pieceByteCount), into: &piece)
            left -= piece.count
            statistics.add(piece)
            if let sampleByteCount, sample.count < sampleByteCount {
                sample += piece.prefix(sampleByteCount - sample.count)
            }
        }
        _ = try stream.finish()
        statistics.finish()
        return statistics
    }
}
