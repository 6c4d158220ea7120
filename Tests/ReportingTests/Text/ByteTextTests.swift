import TestSupport
import Testing

@testable import Reporting

@Suite struct ByteTextTests {
    @Test("whole numbers have all their digits")
    func integers() {
        var random = SplitMix(seed: 21)
        var numbers = [
            0, 9, 10, -1, -10, Int.max, Int.min, 99_999_999, 100_000_000, 123_456_789, 10_000_000_000_000_000,
        ]
        for bits in 1..<63 { numbers.append(random.below(1 << bits) * (bits % 2 == 0 ? 1 : -1)) }
        for number in numbers {
            var text = ByteText()
            text.append(number)
            #expect(String(decoding: text.bytes, as: UTF8.self) == "\(number)")
        }
    }

    @Test("sixty-fourths have six decimals, digit by digit")
    func sixtyFourths() {
        // 1 / 64 = 0.015625.
        var random = SplitMix(seed: 5)
        for _ in 0..<500 {
            let number = random.below(1 << (1 + random.below(38)))
            let millionths = number * 15_625
            let digits = String(String(1_000_000 + millionths % 1_000_000).dropFirst())
            #expect(fixed(Double(number) / 64, decimals: 6) == "\(millionths / 1_000_000).\(digits)")
        }
    }

    @Test("more decimals than fit in one step are filled up in front")
    func decimals() {
        // 2^-10 = 0.0009765625, exact; and 12345678.5 has its fraction in front of nine zeros.
        #expect(fixed(0.0009765625, decimals: 10) == "0.0009765625")
        #expect(fixed(12_345_678.5, decimals: 7) == "12345678.5000000")
        #expect(fixed(-0.25, decimals: 9) == "-0.250000000")
    }
}
