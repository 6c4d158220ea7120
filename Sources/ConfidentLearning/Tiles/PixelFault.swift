/// What is wrong with the probabilities of a pixel.
public enum ProbabilityFault: Sendable, Equatable {
    case notANumber
    case infinite
    case negative
    /// Above the largest float16, with `--unnormalized`.
    case tooLarge
    /// The sum over classes is further than 0.01 from 1.
    case sum
}

/// A probability that cannot be judged, and its place in the run of pixels that was looked at.
public struct PixelFault: Error, Sendable, Equatable {
    public let fault: ProbabilityFault
    /// Nil where the fault is one of the whole pixel: its sum.
    public let classIndex: Int?
    public let pixel: Int
    /// The value, or the sum.
    public let value: Double
}

/// What probabilities must be like.
public enum ProbabilityCheck: Sendable, Equatable {
    /// Finite, not negative, and sums over classes within 0.01 of 1.
    case normalized
    /// Finite, not negative, at most 65,504.
    case unnormalized
    /// Averages of values that were checked already. Only a value that is not finite is a fault; it came from ignored
    /// pixels.
    case trusted

    /// How far a sum over classes may be from 1.
    public static let sumTolerance = 0.01
    /// The largest float16.
    public static let largestScore = 65_504.0

    /// The fault of one pixel's probabilities, if there is any. Of several, NaN comes first, then an infinity, then a
    /// negative value, then the sum.
    func fault(in vector: [Double], pixel: Int) -> PixelFault? {
        func first(_ fault: ProbabilityFault, _ isBad: (Double) -> Bool) -> PixelFault? {
            vector.firstIndex(where: isBad).map {
                PixelFault(fault: fault, classIndex: $0, pixel: pixel, value: vector[$0])
            }
        }
        if let found = first(.notANumber, \.isNaN) ?? first(.infinite, \.isInfinite) { return found }
        if let found = first(.negative, { $0 < 0 }) { return found }
        switch self {
        case .trusted:
            return nil
        case .unnormalized:
            return first(.tooLarge) { $0 > Self.largestScore }
        case .normalized:
            let sum = vector.reduce(0, +)
            guard abs(sum - 1) > Self.sumTolerance else { return nil }
            return PixelFault(fault: .sum, classIndex: nil, pixel: pixel, value: sum)
        }
    }
}
