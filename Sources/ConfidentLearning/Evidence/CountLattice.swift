/// Which pixels of an image are counted by ratio: all of them, or of large images those in even rows and columns, whose
/// neighbours have little to add.
public struct CountLattice: Sendable {
    private let width: Int
    private let step: Int

    /// Both sides of a large image are at least as long.
    static let largeSide = 512

    public init(height: Int, width: Int) {
        self.width = width
        step = min(height, width) >= Self.largeSide ? 2 : 1
    }

    /// Whether a pixel lies on the lattice, counted from the image's first.
    func contains(_ pixel: Int) -> Bool {
        step == 1 || (pixel / width) % step == 0 && (pixel % width) % step == 0
    }

    /// Replaces `chosen` by the positions of those labels that are not ignored and lie on the lattice.
    ///
    /// - Parameter first: the pixel of the first label.
    func choose(_ labels: Span<Int32>, first: Int, into chosen: inout [UInt16]) {
        chosen.removeAll(keepingCapacity: true)
        var start = 0
        while start < labels.count {
            let row = (first + start) / width
            let end = min(labels.count, (row + 1) * width - first)
            if row % step == 0 {
                let column = first + start - row * width
                for at in stride(from: start + column % step, to: end, by: step) where labels[at] >= 0 {
                    chosen.append(UInt16(at))
                }
            }
            start = end
        }
    }
}
