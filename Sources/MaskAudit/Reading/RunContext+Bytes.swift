import NumPyFiles

extension RunContext {
    func access(_ side: InputSide) -> [ArrayAccess] { side == .labels ? labelAccess : probabilityAccess }

    func sources(_ side: InputSide) -> [ArraySource] { side == .labels ? dataset.labels : dataset.probabilities }

    func place(of index: Int, _ side: InputSide) -> (source: Int, image: Int) {
        let image = dataset.images[index]
        return side == .labels
            ? (image.labelSource, image.labelIndex) : (image.probabilitySource, image.probabilityIndex)
    }

    /// Opens the on-demand images of a unit in the calling thread; returns the bytes read from their files.
    func openOnDemand(_ unit: WorkUnit, _ side: InputSide, _ bytes: inout [ImageBytes]) throws(AuditError) -> Int {
        var buffers = BufferPool()
        return try openOnDemand(unit, side, &bytes, reusing: &buffers)
    }

    func openOnDemand(
        _ unit: WorkUnit, _ side: InputSide, _ bytes: inout [ImageBytes], reusing buffers: inout BufferPool
    ) throws(AuditError) -> Int {
        var bytesRead = 0
        for (number, index) in unit.images.enumerated() {
            let source = place(of: index, side).source
            guard case .onDemand = access(side)[source] else { continue }
            let read = try sources(side)[source].readOnDemand(
                reusing: &buffers, temporaryFolder: temporaryFolder)
            bytes[number] = read.bytes
            bytesRead += read.fileBytesRead
        }
        return bytesRead
    }

    /// Throws where a file that was opened for one unit has changed. Files that stay open are checked once, at the end.
    func checkOnDemand(_ unit: WorkUnit, _ side: InputSide, _ bytes: [ImageBytes]) throws(AuditError) {
        try AuditError.wrapping { () throws(ArrayFileError) in
            for (number, index) in unit.images.enumerated() {
                guard case .onDemand = access(side)[place(of: index, side).source],
                    case .mapped(let array, _) = bytes[number]
                else { continue }
                try array.check()
            }
        }
    }

    /// Throws where an input that is held open changed on disk since the run began.
    func checkUnchanged() throws(AuditError) {
        try AuditError.wrapping { () throws(ArrayFileError) in
            for access in labelAccess + probabilityAccess {
                if case .mapped(let array) = access { try array.check() }
            }
            for source in dataset.labels + dataset.probabilities {
                try source.file?.checkUnchanged()
            }
        }
    }

    /// How many bytes of an image, and of each of its planes, are given back at once. Every call stops the other threads for
    /// a moment: one for every plane of every unit would take a third of a run with many classes.
    private static let releasedByteCount = 32 << 20
    private static let releasedPlaneByteCount = 2 << 20

    /// The rows to give back once `part` is scanned: those since the last whole group of rows; nil within a group.
    private func releasedRows(after part: Range<Int>, planeBytesPerRow: Int, planes: Int) -> Range<Int>? {
        let bytesPerRow = max(1, planeBytesPerRow)
        let group = max(1, Self.releasedByteCount / (bytesPerRow * planes), Self.releasedPlaneByteCount / bytesPerRow)
        guard part.upperBound / group > part.lowerBound / group else { return nil }
        return part.lowerBound / group * group..<part.upperBound
    }

    /// Gives back the pages of labels and probabilities that were read in place: what was scanned is not needed again soon.
    func release(_ unit: WorkUnit, _ side: InputSide, _ bytes: [ImageBytes]) {
        // Small images that follow one another in one array go together.
        if unit.images.count > 1, case .mapped(let array, let first) = bytes.first,
            case .mapped(let other, let last) = bytes.last, array === other, first.lowerBound < last.lowerBound,
            sources(side)[place(of: unit.images.lowerBound, side).source].axes.isImageContiguous
        {
            array.release(max(0, 2 * first.lowerBound - last.upperBound)..<last.upperBound)
            return
        }
        for (number, index) in unit.images.enumerated() {
            guard case .mapped(let array, let range) = bytes[number] else { continue }
            let source = sources(side)[place(of: index, side).source]
            guard source.axes.isImageContiguous else { continue }
            let axes = source.axes
            let size = source.header.dtype.byteCount
            let height = dataset.images[index].height
            // Rows of a unit are the labels'; of probabilities that are enlarged they say nothing before the last.
            if axes.height != height, let part = unit.rows, part.upperBound < height { continue }
            if let part = unit.rows, part.upperBound < axes.height, axes.runs(ofRows: part) != nil {
                guard
                    let rows = axes.isPlanar
                        ? releasedRows(after: part, planeBytesPerRow: axes.width * size, planes: axes.classCount)
                        : part
                else { continue }
                for run in axes.runs(ofRows: rows) ?? [] {
                    array.release(range.lowerBound + run.lowerBound * size..<range.lowerBound + run.upperBound * size)
                }
            } else {
                // With its last rows the whole image is given back, and so is the image before it, whose rows another thread
                // may have finished late: the kernel maps pages around those that are touched, other planes' among them.
                array.release(max(0, range.lowerBound - range.count)..<range.upperBound)
            }
        }
    }
}
