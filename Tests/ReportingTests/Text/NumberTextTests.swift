import Testing

@testable import Reporting

@Suite struct NumberTextTests {
    @Test(
        "thousands are grouped by commas",
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (999_999, "999,999"),
            (1_000_000, "1,000,000"), (-1, "-1"), (-999, "-999"), (-1234, "-1,234"),
            (Int.max, "9,223,372,036,854,775,807"), (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func groups(value: Int, text: String) { #expect(grouped(value) == text) }

    @Test(
        "decimals are fixed, halves away from zero",
        arguments: [
            (0, 2, "0.00"), (1.005, 1, "1.0"), (0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (0.999, 2, "1.00"),
            (99.995, 1, "100.0"),
            (0.5, 0, "1"), (2.5, 0, "3"), (0.4, 0, "0"), (-0.001, 2, "0.00"), (-0.0, 1, "0.0"), (1234.5, 3, "1234.500"),
            (0.05, 4, "0.0500"), (1e-9, 4, "0.0000"), (123_456_789, 4, "123456789.0000"),
            (1e14, 1, "100000000000000.0"),
        ] as [(Double, Int, String)])
    func decimals(value: Double, decimals: Int, text: String) { #expect(fixed(value, decimals: decimals) == text) }

    @Test(
        "what has no fixed form is printed as it is",
        arguments: [
            (Double.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"), (1e300, "1e+300"),
        ])
    func unfixable(value: Double, text: String) { #expect(fixed(value, decimals: 2) == text) }

    @Test(
        "rates are percentages of two decimals, four where they are small",
        arguments: [
            (0, "0.00 %"), (1, "100.00 %"), (0.5, "50.00 %"), (0.1234567, "12.35 %"), (0.001, "0.10 %"),
            (0.00099, "0.0990 %"),
            (0.0000123, "0.0012 %"), (0.00000001, "0.0000 %"), (0.99999, "100.00 %"),
        ])
    func rates(rate: Double, text: String) { #expect(percent(rate) == text) }

    @Test(
        "counts in four characters",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1k"), (1249, "1.2k"), (9949, "9.9k"), (9950, "10k"), (99_499, "99k"),
            (999_499, "999k"), (999_500, "1M"), (3_400_000, "3.4M"), (2_000_000_000, "2G"),
        ])
    func compactCounts(count: Int, text: String) {
        #expect(compact(count) == text)
    }

    @Test(
        "fractions show two of their digits",
        arguments: [
            (0.5, "0.5000"), (0.12345, "0.1235"), (0, "0.0000"), (0.00012, "0.00012"), (1.26e-6, "0.0000013"),
            (1, "1.0000"),
        ])
    func fractions(value: Double, text: String) {
        #expect(fraction(value) == text)
    }

    @Test("nouns follow their count", arguments: [(0, "0 issues"), (1, "1 issue"), (1200, "1,200 issues")])
    func nouns(count: Int, text: String) {
        #expect(counted(count, "issue") == text)
    }

    @Test(
        "sizes are in powers of 1,000",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9950, "10 kB"), (999_499, "999 kB"),
            (999_500, "1.0 MB"), (8_900_000_000, "8.9 GB"), (1_234_000_000_000, "1.2 TB"),
        ])
    func sizes(bytes: Int, text: String) { #expect(byteSize(bytes) == text) }
}
