import CPixelKernels
import TestSupport
import Testing

@testable import ConfidentLearning

/// The flag that sends a tile to the slow look, by this machine's kernels and by the portable path. Of -0.0 either may
/// think what it likes: it is no fault.
@Suite struct KernelFlagTests {
    static let bounds = mlk_bounds(lowest_sum: 0.9905, highest_sum: 1.0095, highest_value: .infinity)

    @Test("all paths flag the same tiles", arguments: [PlaneType.float16, .float32, .float64])
    func flags(type: PlaneType) {
        let values: [(Double, isOdd: Bool)] = [
            (.nan, true), (-.nan, true), (.infinity, true), (-.infinity, true), (-0.25, true), (0, false),
            (0.75, true), (6e-8, false),
        ]
        for count in [1, 7, 8, 15, 16, 17, 24, 70] {
            for classCount in [2, 4, 5, 9] {
                for (value, isOdd) in values {
                    for place in [0, count - 1] {
                        for oddClass in [0, classCount - 2] {
                            let planes = Planes(type, classCount: classCount, count: count) {
                                $1 == place && $0 == oddClass ? value : $0 == classCount - 1 ? 1 : 0
                            }
                            let state = TileState()
                            let labels = [Int32](repeating: 0, count: count)
                            let portable = unsafe state.portableArgmax(
                                planes.tile, in: planes.bytes.span.bytes, labels: labels.span, bounds: Self.bounds)
                            for path in KernelPath.available.dropFirst() {
                                let kernel = unsafe state.kernelArgmax(
                                    planes.tile, in: planes.bytes.span.bytes, labels: labels.span, bounds: Self.bounds,
                                    path: path)
                                #expect(
                                    kernel == isOdd,
                                    "\(path), \(value), class \(oddClass) of \(classCount), \(count) pixels")
                            }
                            #expect(
                                portable == isOdd,
                                "portable, \(value), class \(oddClass) of \(classCount), \(count) pixels")
                        }
                    }
                }
            }
        }
    }
}
