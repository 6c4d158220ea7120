import NumPyFiles

/// Where the labels of one image lie within some bytes.
struct LabelView: Sendable {
    var axes: ImageAxes
    var decoder: LabelDecoder
    var isOneHot: Bool
    /// Element of the image's first value.
    var base: Int

    func element(_ pixel: Int) -> Int { base + axes.offset(ofPixel: pixel) }

    /// One plane of one-hot labels: 1 where the pixel is of that class.
    func plane(_ classIndex: Int) -> LabelView {
        var view = self
        view.base += classIndex * axes.classStride
        view.axes.classCount = 1
        view.isOneHot = false
        return view
    }

    /// Replaces `labels` by the given classes of a run of pixels, -1 where ignored.
    ///
    /// **Errors.** The first label that cannot be used; its pixel counts from the image's first.
    func load(_ bytes: RawSpan, pixel: Int, count: Int, into labels: inout [Int32]) throws(LabelFault) {
        labels.removeAll(keepingCapacity: true)
        let isOneRun = axes.isOneRun
        var done = 0
        var row: [Int32] = []
        while done < count {
            let at = pixel + done
            let run = min(count - done, axes.runLength(fromPixel: at))
            let element = element(at)
            do throws(LabelFault) {
                if isOneRun {
                    try decode(bytes, element: element, count: run, into: &labels)
                } else {
                    try decode(bytes, element: element, count: run, into: &row)
                    labels.append(contentsOf: row)
                }
            } catch {
                throw LabelFault(kind: error.kind, pixel: error.pixel + at, value: error.value, integer: error.integer)
            }
            done += run
        }
    }

    private func decode(_ bytes: RawSpan, element: Int, count: Int, into labels: inout [Int32]) throws(LabelFault) {
        if isOneHot {
            try decoder.decodeOneHot(
                bytes, offset: element, pixelStride: axes.columnStride, classStride: axes.classStride, count: count,
                into: &labels)
        } else {
            try decoder.decode(bytes, offset: element, stride: axes.columnStride, count: count, into: &labels)
        }
    }
}
