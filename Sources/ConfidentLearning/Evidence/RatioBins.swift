internal import CPixelKernels

/// Bins of how many times as probable as another class the predicted class of a pixel is.
///
/// **Source.** The limits are e^0.5, e, e^2, e^3, e^4, e^6 and e^8, as NumPy's exp gives them.
enum RatioBins {
    static let count = MLK_RATIO_BINS
    static let limits = [
        1.6487212707001282, 2.718281828459045, 7.38905609893065, 20.085536923187668, 54.598150033144236,
        403.4287934927351, 2980.9579870417283,
    ]

    /// How many limits `top` reaches as a multiple of `other`.
    ///
    /// Products are compared and no quotients, as the kernel does it, so that 0 is as good a probability as any.
    static func bin(of top: Double, over other: Double) -> Int {
        var bin = 0
        while bin < limits.count && top >= limits[bin] * other { bin += 1 }
        return bin
    }
}

/// A cell of counts: a predicted class, another class, and the bin of the ratio of their probabilities.
///
/// **Units.** Its number counts predicted classes first, then other classes, then bins.
public struct CountCell: Sendable, Equatable {
    var number: UInt32

    public init(predicted: Int, other: Int, top: Double, low: Double, classCount: Int) {
        number = UInt32((predicted * classCount + other) * RatioBins.count + RatioBins.bin(of: top, over: low))
    }
}
