import NumPyFiles
import TestSupport
import Testing

/// Chunks are written as members and read back by zlib, which shares no code with what deflated them.
@Suite struct DeflateTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func roundTrip(_ pieces: [[UInt8]]) throws -> [UInt8] {
        let header = ArrayHeader(dtype: UInt8.dtype, shape: [pieces.reduce(0) { $0 + $1.count }])
        let writer = try ArchiveWriter(.file(path: folder("a.npz")), compression: .deflated)
        try writer.begin(key: "a", header: header)
        for piece in pieces { try writer.append(DeflatedChunk(piece, compression: .deflated)) }
        try writer.end()
        try writer.commit()
        let file = try ArrayFile(path: folder("a.npz"))
        let stream = try file.stream(file.arrays[0])
        var bytes: [UInt8] = []
        try stream.read(count: header.byteCount, into: &bytes)
        #expect(try stream.finish() == 0)
        return bytes
    }

    @Test("runs of every length up to and past two longest matches come back", arguments: [0, 1, 255] as [UInt8])
    func runs(value: UInt8) throws {
        // One run a piece; a longest match is 258 bytes, after a first byte as it is.
        let pieces = (0...600).map { [UInt8](repeating: value, count: $0) }
        #expect(try roundTrip(pieces) == pieces.flatMap { $0 })
    }

    @Test("a run beside another of every length comes back")
    func neighbours() throws {
        var bytes: [UInt8] = []
        for length in 0...600 {
            bytes += [UInt8](repeating: 1, count: length) + [UInt8](repeating: 0, count: 600 - length)
        }
        #expect(try roundTrip([bytes]) == bytes)
    }

    struct Noise: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let count: Int
        let byte: @Sendable (inout SplitMix, Int) -> UInt8
    }

    @Test(
        "noise comes back",
        arguments: [
            Noise(testDescription: "nothing", count: 0) { _, _ in 0 },
            Noise(testDescription: "one byte", count: 1) { _, _ in 1 },
            Noise(testDescription: "even bits", count: 60_000) { generator, _ in UInt8(generator.next() & 1) },
            Noise(testDescription: "one in fifty", count: 200_000) { generator, _ in generator.next() % 50 == 0 ? 1 : 0
            },
            Noise(testDescription: "all values", count: 100_000) { generator, _ in
                UInt8(truncatingIfNeeded: generator.next())
            },
            Noise(testDescription: "all values, far more often small", count: 60_000) { generator, _ in
                UInt8(truncatingIfNeeded: generator.next().trailingZeroBitCount * 9)
            },
            Noise(testDescription: "classes in runs", count: 60_000) { _, index in UInt8(index / 37 % 19) },
            Noise(testDescription: "all values in turn", count: 60_000) { _, index in UInt8(truncatingIfNeeded: index)
            },
        ])
    func noise(row: Noise) throws {
        var generator = SplitMix(seed: 11)
        let bytes = (0..<row.count).map { row.byte(&generator, $0) }
        #expect(try roundTrip([bytes]) == bytes)
        let half = row.count / 2
        #expect(try roundTrip([Array(bytes[..<half]), [], Array(bytes[half...])]) == bytes)
    }

    @Test("counts that make the deepest code still give one that deflate allows")
    func deepCode() throws {
        // Fibonacci's numbers as counts make Huffman's tree a chain, as deep as there are values: here 18, 15 are allowed.
        var bytes: [UInt8] = []
        var (a, b) = (1, 1)
        for value in 0..<18 {
            for _ in 0..<a { bytes += [UInt8(value), 200] }
            (a, b) = (b, a + b)
        }
        #expect(try roundTrip([bytes]) == bytes)
    }

    // Bits by hand, with codes of 1, 2 and 2 bits and 1 for the distance: a match of 258 takes 2, so 1,032 times less, but
    // for the block's table; a one among seven zeros at most 1 + 2 + 2 + 2 for 64 bits; two values in turn 3 for 16 bits.
    @Test(
        "masks shrink, and nothing grows by more than a thousandth and the smallest chunk",
        arguments: [
            ([0], 900.0), ([1], 900), ([0, 0, 0, 0, 0, 0, 0, 1], 9), ([7, 9], 5.2),
        ] as [([UInt8], Double)])
    func ratio(pattern: [UInt8], least: Double) {
        let bytes = (0..<1 << 18).map { pattern[$0 % pattern.count] }
        #expect(Double(bytes.count) / Double(DeflatedChunk(bytes, compression: .deflated).bytes.count) > least)
        var generator = SplitMix(seed: 3)
        let noise = bytes.map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        #expect(DeflatedChunk(noise, compression: .deflated).bytes.count <= noise.count + noise.count / 1000 + 16)
    }
}
