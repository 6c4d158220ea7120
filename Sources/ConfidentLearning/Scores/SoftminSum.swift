internal import Libc

/// The softmin score of an image, added up run by run: `sum_x s_x w_x` with `w = softmax((1 - s) / T)` over its counted
/// pixels.
///
/// Weights are relative to the lowest self-confidence so far: `exp((lowest - s) / T)`. The greatest weight is then 1
/// for any T, and sums so far are scaled down when a lower self-confidence comes. Sums of parts can be merged. The
/// order of merging shows in the last bits, as floating-point addition is not associative, so callers merge in a fixed
/// order.
///
/// **Edge cases.** Without a counted pixel there is no score. A temperature near 0 gives the lowest self-confidence,
/// and a large one the mean.
/// **Source.** cleanlab `segmentation/rank.py`, `get_label_quality_scores`.
public struct SoftminSum: Sendable, Equatable {
    public let temperature: Double
    /// How many counted pixels were added.
    public private(set) var count = 0
    private var lowest = Double.infinity
    private var weights = 0.0
    private var weightedScores = 0.0

    /// cleanlab's default temperature.
    public static let defaultTemperature = 0.1

    public init(temperature: Double = Self.defaultTemperature) {
        precondition(temperature > 0, "a temperature is above 0")
        self.temperature = temperature
    }

    /// Adds a run of pixels; NaN stands for an ignored one.
    public mutating func add(_ selfConfidence: Span<Double>) {
        var runLowest = Double.infinity
        for pixel in 0..<selfConfidence.count where selfConfidence[pixel] < runLowest {
            runLowest = selfConfidence[pixel]
        }
        guard runLowest < .infinity else { return }
        lower(to: runLowest)
        var runWeights = 0.0
        var runScores = 0.0
        var runCount = 0
        for pixel in 0..<selfConfidence.count {
            let score = selfConfidence[pixel]
            guard !score.isNaN else { continue }
            let weight = exp((lowest - score) / temperature)
            runWeights += weight
            runScores += weight * score
            runCount += 1
        }
        weights += runWeights
        weightedScores += runScores
        count += runCount
    }

    /// Adds the sum of another part of the same image.
    public mutating func merge(_ other: Self) {
        precondition(temperature == other.temperature, "sums of different temperatures")
        guard other.count > 0 else { return }
        var other = other
        lower(to: other.lowest)
        other.lower(to: lowest)
        weights += other.weights
        weightedScores += other.weightedScores
        count += other.count
    }

    private mutating func lower(to score: Double) {
        guard score < lowest else { return }
        if count > 0 {
            let scale = exp((score - lowest) / temperature)
            weights *= scale
            weightedScores *= scale
        }
        lowest = score
    }

    /// The score; nil without a counted pixel.
    public var score: Double? { count == 0 ? nil : weightedScores / weights }
}
