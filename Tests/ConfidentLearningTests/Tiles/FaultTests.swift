import Testing

@testable import ConfidentLearning

@Suite struct FaultTests {
    static let types: [PlaneType] = [.float16, .float32, .float64]

    func fault(
        _ pixels: [[Double]], _ labels: [Int32]? = nil, _ check: ProbabilityCheck = .normalized,
        type: PlaneType = .float64, path: KernelPath = .widest
    ) -> PixelFault? {
        let zeros = [Int32](repeating: 0, count: pixels.count)
        return scan(Planes(pixels, type: type), labels: labels ?? zeros, check: check, path: path).fault
    }

    struct Case: CustomTestStringConvertible {
        var value: Double
        var fault: ProbabilityFault
        var testDescription: String { "\(value)" }
    }

    @Test(
        "a value that is no probability is found at any place of a tile",
        arguments: [
            Case(value: .nan, fault: .notANumber), Case(value: -.nan, fault: .notANumber),
            Case(value: .infinity, fault: .infinite), Case(value: -.infinity, fault: .infinite),
            Case(value: -0.25, fault: .negative),
        ], [1, 7, 8, 11, 64, 71])
    func anyPlace(bad: Case, count: Int) {
        for type in Self.types {
            for path in KernelPath.available {
                for place in [0, count / 2, count - 1] {
                    for classIndex in 0..<5 {
                        var pixels = [[Double]](repeating: [0.5, 0.25, 0.125, 0.125, 0], count: count)
                        pixels[place][classIndex] = bad.value
                        let found = fault(pixels, type: type, path: path)
                        #expect(found?.fault == bad.fault)
                        #expect(found?.classIndex == classIndex)
                        #expect(found?.pixel == place)
                    }
                }
            }
        }
    }

    @Test("the first pixel's fault is told, and in it NaN before infinite before negative before the sum")
    func order() {
        let good = [0.5, 0.5, 0]
        #expect(fault([good, [-1, .infinity, .nan], [.nan, 0, 0]])?.fault == .notANumber)
        #expect(fault([good, [-1, .infinity, .nan], [.nan, 0, 0]])?.classIndex == 2)
        #expect(
            fault([good, [-1, .infinity, 0], [.nan, 0, 0]])
                == PixelFault(fault: .infinite, classIndex: 1, pixel: 1, value: .infinity))
        #expect(
            fault([good, [3, -1, -2], [.nan, 0, 0]]) == PixelFault(fault: .negative, classIndex: 1, pixel: 1, value: -1)
        )
        #expect(
            fault([good, [3, 0, 0], [.nan, 0, 0]]) == PixelFault(fault: .sum, classIndex: nil, pixel: 1, value: 3))
    }

    @Test(
        "sums may be 0.01 from 1 and no further",
        arguments: [
            (0.991, true), (1.009, true), (0.9901, true), (1.0099, true), (0.989, false), (1.011, false), (0, false),
            (2, false),
        ])
    func sums(sum: Double, isGood: Bool) {
        for path in KernelPath.available {
            for type in [PlaneType.float32, .float64] {
                for count in [1, 8, 9] {
                    let pixels = [[Double]](repeating: [sum / 2, sum / 4, sum / 4], count: count)
                    #expect(fault(pixels, type: type, path: path)?.fault == (isGood ? nil : .sum))
                }
            }
        }
    }

    @Test(
        "ignored pixels are not judged, whatever they hold",
        arguments: [
            Double.nan, .infinity, -.infinity, -1, 0, 70_000,
        ])
    func ignored(value: Double) {
        for type in Self.types {
            for path in KernelPath.available {
                for count in [2, 9, 16] {
                    var pixels = [[Double]](repeating: [0.25, 0.75], count: count)
                    var labels = [Int32](repeating: 1, count: count)
                    for pixel in [0, count - 1] {
                        pixels[pixel] = [value, value]
                        labels[pixel] = -1
                    }
                    let scanned = scan(Planes(pixels, type: type), labels: labels, path: path)
                    #expect(scanned.fault == nil)
                    #expect(scanned.totals.counts == [0, count - 2])
                    #expect(scanned.record.contestedCount == 0)
                    if count > 2 { #expect(scanned.totals.thresholds().values == [nil, 0.75]) }
                }
            }
        }
    }

    @Test("negative zeros are zeros, and pixels beside them are unharmed")
    func negativeZeros() {
        for type in Self.types {
            for count in [3, 8, 13] {
                let pixels = [[Double]](repeating: [-0.0, 1, -0.0], count: count)
                let zeros = [[Double]](repeating: [0, 1, 0], count: count)
                let labels = [Int32](repeating: 2, count: count)
                let negative = scan(Planes(pixels, type: type), labels: labels)
                let positive = scan(Planes(zeros, type: type), labels: labels)
                #expect(negative.fault == nil)
                #expect(negative.totals == positive.totals)
                for rule in FilterRule.local {
                    let thresholds = positive.totals.thresholds()
                    #expect(issues([negative.record], rule, thresholds) == issues([positive.record], rule, thresholds))
                }
            }
        }
    }

    @Test("unnormalized scores may be anything from 0 to 65,504")
    func unnormalized() {
        for type in Self.types {
            #expect(fault([[0, 0], [65_504, 65_504], [3, 1]], check: .unnormalized, type: type) == nil)
            #expect(fault([[-1, 0]], check: .unnormalized, type: type)?.fault == .negative)
            #expect(fault([[.nan, 0]], check: .unnormalized, type: type)?.fault == .notANumber)
            #expect(fault([[0, .infinity]], check: .unnormalized, type: type)?.fault == .infinite)
        }
        for type in [PlaneType.float32, .float64] {
            let found = fault([[1, 2], [3, 65_505]], check: .unnormalized, type: type)
            #expect(found == PixelFault(fault: .tooLarge, classIndex: 1, pixel: 1, value: 65_505))
        }
    }

    private func fault(_ pixels: [[Double]], check: ProbabilityCheck, type: PlaneType) -> PixelFault? {
        fault(pixels, nil, check, type: type)
    }
}
