import Locking

/// Counts how far a run is. Drawing is left to the caller.
public final class ProgressMeter: Sendable {
    /// A state of the run worth showing.
    public struct Report: Sendable, Equatable {
        public var pass: Int
        /// Passes that the run is expected to take.
        public var passTotal = 2
        public var images: Int
        public var imageTotal: Int
        public var pixels: Int
        public var pixelTotal: Int
    }

    private let report: Mutex<Report>
    private let show: (@Sendable (Report) -> Void)?

    /// - Parameter show: called from any thread after every unit; nil where nobody looks.
    public init(show: (@Sendable (Report) -> Void)? = nil) {
        report = Mutex(Report(pass: 0, images: 0, imageTotal: 0, pixels: 0, pixelTotal: 0))
        self.show = show
    }

    /// - Parameter passTotal: passes of the run, from here on; nil leaves it.
    func begin(pass: Int, of passTotal: Int? = nil, _ dataset: Dataset) {
        let (imageCount, pixelCount) = (dataset.images.count, dataset.pixelCount)
        report.withLock {
            let passTotal = passTotal ?? $0.passTotal
            $0 = Report(
                pass: pass, passTotal: passTotal, images: 0, imageTotal: imageCount, pixels: 0, pixelTotal: pixelCount)
        }
    }

    func advance(pixels: Int, images: Int) {
        guard let show else { return }
        let now = report.withLock {
            $0.pixels += pixels
            $0.images += images
            return $0
        }
        show(now)
    }
}
