/// What a gate allows or finds: a share of counted pixels, or a count.
public enum GateFigure: Sendable, Equatable {
    case rate(Double)
    case count(Int)

    /// A limit as it is written: `2%`, 0, 1 or a number with a point or an exponent is a rate; a whole number from 2 is
    /// a count of flagged pixels.
    ///
    /// **Edge cases.** Nil for what is neither: rates below 0, above 1 or no number.
    public init?(_ text: String) {
        if let whole = Int(text), whole > 1 {
            self = .count(whole)
            return
        }
        guard let rate = Self.rate(text) else { return nil }
        self = .rate(rate)
    }

    /// A rate from 0 to 1, or a percentage with its sign; nil for anything else.
    public static func rate(_ text: String) -> Double? {
        let isPercentage = text.hasSuffix("%")
        let digits = isPercentage ? String(text.dropLast()) : text
        // Double also reads hexadecimal, infinity and NaN.
        guard digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let number = Double(digits) else {
            return nil
        }
        let rate = isPercentage ? number / 100 : number
        return rate >= 0 && rate <= 1 ? rate : nil
    }

    /// Whether this is more than a limit of the same kind.
    func isAbove(_ limit: GateFigure) -> Bool {
        switch (self, limit) {
        case (.rate(let value), .rate(let most)): value > most
        case (.count(let value), .count(let most)): value > most
        default: false
        }
    }

    /// What a limit is held against, in its kind.
    init(issues: Int, of pixels: Int, as limit: GateFigure) {
        switch limit {
        case .rate: self = .rate(pixels == 0 ? 0 : Double(issues) / Double(pixels))
        case .count: self = .count(issues)
        }
    }
}
