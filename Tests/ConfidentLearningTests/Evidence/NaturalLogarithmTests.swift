import ConfidentLearning
import Testing

@Suite struct NaturalLogarithmTests {
    /// NumPy's logarithms of these numbers.
    static let references: [(Double, Double)] = [
        (1e-9, -20.72326583694641), (1e-6, -13.815510557964274), (0.5, -0.6931471805599453),
        (0.75, -0.2876820724517809), (1.4142135623730951, 0.3465735902799727), (2, 0.6931471805599453),
        (3, 1.0986122886681098), (10, 2.302585092994046), (43200, 10.673595774232203), (1e9, 20.72326583694641),
    ]

    @Test("logarithms are NumPy's, to two units in the last place", arguments: references)
    func agreement(number: Double, logarithm: Double) {
        #expect(abs(naturalLogarithm(number) - logarithm) <= 2 * logarithm.ulp)
    }

    @Test("the logarithm of 1 is 0, and that of a quotient the difference, for whatever exponents")
    func identities() {
        #expect(naturalLogarithm(1) == 0)
        for exponent in stride(from: -1070, through: 1020, by: 55) {
            let power = Double(sign: .plus, exponent: exponent, significand: 1)
            #expect(abs(naturalLogarithm(power) - Double(exponent) * 0.6931471805599453) < 1e-12)
        }
    }
}
