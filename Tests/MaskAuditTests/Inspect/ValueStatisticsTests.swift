import MaskAudit
import NumPyFiles
import TestSupport
import Testing

@Suite struct ValueStatisticsTests {
    /// Elements as bytes, and what is to be found; worked out by hand from the bit patterns.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var dtype: DType
        var bytes: [UInt8]
        var minimum: ValueStatistics.Value?
        var maximum: ValueStatistics.Value?
        var occurrences: [Int: Int]?
        var nanCount = 0
        var infiniteCount = 0
    }

    private static func little<Value: BinaryInteger>(_ values: [Value], _ size: Int) -> [UInt8] {
        values.flatMap { TestSupport.little($0, size) }
    }

    static let cases: [Case] = [
        Case(
            testDescription: "bool, where any byte but 0 is true", dtype: DType(kind: .bool, byteCount: 1),
            bytes: [0, 1, 7],
            minimum: .integer(0), maximum: .integer(1), occurrences: [0: 1, 1: 2]),
        Case(
            testDescription: "int8", dtype: DType(kind: .signedInteger, byteCount: 1), bytes: [0xFF, 0x80, 3, 3],
            minimum: .integer(-128), maximum: .integer(3), occurrences: [-128: 1, -1: 1, 3: 2]),
        Case(
            testDescription: "big-endian uint16", dtype: DType(kind: .unsignedInteger, byteCount: 2, isBigEndian: true),
            bytes: [1, 0, 0, 1], minimum: .integer(1), maximum: .integer(256), occurrences: [1: 1, 256: 1]),
        Case(
            testDescription: "int32", dtype: DType(kind: .signedInteger, byteCount: 4),
            bytes: little([-100, 5, 70_000, 5], 4),
            minimum: .integer(-100), maximum: .integer(70_000), occurrences: [-100: 1, 5: 2, 70_000: 1]),
        Case(
            testDescription: "uint64 beyond int64", dtype: DType(kind: .unsignedInteger, byteCount: 8),
            bytes: little([UInt64(2), UInt64(1) << 63], 8), minimum: .integer(2),
            maximum: .real(9_223_372_036_854_775_808)),
        Case(
            // 0x3E00 is 1.5, 0x7C00 infinity, 0x7E00 NaN, 0x8000 minus zero.
            testDescription: "float16", dtype: DType(kind: .float, byteCount: 2),
            bytes: little([0x3E00, 0x7C00, 0x7E00, 0x8000], 2), minimum: .real(0), maximum: .real(1.5), nanCount: 1,
            infiniteCount: 1),
        Case(
            testDescription: "whole float32", dtype: DType(kind: .float, byteCount: 4),
            bytes: little([Float(0).bitPattern, Float(11).bitPattern, Float(11).bitPattern], 4), minimum: .real(0),
            maximum: .real(11), occurrences: [0: 1, 11: 2]),
        Case(
            testDescription: "big-endian float64", dtype: DType(kind: .float, byteCount: 8, isBigEndian: true),
            bytes: little([Double(-0.25).bitPattern.byteSwapped, Double(8).bitPattern.byteSwapped], 8),
            minimum: .real(-0.25), maximum: .real(8)),
        Case(testDescription: "nothing", dtype: DType(kind: .float, byteCount: 4), bytes: []),
    ]

    @Test("extremes and counts are exact, however the array is cut", arguments: cases)
    func exact(_ one: Case) {
        var whole = ValueStatistics(dtype: one.dtype)
        var cut = ValueStatistics(dtype: one.dtype)
        whole.add(one.bytes)
        for start in stride(from: 0, to: one.bytes.count, by: one.dtype.byteCount) {
            cut.add(Array(one.bytes[start..<start + one.dtype.byteCount]))
        }
        whole.finish()
        cut.finish()
        #expect(whole == cut)
        #expect(whole.minimum == one.minimum && whole.maximum == one.maximum)
        #expect(whole.nanCount == one.nanCount && whole.infiniteCount == one.infiniteCount)
        #expect(whole.count == one.bytes.count / one.dtype.byteCount)
        if let occurrences = one.occurrences {
            #expect(
                whole.occurrences.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.value, $0.count) }) }
                    == occurrences)
        } else {
            #expect(whole.occurrences?.isEmpty ?? true)
        }
    }

    @Test("too many different values are no longer counted")
    func limit() {
        for (distinct, isCounted) in [(10, true), (11, false)] {
            var statistics = ValueStatistics(dtype: DType(kind: .signedInteger, byteCount: 4), distinctLimit: 10)
            statistics.add(Self.little((0..<distinct).map { $0 * 1000 }, 4))
            statistics.finish()
            #expect((statistics.occurrences != nil) == isCounted)
            #expect(statistics.maximum == .integer((distinct - 1) * 1000))
        }
    }
}
