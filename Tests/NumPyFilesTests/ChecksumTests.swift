import NumPyFiles
import TestSupport
import Testing

@Suite struct ChecksumTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("the CRC-32 is that of its definition for every length to 1,900 at every alignment")
    func lengths() {
        let bytes = (0..<1_920).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 7) }
        for start in 0..<16 {
            var crc: UInt32 = 0xFFFF_FFFF
            for count in 0...1_900 {
                let part = bytes.span.extracting(start..<start + count)
                #expect(DeflatedChunk(part, compression: .stored).crc == ~crc, "\(count) bytes from \(start)")
                crc ^= UInt32(bytes[start + count])
                for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
            }
        }
    }

    @Test("the CRC-32 of parts in any order is that of the whole")
    func parts() throws {
        let member = ZipMember("a.npy", countingNPY([3000]))
        let file = try ArrayFile(path: try folder.write(ZipBuilder([member]).bytes, to: "a.npz"))
        let array = try #require(try file.mapped(file.arrays[0]))
        let size = array.checksummedByteCount
        #expect(size == member.data.count)
        var generator = SplitMix(seed: 7)
        for _ in 0..<100 {
            let cuts = ([0, size] + (0..<5).map { _ in Int.random(in: 0...size, using: &generator) }).sorted()
            var parts = zip(cuts, cuts.dropFirst()).map { array.checksum($0..<$1) }
            parts.shuffle(using: &generator)
            try array.verify(parts)
        }
    }
}

@Suite struct JoinedChecksumTests {
    @Test("parts that come in any order are one when all are there, and never more than lie apart")
    func anyOrder() throws {
        let folder = try TemporaryFolder()
        let member = ZipMember("a.npy", countingNPY([5000]))
        let file = try ArrayFile(path: try folder.write(ZipBuilder([member]).bytes, to: "a.npz"))
        let array = try #require(try file.mapped(file.arrays[0]))
        let size = array.checksummedByteCount
        var generator = SplitMix(seed: 12)
        for count in [1, 2, 3, 10, 100] {
            let cuts = ([0, size] + (1..<count).map { _ in Int.random(in: 0...size, using: &generator) }).sorted()
            var parts = zip(cuts, cuts.dropFirst()).map { array.checksum($0..<$1) }
            parts.shuffle(using: &generator)
            var joined = JoinedChecksums()
            var added: [PartialChecksum] = []
            for part in parts {
                joined.add(part)
                added.append(part)
                let ends = Set(added.filter { !$0.range.isEmpty }.map(\.range.upperBound))
                let apart = added.count { !$0.range.isEmpty && !ends.contains($0.range.lowerBound) }
                #expect(joined.parts.count == apart)
            }
            #expect(joined.parts == [array.checksum(0..<size)])
            try array.verify(joined.parts)
        }
    }

    @Test("a part that grows has the CRC-32 of all of it")
    func growing() throws {
        let folder = try TemporaryFolder()
        let file = try ArrayFile(
            path: try folder.write(ZipBuilder([ZipMember("a.npy", countingNPY([900]))]).bytes, to: "a.npz"))
        let array = try #require(try file.mapped(file.arrays[0]))
        var part = PartialChecksum(from: 100)
        for end in [100, 101, 300, 900] {
            array.extend(&part, to: end)
            #expect(part == array.checksum(100..<end))
        }
    }
}
