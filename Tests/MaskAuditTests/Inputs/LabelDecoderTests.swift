import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit

@Suite struct LabelDecoderTests {
    static let dtypes: [(String, DType)] =
        [
            ("|i1", DType(kind: .signedInteger, byteCount: 1)), ("|u1", DType(kind: .unsignedInteger, byteCount: 1)),
        ]
        + ["<", ">"].flatMap { order in
            [("i", DType.Kind.signedInteger), ("u", .unsignedInteger), ("f", .float)].flatMap { letter, kind in
                [2, 4, 8].map {
                    (order + letter + String($0), DType(kind: kind, byteCount: $0, isBigEndian: order == ">"))
                }
            }
        }

    func decode(
        _ bytes: [UInt8], _ dtype: DType, classCount: Int = 5, ignored: Set<Int> = [], map: [Int: LabelTarget] = [:],
        offset: Int = 0, stride: Int = 1, count: Int? = nil
    ) -> Result<[Int32], LabelFault> {
        var plan = DatasetPlan(labels: InputSelection(paths: []), predProbs: InputSelection(paths: []))
        (plan.ignoredLabels, plan.labelMap) = (Array(ignored), map)
        let decoder = LabelDecoder(
            dtype: dtype, mapping: LabelMapping(plan, classCount: classCount, fileClassCount: classCount))
        var labels: [Int32] = [77]
        do throws(LabelFault) {
            try unsafe decoder.decode(
                bytes.span.bytes, offset: offset, stride: stride, count: count ?? bytes.count / dtype.byteCount,
                into: &labels)
            return .success(labels)
        } catch {
            return .failure(error)
        }
    }

    @Test("every dtype and byte order is read", arguments: dtypes.map(\.0))
    func everyType(descr: String) throws {
        let dtype = try #require(Self.dtypes.first { $0.0 == descr }?.1)
        #expect(dtype.descr == descr)
        let bytes = [3.0, 0, 4, 1, 2].flatMap { elementBytes($0, descr) }
        #expect(decode(bytes, dtype) == .success([3, 0, 4, 1, 2]))
        #expect(decode(bytes, dtype, offset: 1, stride: 2, count: 2) == .success([0, 1]))
        let bad = [1.0, 5].flatMap { elementBytes($0, descr) }
        #expect(decode(bad, dtype) == .failure(LabelFault(kind: .outOfRange, pixel: 1, value: "5", integer: 5)))
        #expect(decode(bad, dtype, ignored: [5]) == .success([1, -1]))
    }

    @Test("negative values are ignored or faults", arguments: dtypes.map(\.0).filter { !$0.contains("u") })
    func negative(descr: String) throws {
        let dtype = try #require(Self.dtypes.first { $0.0 == descr }?.1)
        let bytes = [-1.0, 1].flatMap { elementBytes($0, descr) }
        #expect(decode(bytes, dtype) == .failure(LabelFault(kind: .outOfRange, pixel: 0, value: "-1", integer: -1)))
        #expect(decode(bytes, dtype, ignored: [-1]) == .success([-1, 1]))
        #expect(decode(bytes, dtype, map: [-1: 4]) == .success([4, 1]))
    }

    @Test("any byte of a bool but 0 is true")
    func bools() {
        let bool = DType(kind: .bool, byteCount: 1)
        #expect(decode([0, 1, 2, 255], bool) == .success([0, 1, 1, 1]))
        #expect(
            decode([0, 1], bool, classCount: 1)
                == .failure(LabelFault(kind: .outOfRange, pixel: 1, value: "1", integer: 1)))
        #expect(decode([0, 1], bool, ignored: [0]) == .success([-1, 1]))
    }

    @Test("the ends of 64-bit integers are told as they are, in either byte order", arguments: [false, true])
    func ends(isBigEndian: Bool) {
        func bytes(_ bits: UInt64) -> [UInt8] { isBigEndian ? little(bits, 8).reversed() : little(bits, 8) }
        let unsigned = DType(kind: .unsignedInteger, byteCount: 8, isBigEndian: isBigEndian)
        let signed = DType(kind: .signedInteger, byteCount: 8, isBigEndian: isBigEndian)
        for bits: UInt64 in [.max, 1 << 63, 1 << 63 + 1] {
            #expect(
                decode(bytes(bits), unsigned)
                    == .failure(LabelFault(kind: .outOfRange, pixel: 0, value: "\(bits)", integer: nil)))
        }
        #expect(decode(bytes(UInt64(Int64.max)), unsigned, ignored: [Int.max]) == .success([-1]))
        #expect(
            decode(bytes(1 << 63), signed)
                == .failure(LabelFault(kind: .outOfRange, pixel: 0, value: "\(Int64.min)", integer: Int.min)))
        #expect(decode(bytes(1 << 63), signed, ignored: [Int.min]) == .success([-1]))
        // 2^32 + 1 is not 1.
        #expect(
            decode(bytes(1 << 32 + 1), signed)
                == .failure(LabelFault(kind: .outOfRange, pixel: 0, value: "4294967297", integer: 1 << 32 + 1)))
    }

    @Test("floats are whole numbers", arguments: [0.5, .nan, .infinity, -.infinity, 1e300, 0x1p63, -0.25])
    func floats(value: Double) {
        let double = DType(kind: .float, byteCount: 8)
        let bytes = [2, value].flatMap { elementBytes($0, "<f8") }
        #expect(
            decode(bytes, double)
                == .failure(LabelFault(kind: .notAnInteger, pixel: 1, value: "\(value)", integer: nil)))
        #expect(decode(elementBytes(-0.0, "<f8") + elementBytes(4, "<f8"), double) == .success([0, 4]))
    }

    @Test("values are mapped once, then ignored, then checked")
    func mapping() {
        let byte = DType(kind: .unsignedInteger, byteCount: 1)
        #expect(decode([255, 0, 1], byte, map: [255: 1, 1: 0]) == .success([1, 0, 0]))
        #expect(decode([255, 3], byte, ignored: [3], map: [255: 3]) == .success([-1, -1]))
        #expect(decode([3, 4], byte, ignored: [3], map: [3: 4]) == .success([4, 4]))
        #expect(
            decode([2], byte, map: [2: 9]) == .failure(LabelFault(kind: .outOfRange, pixel: 0, value: "2", integer: 2)))
    }

    @Test("more classes than fit a byte", arguments: [300, 65_535])
    func manyClasses(classCount: Int) {
        let word = DType(kind: .unsignedInteger, byteCount: 4)
        let bytes = little(classCount - 1, 4) + little(256, 4)
        #expect(decode(bytes, word, classCount: classCount) == .success([Int32(classCount - 1), 256]))
        #expect(
            decode(little(classCount, 4), word, classCount: classCount)
                == .failure(LabelFault(kind: .outOfRange, pixel: 0, value: "\(classCount)", integer: classCount)))
    }

    @Test("an ignored value inside 0..<K is ignored, and the classes beside it are not")
    func ignoredClass() {
        let byte = DType(kind: .unsignedInteger, byteCount: 1)
        #expect(decode([0, 1, 2, 3], byte, ignored: [0, 2]) == .success([-1, 1, -1, 3]))
    }

    @Test("nothing gives nothing")
    func nothing() { #expect(decode([], DType(kind: .float, byteCount: 4)) == .success([])) }
}
