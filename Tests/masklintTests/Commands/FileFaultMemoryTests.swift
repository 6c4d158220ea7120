import Foundation
import TestSupport
import Testing

/// Files whose claims are far beyond what they hold, read under a limit of memory.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["MASKLINT_SANITIZER"] == nil,
        "a sanitizer's own memory is beyond the limit"))
struct FileFaultMemoryTests {
    /// A run over the sample takes some 18 MiB; 64 MiB above that is what any file may cost.
    static let limitKilobytes = (16 + 64) * 1024

    static let labels = npy(header: npyDict("|u1", [1, 2, 3]), data: [0, 1, 0, 1, 0, 1])

    struct Claim: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        var size: Int?
        var status: Int32 = 2
        let words: String

        init(_ description: String, _ bytes: [UInt8], size: Int? = nil, status: Int32 = 2, _ words: String) {
            (testDescription, self.bytes, self.size, self.status, self.words) = (
                description, bytes, size, status, words
            )
        }

        init(_ description: String, _ member: ZipMember, status: Int32 = 2, _ words: String) {
            self.init(description, ZipBuilder([member]).bytes, status: status, words)
        }
    }

    static let tail = 40 << 20
    static let bomb = ZipMember("labels.npy", labels, method: 8)
        .with(\.stored, deflatedZeros(after: labels, count: tail)).with(\.size, UInt64(labels.count + tail))
        .with(\.crc, crc32(slowCRC32(labels), thenZeros: tail))
    static let wide = npy(header: npyDict("|u1", [1, 1 << 10, tail >> 10]))

    @Test(
        "no claim of a file takes memory that the file does not back",
        arguments: [
            Claim(
                "header of 4 GiB", npy(header: "{}", version: (2, 0), statedLength: 0xFFFF_FFFF),
                "ends within its NPY header"),
            Claim(
                "header of 2 GiB that is there", npy(header: "{}", version: (2, 0), statedLength: 1 << 31),
                size: 3 << 30, "at most 10000 are read"),
            Claim(
                "shape of 10^12", npy(header: npyDict("|u1", [1, 1_000_000, 1_000_000])),
                "its shape (1, 1000000, 1000000) needs 1000000000000"),
            Claim(
                "shape of 2^62", npy(header: npyDict("|u1", [1, 1 << 31, 1 << 31])),
                "its shape (1, 2147483648, 2147483648) needs 4611686018427387904"),
            Claim("shape past 2^63", npy(header: npyDict("|u1", [1 << 40, 1 << 40, 1])), "shape is too large"),
            Claim(
                "one member of 1 TiB",
                ZipMember("labels.npy", labels, method: 8).with(\.isZip64, true).with(\.size, 1 << 40), "sizes disagree"
            ),
            Claim(
                "one stored member of 1 TiB",
                ZipMember("labels.npy", labels).with(\.isZip64, true).with(\.size, 1 << 40).with(
                    \.compressedSize, 1 << 40), "do not fit"),
            Claim(
                "shape of 10^12 in a member",
                ZipMember("labels.npy", npy(header: npyDict("|u1", [1, 1_000_000, 1_000_000])), method: 8),
                "its shape (1, 1000000, 1000000) needs 1000000000000"),
            Claim(
                "2^60 members", ZipBuilder([bomb]).with(\.hasZip64End, true).with(\.statedCount, 1 << 60).bytes,
                "the end record says 1152921504606846976"),
            Claim(
                "directory of 2^62 bytes",
                ZipBuilder([bomb]).with(\.hasZip64End, true).with(\.statedDirectorySize, 1 << 62).bytes,
                "central directory would end at byte"),
            Claim("40 MiB after the array", bomb, status: 0, "labels[labels.npy]: 41943040 bytes after the array"),
            Claim(
                "40 MiB of array",
                bomb.with(\.data, wide).with(\.stored, deflatedZeros(after: wide, count: tail)).with(
                    \.size, UInt64(wide.count + tail)
                ).with(\.crc, nil), "(1, 1024, 40960)"),
            Claim(
                "64 GiB of holes", npy(header: npyDict("|u1", [1, 1 << 18, 1 << 18])), size: 65 << 30,
                "(1, 262144, 262144)"),
        ])
    func claims(claim: Claim) throws {
        let folder = try TemporaryFolder()
        let labels = try folder.write(claim.bytes, to: "labels")
        if let size = claim.size { try setSize(of: labels, to: size) }
        let probabilities = (0..<12).flatMap { _ in little(Float(0.5).bitPattern, 4) }
        let predProbs = try folder.write(
            npy(header: npyDict("<f4", [1, 2, 2, 3]), data: probabilities), to: "pred_probs.npy")
        let result = try Tool.run(
            ["find", "-l", labels, "-p", predProbs, "-o", folder("issues.npz")],
            before: "ulimit -d \(Self.limitKilobytes)")
        #expect(result.status == claim.status, "\(result.errors)")
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains(claim.words), "\(result.errors)")
        #expect(try folder.names.count == (claim.status == 0 ? 3 : 2))
    }

    @Test("a file that the address space cannot hold is streamed")
    func noAddressSpace() throws {
        let folder = try TemporaryFolder()
        // All zeros are no probabilities, which the first pixel shows.
        let labels = try folder.write(npy(header: npyDict("|u1", [1 << 12, 1 << 8, 1 << 8])), to: "labels.npy")
        let predProbs = try folder.write(
            npy(header: npyDict("<f4", [1 << 12, 2, 1 << 8, 1 << 8])), to: "pred_probs.npy")
        try setSize(of: labels, to: 1 << 29)
        try setSize(of: predProbs, to: 1 << 32)
        let result = try Tool.run(
            ["find", "-l", labels, "-p", predProbs, "-o", folder("issues.npz")], before: "ulimit -v \(1 << 21)")
        #expect(result.status == 2)
        #expect(
            result.errors.contains("\(predProbs): no prediction at image 0 row 0 column 0"),
            "\(result.errors)")
    }
}
